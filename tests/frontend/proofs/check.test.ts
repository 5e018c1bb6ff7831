// The page's check of proofs against `countersign verify`: the same answer on every file that Python's tests know.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Checked, CheckedProof, Explained, FirstFault, Tick, Verdict } from "../../../static/src/proofs/check.ts";
import { check, explain } from "../../../static/src/proofs/check.ts";
import * as ethereum from "../../../static/src/proofs/ethereum.ts";
import { fieldsOf } from "../../../static/src/proofs/proof.ts";
import type { Recognised } from "../../../static/src/proofs/recognise.ts";
import { recognise } from "../../../static/src/proofs/recognise.ts";
import { CryptoUnavailable } from "../../../static/src/protocol/signing-key.ts";
import { vectors } from "../support/vectors.ts";

interface Said {
  verdict: "valid" | "invalid" | "needs-chain" | "unreadable";
  form?: string;
  entries?: number;
  notShown?: string[];
  proof?: number;
  step?: string;
  field?: string;
  isValidSignature?: { address: string; hash: string; signature: string };
}
interface Case {
  name: string;
  bytes: string;
  like?: number;
  from?: number;
  to?: number;
  said: Said;
}
const VERDICTS: Readonly<Record<Said["verdict"], Verdict>> = { valid: "Valid", invalid: "Not valid", "needs-chain": "Needs the chain", unreadable: "Unreadable" };

const contents: Buffer<ArrayBuffer>[] = [];
const cases = vectors<{ cases: Case[] }>("proof-files").cases.map(({ name, bytes, like, from, to, said }) => {
  const put = Buffer.from(bytes, "latin1");
  const base = like === undefined ? undefined : contents[like];
  const content = base === undefined ? put : Buffer.concat([base.subarray(0, from), put, base.subarray(to)]);
  contents.push(content);
  return { name, content, said };
});

type Answer = Pick<Checked, "verdict" | "form" | "fault" | "question" | "proofs" | "notShown">;

async function answerTo(read: Recognised): Promise<Answer> {
  if (read.kind === "proofs") return check(read);
  const none = { form: "proof", question: null, proofs: [], notShown: [] } as const;
  if (read.kind === "message") return { ...none, verdict: "Unreadable", fault: null };
  const fault: FirstFault = { index: read.index, step: "reading", field: read.field, expected: read.expected, bytes: null };
  return { ...none, verdict: "Unreadable", fault };
}

test("the answer is that of countersign verify on every file", async () => {
  for (const { name, content, said } of cases) {
    const read = recognise(new Uint8Array(content));
    const { verdict, form, fault, question, proofs, notShown } = await answerTo(read);
    assert.equal(verdict, VERDICTS[said.verdict], name);
    if (verdict === "Valid") {
      assert.deepEqual([form, proofs.length, notShown], [said.form, said.entries, said.notShown], name);
      assert.ok(proofs.every((proof) => proof?.verdict === "Valid" && proof.ticks.every(({ state }) => state === "holds")), name);
    } else if (verdict === "Needs the chain") {
      assert.equal(question?.index, (said.proof ?? 0) - 1, name);
      const { address, hash, signature } = question;
      assert.deepEqual({ address, hash, signature }, said.isValidSignature, name);
    } else if (read.kind !== "message") {
      assert.deepEqual([fault && fault.index + 1, fault?.step, fault?.field], [said.proof, said.step, said.field], name);
    }
  }
});

// --- the ticks -------------------------------------------------------------------------------------------------

const named = new Map(cases.map(({ name, content }) => [name, content.toString("utf8")]));

function checkText(text: string): Promise<Checked> {
  const read = recognise(text);
  assert.ok(read.kind === "proofs", `${read.kind}: ${text.slice(0, 100)}`);
  return check(read);
}

async function firstOf(name: string): Promise<CheckedProof> {
  const text = named.get(name);
  assert.ok(text !== undefined, name);
  const [first] = (await checkText(text)).proofs;
  assert.ok(first, name);
  return first;
}

/** h, f or u of each tick: holds, fails, unknown. */
const letters = (ticks: readonly Tick[]): string => ticks.map(({ state }) => state[0]).join("");

for (const [name, ticks] of [
  ["a follow", "hhhh"],
  ["a key operation, renew 1", "hhhh"],
  ["another wallet's signature of the authorisation", "uhhh"],
  ["a byte of the address changed, 40", "fhfh"],
  ["a byte of the authorisation text changed, -1", "fhhf"],
  ["a byte of the wallet's signature changed, 40", "fhhf"],
  ["a byte of signature changed, 40", "hfhf"],
  ["a byte of content changed, 40", "hffu"],
  ["a single proof, another content", "hfff"],
  ["a byte of digest changed, 40", "hhfh"],
  ["a byte of previousDigest changed, 40", "hhhf"],
  ["a byte of entryDigest changed, 40", "hhhf"],
  ["sequence 3", "hhhf"],
  ["a single proof, a content that is no message, well signed", "hhfu"],
  ["a single proof, no address", "fhuh"],
] as const) {
  test(`each tick is looked at by itself: ${name}`, async () => assert.equal(letters((await firstOf(name)).ticks), ticks));
}

