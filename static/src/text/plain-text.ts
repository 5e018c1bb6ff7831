// Text of strangers, made fit to be shown in one line.

/** Controls, bidi and zero-width characters, lone surrogates, private use, and what only looks like a space. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]/gu;

/** `text` in one line of at most `longest` characters, without what nobody sees. Empty where nothing is left. */
export function lineOf(text: string, longest: number): string {
  const line = text
    .slice(0, 8 * longest)
    .replace(/\s+/g, " ")
    .replace(UNSEEN, "")
    .replace(/(\p{M}{2})\p{M}+/gu, "$1")
    .trim();
  const characters = [...line];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("").trimEnd()}…` : line;
}

const ALIKE: Readonly<Record<string, string>> = { 0: "o", 1: "l", 5: "s", i: "l", "|": "l", "!": "l", "@": "a", $: "s" };

/** A text reduced to what the eye takes it for: letters and digits alone, without case, width, accents. */
export function looksLike(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[015i|!@$]/g, (found) => ALIKE[found] ?? found)
    .replace(/vv/g, "w")
    .replace(/[^\p{L}\p{N}]/gu, "");
}
