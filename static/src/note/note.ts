// The printed note of one proof: its seal and stamp, who did what, four ticks, and the bytes, with what is at fault in them.

import type { CheckedProof, Verdict } from "../proofs/check.ts";
import type { Bytes } from "../proofs/steps.ts";
import { shortAddress } from "../text/format.ts";
import { el, find, part, setAttribute, setText } from "../ui/dom.ts";
import { sealOf } from "../ui/seal.ts";
import type { OperationWords } from "./words.ts";
import { didWords, whenWords, withShortAddresses } from "./words.ts";

const TONES: Record<Verdict, string> = { Valid: "valid", "Not valid": "not-valid", "Needs the chain": "chain", Unreadable: "not-valid" };
const STATES = { holds: "holds", fails: "does not hold", unknown: "not checked" } as const;

/** A text with the range of its UTF-8 bytes marked. */
function marked(text: string, { from, to }: Bytes): Node[] {
  const bytes = new TextEncoder().encode(text);
  const read = (start: number, end?: number): string => new TextDecoder().decode(bytes.slice(start, end));
  return [document.createTextNode(read(0, from)), el("mark", {}, from === to ? "▾" : read(from, to)), document.createTextNode(read(to))];
}

/** Whoever opened the page sees what `checked` came to. `ms`: how long that took. */
export async function showNote(note: HTMLElement, checked: CheckedProof, ms: number, notShown: readonly string[], words: OperationWords): Promise<void> {
  const { proof, verdict, ticks, said } = checked;
  note.hidden = false;
  note.dataset["verdict"] = TONES[verdict];
  setText(part(note, "stamp"), verdict);
  const place = part(note, "seal");
  const seal = await sealOf(proof.entryDigest);
  seal.classList.remove("drawing");
  place.replaceChildren(seal);
  setText(part(note, "digest"), `Proof ${proof.entryDigest.slice(0, 16).replace(/(.{4})(?=.)/g, "$1 ")}`);
  const sentence = find(note, ".sentence", HTMLElement);
  sentence.hidden = said === null;
  if (said !== null) {
    const who = part(note, "who");
    setText(who, shortAddress(said.address));
    setAttribute(who, "title", said.address);
    const { did, handle } = didWords(said, words);
    part(note, "did").replaceChildren(...(handle === null ? [did] : [`${did} `, el("a", { href: `/${handle}` }, handle)]));
    setText(part(note, "when"), `Signed on ${whenWords(said)} by the signer's clock${proof.signingKeyAuth === null ? ", by the wallet itself" : ", by a device that the wallet authorised"}.`);
  }
  for (const { step, state, says } of ticks) {
    const row = part(note, step);
    row.dataset["state"] = state;
    setText(part(row, "verdict"), STATES[state]);
    part(row, "words").replaceChildren(...withShortAddresses(says));
  }
  const fault = ticks.find((tick) => tick.fault !== null)?.fault ?? null;
  const bytes = fault?.bytes ?? null;
  const content = part(note, "content");
  content.replaceChildren(...(bytes?.field === "content" ? marked(proof.content, bytes) : [proof.content]));
  const others = note.querySelectorAll(".at-fault");
  for (const other of others) other.remove();
  if (bytes !== null && bytes.field !== "content") {
    const text = bytes.field === "signature" ? proof.signature : fieldText(checked, bytes.field);
    content.after(el("div", { class: "at-fault" }, el("p", {}, el("b", {}, bytes.field), ", with what is at fault:"), el("pre", { tabindex: 0, role: "group", "aria-label": bytes.field }, ...marked(text, bytes))));
  }
  if (fault !== null) find(note, "details", HTMLDetailsElement).open = true;
  if (notShown.length > 0) setText(find(note, ".not .quiet", HTMLElement), notShown.map((each) => `${each[0]?.toUpperCase() ?? ""}${each.slice(1)}${/[.]$/.test(each) ? "" : "."}`).join(" "));
  setText(part(note, "took"), `Checked in this browser in ${Math.max(1, Math.round(ms))} ms. Nothing was sent anywhere.`);
}

function fieldText({ proof }: CheckedProof, field: string): string {
  const path = field.split(".");
  let value: unknown = proof;
  for (const name of path) value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : "";
  return String(value ?? "");
}
