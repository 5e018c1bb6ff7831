import assert from "node:assert/strict";
import { test } from "node:test";

import { isHandle, normaliseHandle } from "../../../static/src/protocol/handle.ts";
import { vectors } from "../support/vectors.ts";

const shared = vectors<{ accept: { text: unknown }[]; reject: { name: string; text: unknown }[] }>("handles");

test("the page takes the handles that the gateway takes", () => {
  for (const { text } of shared.accept) assert.equal(isHandle(text as string), true, String(text));
  for (const { name, text } of shared.reject) if (typeof text === "string") assert.equal(isHandle(text), false, name);
});

const TYPED: [typed: string, meant: string][] = [
  ["shiyu", "shiyu"],
  ["  Shiyu ", "shiyu"],
  ["@shiyu", "shiyu"],
  ["shiyu.cc", "shiyu"],
  ["@SHIYU.CYBER", "shiyu"],
  ["", ""],
  ["@", ""],
  // only what people really paste is forgiven
  ["@@shiyu", "@shiyu"],
  ["shiyu.cc.cc", "shiyu.cc"],
  ["shiyu.eth", "shiyu.eth"],
  ["cc", "cc"],
];
for (const [typed, meant] of TYPED) {
  test(`${JSON.stringify(typed)} means ${JSON.stringify(meant)}`, () => assert.equal(normaliseHandle(typed), meant));
}
