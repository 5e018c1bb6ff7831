// The table of what is not seen against the Unicode Character Database that came with this engine.

import assert from "node:assert/strict";
import { test } from "node:test";

import { vectors } from "./support/vectors.ts";

interface Named {
  name: string;
  text: string;
}
const { ignorable, accept } = vectors<{ ignorable: string[]; accept: Named[] }>("display-texts");

test("the ignorable characters are those that Unicode lists", () => {
  const listed = new Set<number>();
  for (const entry of ignorable) {
    const [first = "", last = first] = entry.split("-");
    for (let point = parseInt(first, 16); point <= parseInt(last, 16); point++) listed.add(point);
  }
  for (let point = 0; point < 0x110000; point++) {
    assert.equal(/\p{Default_Ignorable_Code_Point}/u.test(String.fromCodePoint(point)), listed.has(point), point.toString(16));
  }
});

test("the emoji that are names are emoji to everybody", () => {
  const emoji = accept.filter(({ text }) => /\p{Extended_Pictographic}\u200d|\u{e007f}$/u.test(text));
  assert.ok(emoji.length >= 6);
  const whole = new RegExp("^\\p{RGI_Emoji}$", "v");
  for (const { name, text } of emoji) assert.match(text, whole, name);
});
