import assert from "node:assert/strict";
import { test } from "node:test";

import type { Json } from "../../../static/src/proofs/json.ts";
import { JsonError, readJson } from "../../../static/src/proofs/json.ts";

/** The same value as `JSON.parse` gives it. */
function plain(value: Json): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "bigint" ? Number(value) : value;
}

test("what JSON.parse reads is read alike", () => {
  for (const text of ["null", " [ ] ", "{}", '{ "a" : [ 1 , -2, 0 ] , "" : { "b" : true } }', '"\\u00eb\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\"', "[false]\r\n\t", '"\u{1f600}\u007f"', '"\\ud800"']) {
    assert.deepEqual(plain(readJson(text).value), JSON.parse(text), text);
  }
});

test("what JSON.parse refuses is refused, at its place", () => {
  for (const text of ["", " ", "{", "[", '"', '"\\', '"\\x"', '"\\u12"', '"\\u12g4"', '"\n"', "{a:1}", '{"a"}', '{"a":}', '{"a":1,}', "[1,]", "[1 2]", "01", "-", "+1", "1.", "1e", ".5", "nul", "tru e", "{}{}", "\ufeff{}", "\u00a0{}", "'a'"]) {
    assert.throws(() => JSON.parse(text), text);
    assert.throws(() => readJson(text), (error) => error instanceof JsonError && error.rule === "syntax" && error.span.from <= text.length, text);
  }
});

for (const [text, rule] of [
  ["1.0", "numbers"],
  ["1e2", "numbers"],
  ["NaN", "numbers"],
  ["-Infinity", "numbers"],
  ["12345678901234567890", "digits"],
  ['{"a":1,"b":2,"\\u0061":1}', "members"],
  ["[".repeat(501), "nesting"],
] as const) {
  test(`what other readers would read differently is refused: ${text.slice(0, 30)}`, () => {
    assert.throws(() => readJson(text), (error) => error instanceof JsonError && error.rule === rule);
  });
}

test("integers are exact, and no name of a member is special", () => {
  const { value } = readJson('{"a":9223372036854775807,"__proto__":1,"constructor":-0}');
  assert.deepEqual([...(value as Map<string, Json>)], [["a", 9223372036854775807n], ["__proto__", 1n], ["constructor", 0n]]);
});

test("the name that stands most often is named, and places are those of the outermost members", () => {
  assert.throws(() => readJson('{"a":1,"a":1,"b":1,"b":1,"b":1}'), { member: "b" });
  const text = '{ "a" : {"b":1} , "b":"x"}';
  const { spans } = readJson(text);
  assert.deepEqual([...spans].map(([name, { from, to }]) => [name, text.slice(from, to)]), [["a", '{"b":1}'], ["b", '"x"']]);
});