test("a tick that fails says where, as bytes of the member", async () => {
  for (const [name, field, from, to] of [
    ["a byte of the address changed, 40", "signingKeyAuth.address", null, null],
    ["a byte of digest changed, 40", "digest", 0, 64],
    ["a single proof, a negative ts, well signed", "content", 92, 94],
    ["a single proof, another signing key", "signingKeyAuth.message", 60, 184],
  ] as const) {
    const { ticks, proof } = await firstOf(name);
    const bytes = ticks.find(({ state }) => state === "fails")?.fault?.bytes;
    const text = fieldsOf(proof).find((each) => each.name === bytes?.field)?.text ?? "";
    assert.equal(bytes?.field, field, name);
    if (from !== null) assert.deepEqual([bytes.from, bytes.to], [from, to], name);
    assert.ok(bytes.to <= Buffer.byteLength(text), name);
  }
});

test("places are counted in bytes of UTF-8, after characters of several bytes too", async () => {
  const shown = '\\"displayName\\": \\"1\\"';
  const text = (named.get("a profile") ?? "").replace(shown, '\\"displayName\\": \\"\u{1f600}\u00eb\\\\ud800\\"');
  const [first] = (await checkText(text)).proofs;
  const fault = first?.ticks.find(({ step }) => step === "message")?.fault;
  assert.equal(fault?.field, "content.displayName");
  const content = Buffer.from(first?.proof.content ?? "");
  assert.equal(content.subarray(fault.bytes?.from, fault.bytes?.to).toString(), '"\u{1f600}\u00eb\\ud800"');
});

test("every tick is one sentence or more in plain words", async () => {
  for (const name of ["a follow", "an unfollow", "a key operation, renew 1", "0x", "another wallet's signature of the authorisation", "a single proof, no address"]) {
    if (named.has(name)) for (const { says } of (await firstOf(name)).ticks) assert.match(says, /^[A-Z].*[.]$/, name);
  }
});

test("a proof says who, what and when, and what is proved of it", async () => {
  const { said, verified, proof } = await firstOf("a profile");
  assert.ok(said?.kind === "operation");
  assert.deepEqual([said.op, said.handle, said.shown], ["profile", "alice", { displayName: "1", bio: "", avatar: "" }]);
  assert.deepEqual([verified?.said, verified?.entity, verified?.sequence, verified?.entryDigest], [said, "CyberConnect", 2n, proof.entryDigest]);
  const byWallet = await firstOf("a key operation, renew 1");
  assert.deepEqual([byWallet.said?.op, byWallet.verified?.signingKey, byWallet.verified?.entity], ["renew", null, null]);
  const broken = await firstOf("a byte of digest changed, 40");
  assert.deepEqual([broken.said?.op, broken.verified], ["unfollow", null], "what it says is shown, and nothing is proved");
});

test("what comes after the first proof at fault is not looked at", async () => {
  const { fault, proofs } = await checkText(named.get("an export with a gap") ?? "");
  assert.deepEqual([fault?.index, fault?.step, fault?.field, fault?.expected], [1, "chain", "sequence", "2"]);
  assert.deepEqual(proofs.map((proof) => proof?.verdict), ["Valid", "Not valid"]);
  const text = named.get("an export") ?? "";
  const cut = await checkText(text.slice(text.indexOf("\n") + 1));
  assert.deepEqual(cut.proofs.map((proof) => proof?.verdict), ["Not valid", ...Array<undefined>(5).fill(undefined)]);
});

test("a reply's lists are checked each by itself and against each other", async () => {
  const { verdict, form, proofs } = await checkText(named.get("a reply with several lists") ?? "");
  assert.deepEqual([verdict, form, proofs.length], ["Valid", "reply", 10]);
  assert.deepEqual(proofs.slice(0, 3).map((proof) => proof?.proof.sequence), [3n, 2n, 1n], "in the order of the reply");
});

test("wallets' cryptography is loaded once, when something is checked; what cannot be loaded is told", async () => {
  let loaded = 0;
  const load = async (): Promise<typeof ethereum> => {
    loaded++;
    return ethereum;
  };
  const read = recognise(named.get("an export") ?? "");
  assert.equal(loaded, 0);
  assert.ok(read.kind === "proofs");
  assert.equal((await check(read, load)).verdict, "Valid");
  assert.equal(loaded, 1);
  await assert.rejects(check(read, () => Promise.reject(new Error("offline"))), /offline/);
});

test("a message by itself is explained: nothing is proved", async () => {
  const message = recognise(named.get("a message about a key by itself") ?? "");
  assert.ok(message.kind === "message");
  const { said, digest } = (await explain(message)) as Explained;
  assert.deepEqual([said.op, digest.length], ["rename", 64]);
});

test("a page without WebCrypto is told so", async (context) => {
  const read = recognise(named.get("a follow") ?? "");
  const message = recognise(named.get("a message by itself") ?? "");
  assert.ok(read.kind === "proofs" && message.kind === "message");
  context.mock.getter(crypto, "subtle", () => undefined);
  await assert.rejects(check(read), CryptoUnavailable);
  await assert.rejects(explain(message), CryptoUnavailable);
});
