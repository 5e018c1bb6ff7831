import assert from "node:assert/strict";
import { test } from "node:test";

import { written } from "../../../static/src/program/written.ts";

const SHAPES: readonly (readonly [unknown, string])[] = [
  ["as it is\n", "as it is\n"],
  [null, "null"],
  [undefined, "undefined"],
  [-0.5, "-0.5"],
  [10n, "10n"],
  [Symbol("a"), "Symbol(a)"],
  [{ status: "SUCCESS", tsInServer: 1, "a-b": null }, '{ status: "SUCCESS", tsInServer: 1, "a-b": null }'],
  [[1, ["two"], {}], '[1, ["two"], {}]'],
  [new Uint8Array([1, 2]), "Uint8Array [1, 2]"],
  [new TypeError("no"), "TypeError: no"],
  [Object.assign(Object.create(null), { a: 1 }), "{ a: 1 }"],
  [new (class Wallet { address = "0x" })(), 'Wallet { address: "0x" }'],
  [function sign() {}, "function sign"],
  [Array.from({ length: 60 }, () => 0), `[${"0, ".repeat(50)}…]`],
];
for (const [value, text] of SHAPES) test(`written: ${text.slice(0, 40)}`, () => assert.equal(written(value), text));

test("what turns in a circle, or is never to be read, ends", () => {
  const circle: Record<string, unknown> = {};
  circle["again"] = circle;
  assert.equal(written(circle), "{ again: { again: { again: { again: … } } } }");
  assert.equal(written({ get a() { throw new Error("no"); } }), "a value that cannot be read");
  assert.equal(written(new Proxy({}, { ownKeys: () => { throw new Error("no"); } })), "a value that cannot be read");
});
