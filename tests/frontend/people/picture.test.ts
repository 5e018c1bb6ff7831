import assert from "node:assert/strict";
import { test } from "node:test";

import { fitted, kindOf } from "../../../static/src/people/picture.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const FILES: [name: string, first: string, kind: string | null][] = [
  ["a PNG", "\x89PNG\r\n\x1a\n\0\0\0\r", "image/png"],
  ["a JPEG", "\xff\xd8\xff\xe1\0\x10Exif", "image/jpeg"],
  ["a GIF", "GIF89a\x01\0", "image/gif"],
  ["an older GIF", "GIF87a\x01\0", "image/gif"],
  ["a WebP", "RIFF\n\r\0\xffWEBP", "image/webp"],
  ["an SVG", "<svg xmlns=", null],
  ["an SVG behind a declaration", "<?xml versio", null],
  ["an SVG behind a mark of byte order", "\xef\xbb\xbf<svg xmln", null],
  ["a page", "<!doctype ht", null],
  ["a PDF", "%PDF-1.7\n", null],
  ["a sound", "RIFF\0\0\0\0WAVE", null],
  ["a PNG that does not begin there", " \x89PNG\r\n\x1a\n", null],
  ["nothing", "", null],
];
for (const [name, first, kind] of FILES) test(`${name} is ${kind ?? "no picture"}`, () => assert.equal(kindOf(bytes(first)), kind));

test("the largest form that fits is taken, the best of that size first", () => {
  const asked: string[] = [];
  const draw = (side: number, quality: number): string => {
    asked.push(`${side} ${quality}`);
    return "a".repeat(Math.round(side * side * quality * 0.4));
  };
  const longest = 7_000;
  const found = fitted(draw, longest) ?? assert.fail();
  assert.ok(found.length <= longest);
  assert.equal(asked.at(-1), "144 0.7");
  assert.equal(found.length, 5806);
  assert.equal(asked[0], "192 0.85");
});

test("what cannot be made small enough is told", () => {
  assert.equal(fitted(() => "a".repeat(11), 10), null);
  assert.equal(fitted(() => "a".repeat(10), 10), "aaaaaaaaaa");
});
