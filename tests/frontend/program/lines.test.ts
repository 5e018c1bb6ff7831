import assert from "node:assert/strict";
import { test } from "node:test";

import { type Line, lineOf } from "../../../static/src/program/lines.ts";

const LINES: readonly Line[] = [
  { kind: "said", level: "warn", text: "a" },
  { kind: "sent", id: 1, method: "POST", url: "http://a/graphql", body: "{}" },
  { kind: "answered", id: 1, status: 200, body: "{}", durationMs: 1.5 },
  { kind: "unanswered", id: 1, reason: "TypeError: Failed to fetch" },
  { kind: "forbidden", directive: "connect-src", url: "http://b/" },
  { kind: "failed", text: "TypeError", line: 3 },
  { kind: "failed", text: "TypeError", line: null },
  { kind: "ended", durationMs: 0 },
];

test("a line that is whole is taken as it is, without what nobody asked for", () => {
  for (const line of LINES) assert.deepEqual(lineOf({ ...line, more: "<b>" }), line);
});

test("p5 a line that lacks a member, or has it of another kind, is none", () => {
  for (const line of LINES) {
    for (const name of Object.keys(line)) {
      for (const wrong of [undefined, {}, [], Number.NaN, -1, true]) assert.equal(lineOf({ ...line, [name]: wrong }), null, `${line.kind} ${name}`);
    }
  }
  for (const none of [null, undefined, "said", 1, [], { kind: "constructor" }, { kind: "__proto__" }, { kind: "said", level: "table", text: "" }]) assert.equal(lineOf(none), null);
});

test("p5 a text longer than anybody reads is cut, and says how long it was", () => {
  const long = lineOf({ kind: "said", level: "log", text: "x".repeat(1_000_000) });
  assert.equal(long?.kind === "said" && long.text.length < 20_100 && long.text.endsWith("… (1,000,000 characters)"), true);
});
