// What the readers of this room throw.

import type { Span } from "./json.ts";

/** Something is not what the protocol describes; `field` is named as the wire spells it. */
export class Refused extends Error {
  override name = "Refused";
  readonly field: string;
  readonly expected: string;
  /** Where in the text that was read the fault lies, in UTF-16 offsets; null: all of it. */
  readonly span: Span | null;
  constructor(field: string, expected: string, span: Span | null = null) {
    super(`${field}: expected ${expected}`);
    this.field = field;
    this.expected = expected;
    this.span = span;
  }
}
