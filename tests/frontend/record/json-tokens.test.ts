import assert from "node:assert/strict";
import { test } from "node:test";

import { indented, tokensOf } from "../../../static/src/record/json-tokens.ts";

const TEXTS: Record<string, string> = {
  "a message": '{"op":"follow","handle":"shi\\u0079u","ts":1795460676294}',
  "spaces and line ends": ' { "a" :\t[ 1 ,\r\n2 ] } ',
  "escapes": '{"a\\"b":"\\\\","c":"\\\\\\""}',
  "a string that never ends": '{"a":"b\\"',
  "no JSON at all": "<html><a href=\"x\">it's</a>",
  "nothing": "",
};
for (const [name, text] of Object.entries(TEXTS)) {
  test(`the tokens of ${name} joined are the text`, () => {
    assert.equal([...tokensOf(text)].map((token) => token.text).join(""), text);
  });
}

test("a string before a colon is a key, with spaces between or without", () => {
  const keys = [...tokensOf('{"a" :"b","c":{"d"\n:"e:"}}')].filter(({ kind }) => kind === "key").map(({ text }) => text);
  assert.deepEqual(keys, ['"a"', '"c"', '"d"']);
});

test("a quote that opens and never closes is looked for once, not from each quote anew", () => {
  // Were each tried in its turn, these would be sixty thousand words.
  assert.equal([...tokensOf(`"${'\\"'.repeat(60_000)}`)].length, 1);
});

test("an indented reading has a member a line, and changes no number, no escape, no repetition", () => {
  assert.equal(
    indented('{"a":{},"b":[1,{"x":"y\\u0079"}],"n":12345678901234567890,"n":1e400}'),
    ["{", '  "a": {},', '  "b": [', "    1,", "    {", '      "x": "y\\u0079"', "    }", "  ],", '  "n": 12345678901234567890,', '  "n": 1e400', "}"].join("\n"),
  );
});

test("what is no JSON object or list has no indented reading", () => {
  for (const text of ["", "SUCCESS", '"text"', "12", "null", '{"a":', "{'a':1}"]) assert.equal(indented(text), null);
});

test("a text nested without end stays within a bound when indented", () => {
  const deep = indented("[".repeat(5_000) + "]".repeat(5_000)) ?? "";
  assert.ok(deep.length < 30 * 10_000);
});
