// What a proof says, in words.

import type { Said } from "../proofs/signed.ts";
import { exactTime, shortAddress } from "../text/format.ts";
import { el } from "../ui/dom.ts";

/** What each operation is called behind who did it, as the site has it; a handle comes behind that, `{}` is a follower. */
export type OperationWords = Readonly<Record<string, string>>;

/** What was done, as the rest of a sentence that begins with who did it; and with which handle, where it was one. */
export function didWords(said: Said, words: OperationWords): { did: string; handle: string | null } {
  const did = words[said.op] ?? said.op;
  if (said.kind === "key") return { did, handle: null };
  return { did: did.replace("{}", shortAddress(said.follower ?? "")), handle: `@${said.handle}` };
}

/** When it was signed, by the signer's own clock; a time that no calendar has is told as its number. */
export function whenWords({ ts }: Said): string {
  const ms = Number(ts);
  return Number.isSafeInteger(ms) && Math.abs(ms) <= 8_640_000_000_000_000 ? exactTime(ms) : `ts ${ts}`;
}

/** A text with its addresses cut short, as everywhere; each has the whole one as its title. */
export function withShortAddresses(text: string): (Node | string)[] {
  const pieces = text.split(/\b(0x[0-9a-fA-F]{40})\b/);
  return pieces.map((piece, at) => (at % 2 === 1 ? el("span", { class: "mono", title: piece }, shortAddress(piece)) : piece));
}
