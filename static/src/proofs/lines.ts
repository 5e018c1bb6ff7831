// A file as JSON, to the letter: one document of a bounded length, or JSON Lines.
// As webapp/protocol/proofs/json_text.py reads it.

import type { Json } from "./json.ts";
import { JsonError, readJson } from "./json.ts";
import { isWellFormed, printable } from "./members.ts";
import { Refused } from "./refused.ts";

/** The longest file, in bytes: a page holds all of it. `countersign verify` takes JSON Lines of any length. */
export const MAX_FILE = 32 * 1024 * 1024;
/** The longest JSON document, in bytes. */
export const MAX_DOCUMENT = 4 * 1024 * 1024;
/** The longest line of JSON Lines after the first, in bytes. */
export const MAX_LINE = 64 * 1024;

const LINE_FEED = 0x0a;
const BLANK = [0x20, 0x09, 0x0d, LINE_FEED];

/** What a file begins with, and its exact text; where other lines follow, the values of all of them. */
export interface Read {
  text: string;
  value: Json;
  lines: Iterable<Json> | null;
}

/**
 * Reads a file's first line where that is a JSON value by itself, else all of the file; `lines` are read as they are
 * asked for. Throws `Refused` for what is no JSON, or too long.
 */
export function readFile(given: string | Uint8Array<ArrayBuffer>): Read {
  const file = new Lines(given);
  const first = file.next(MAX_DOCUMENT);
  if (first === null) throw new Refused("file", "at least one proof, as JSON; it is empty");
  let read: { text: string; value: Json };
  try {
    read = decode(first);
  } catch (error) {
    if (!(error instanceof Refused) || !file.more) throw error;
    return { ...decode(file.from(first)), lines: null };
  }
  const second = file.next(MAX_LINE);
  return { ...read, lines: second === null ? null : linesOf(read.value, second, file) };
}

function* linesOf(first: Json, second: Uint8Array<ArrayBuffer>, file: Lines): Iterable<Json> {
  yield first;
  for (let line: Uint8Array<ArrayBuffer> | null = second; line !== null; line = file.next(MAX_LINE)) yield decode(line).value;
}

class Lines {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(given: string | Uint8Array<ArrayBuffer>) {
    if (typeof given === "string" && !isWellFormed(given)) throw new Refused("file", "UTF-8");
    this.#bytes = typeof given === "string" ? new TextEncoder().encode(given) : given;
    if (this.#bytes.length > MAX_FILE) throw new Refused("file", `at most ${MAX_FILE} bytes; countersign verify takes JSON Lines of any length`);
  }

  get more(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** The next line that is not blank; null at the end. So much that is blank is no file of proofs. */
  next(most: number): Uint8Array<ArrayBuffer> | null {
    let blank = 0;
    while (this.more) {
      const end = this.#bytes.indexOf(LINE_FEED, this.#at);
      const line = within(this.#bytes.subarray(this.#at, end < 0 ? undefined : end + 1), most);
      this.#at += line.length;
      if (!line.every((byte) => BLANK.includes(byte))) return line;
      blank += line.length;
      if (blank > MAX_LINE) throw new Refused("file", `at most ${MAX_LINE} bytes of blank lines on end`);
    }
    return null;
  }

  /** All of the file from the line that was read last. */
  from(line: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const rest = this.#bytes.subarray(this.#at - line.length);
    this.#at = this.#bytes.length;
    return within(rest, MAX_DOCUMENT);
  }
}

function within(bytes: Uint8Array<ArrayBuffer>, most: number): Uint8Array<ArrayBuffer> {
  if (bytes.length <= most) return bytes;
  throw new Refused("file", `at most ${MAX_DOCUMENT} bytes of JSON, or JSON Lines of at most ${MAX_LINE} bytes`);
}

function decode(bytes: Uint8Array<ArrayBuffer>): { text: string; value: Json } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("file", "UTF-8");
  }
  try {
    return { text, value: readJson(text).value };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (error.rule === "members") throw new Refused(printable(error.member), error.expected);
    if (error.rule === "digits" || error.rule === "numbers") throw new Refused("sequence", "an integer from 1, within int64");
    throw new Refused("file", error.rule === "nesting" ? "JSON that nests as little as a proof does" : error.expected);
  }
}
