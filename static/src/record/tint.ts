// Whose each piece of a text is: an ink is an actor. The exact text cut into runs, nothing added and nothing left out.

import type { Actor, Part } from "../state/types.ts";
import { tokensOf } from "./json-tokens.ts";

export type Ink = Actor | "key";
/** `[text, ink]`; without an ink it is nobody's in particular. */
type Run = readonly [text: string, ink: Ink | null];

/** Who says, makes or names what stands under this name. */
const MEMBERS = new Map<string, Actor>([
  ['"address"', "wallet"],
  ['"op"', "device"],
  ['"signingKey"', "device"],
  ['"handle"', "gateway"],
  ['"status"', "gateway"],
  ['"tsInServer"', "gateway"],
]);
/** r and s of P-256, as the device writes them: wallets write a byte more. */
const DEVICE_SIGNATURE = /^"0x[0-9a-f]{128}"$/i;
const ADDRESS = /(\b0x[0-9a-f]{40}\b)/i;

function inkOf(key: string, value: string, by: Actor | undefined): Actor | null {
  if (key === '"signature"') return DEVICE_SIGNATURE.test(value) ? "device" : "wallet";
  if (key === '"message"') return by === "gateway" ? "gateway" : value.includes(" wants you to sign in ") ? "site" : "device";
  const actor = MEMBERS.get(key) ?? null;
  // The status of a problem is the site's own.
  return actor === "gateway" && by === "site" && key !== '"handle"' ? "site" : actor;
}

function jsonRuns(text: string, by: Actor | undefined): Run[] {
  const runs: Run[] = [];
  let key = "";
  for (const { kind, text: token } of tokensOf(text)) {
    const value = kind === "string" || kind === "word";
    runs.push([token, kind === "key" ? "key" : value ? inkOf(key, token, by) : null]);
    if (kind === "key") key = token;
    else if (kind !== "space" && token !== ":") key = "";
  }
  return runs;
}

/** The runs of a part's text; those of signatures and keys are their maker's, whole. */
export function tint(text: string, { kind, by }: Pick<Part, "kind" | "by">): Run[] {
  if (kind === "json") return jsonRuns(text, by);
  if (kind !== "text") return [[text, by ?? null]];
  const plain = by === "gateway" && !text.includes("\n") ? by : null;
  return text.split(ADDRESS).map((piece, i) => [piece, i % 2 === 1 ? "wallet" : plain]);
}
