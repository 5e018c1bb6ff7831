import assert from "node:assert/strict";
import { test } from "node:test";

import { explain } from "../../../static/src/proofs/check.ts";
import { MAX_DOCUMENT, MAX_FILE, MAX_LINE } from "../../../static/src/proofs/lines.ts";
import type { BareMessage, Proofs, Recognised, Unreadable } from "../../../static/src/proofs/recognise.ts";
import { recognise } from "../../../static/src/proofs/recognise.ts";
import { digestOf } from "../../../static/src/protocol/message.ts";
import { vectors } from "../support/vectors.ts";

const { proofs: CHAIN } = vectors<{ proofs: { content: string; sequence: number }[] }>("proof-v1");
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const LINES = CHAIN.map((proof) => JSON.stringify({ address: ADDRESS, handle: "shiyu", sequence: proof.sequence, op: "follow", proof }));

function proofsOf(read: Recognised): Proofs {
  assert.equal(read.kind, "proofs");
  return read as Proofs;
}

for (const [name, text, form, count] of [
  ["a proof", JSON.stringify(CHAIN[0]), "proof", 1],
  ["a proof over several lines", `\r\n${JSON.stringify(CHAIN[0], null, 2)}\n\n`, "proof", 1],
  ["a list of proofs", JSON.stringify(CHAIN), "chain", 3],
  ["a line of an export", LINES[0] ?? "", "log", 1],
  ["an export", LINES.join("\n"), "log", 3],
  ["an export as a list", `[${LINES.join()}]`, "log", 3],
  ["an edge", JSON.stringify({ cursor: "x", node: { proof: CHAIN[0] } }), "reply", 1],
  ["a reply", JSON.stringify({ data: { address: { operations: { edges: CHAIN.map((proof) => ({ node: { proof } })) } } } }), "reply", 3],
] as const) {
  test(`${name} is recognised, as text and as bytes`, () => {
    for (const given of [text, new TextEncoder().encode(text)]) {
      const read = proofsOf(recognise(given));
      assert.equal(read.form, form);
      assert.equal(read.pages.flatMap(({ found }) => found).length, count);
    }
  });
}

for (const [name, given, field, expected] of [
  ["nothing", "", "file", /empty/],
  ["prose", "hello", "file", /JSON; line 1, column 1/],
  ["a file that is cut", JSON.stringify(CHAIN[0], null, 2).slice(0, 90), "file", /line 2/],
  ["a reply with errors", '{"data":null,"errors":[]}', "errors", /no errors/],
  ["another object", "{}", "proof", /a whole reply that holds it/],
  ["a lone surrogate", '"\ud800"', "file", /UTF-8/],
  ["a byte order mark", Uint8Array.of(0xef, 0xbb, 0xbf, ...new TextEncoder().encode(JSON.stringify(CHAIN[0]))), "file", /JSON/],
  ["another encoding", Uint8Array.of(0xff, 0xfe, 0x7b, 0), "file", /UTF-8/],
  ["nothing but blanks", " ".repeat(MAX_DOCUMENT + 1), "file", /4194304/],
  ["many blank lines", "\n".repeat(MAX_LINE + 1), "file", /blank/],
  ["a document that is too long", `[\n${" ".repeat(MAX_DOCUMENT)}]`, "file", /4194304/],
  ["what nests without end", "[".repeat(100_000), "file", /nests/],
  ["a number that is too long", `{"sequence": 1${"0".repeat(10_000)}}`, "sequence", /int64/],
  ["a name that moves a terminal's cursor", '{"data":{},"\\u001b[2J":1}', "member", /errors/],
  ["a file that is too long", new Uint8Array(MAX_FILE + 1), "file", /countersign verify/],
] as const) {
  test(`${name} cannot be read, and it is said what was expected`, () => {
    const read = recognise(given as string | Uint8Array<ArrayBuffer>);
    assert.equal(read.kind, "unreadable");
    assert.equal((read as Unreadable).field, field);
    assert.match((read as Unreadable).expected, expected);
  });
}

test("a line of JSON Lines has its limit, which what came before does not share", () => {
  const read = proofsOf(recognise(`${LINES.join("\n")}\n${" ".repeat(MAX_LINE + 1)}`));
  assert.deepEqual([read.pages[0]?.found.length, read.pages[0]?.stop?.field], [3, "file"]);
});

test("a file full of members is read in linear time", { timeout: 20_000 }, () => {
  const members = Array.from({ length: 300_000 }, (_, number) => `"${number}":1`).join();
  assert.equal((recognise(`{${members},"0":1}`) as Unreadable).field, "0");
});

test("a message by itself is explained, and its digest is that of its proof", async () => {
  const content = CHAIN[1]?.content ?? "";
  const read = recognise(`\n ${content}\n`);
  assert.deepEqual(read, { kind: "message", text: content });
  const said = { kind: "operation", op: "unfollow", address: ADDRESS, handle: "shiyu", ts: 1795460680000n, shown: null, follower: null };
  assert.deepEqual(await explain(read as BareMessage), { kind: "explained", said, digest: await digestOf(content) });
});

test("a message by itself that is none says which member is at fault", async () => {
  for (const [change, field] of [
    [{ handle: "Shiyu" }, "content.handle"],
    [{ address: "0x" }, "content.address"],
    [{ op: "evil" }, "content.op"],
    [{ ts: 1.5 }, null],
  ] as const) {
    const read = recognise(JSON.stringify({ op: "follow", address: ADDRESS, handle: "shiyu", ts: 1, ...change }));
    if (field === null) assert.equal(read.kind, "unreadable");
    else assert.equal(((await explain(read as BareMessage)) as Unreadable).field, field);
  }
});
