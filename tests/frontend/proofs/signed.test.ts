// Every reader against the vectors that Python's readers take.

import assert from "node:assert/strict";
import { test } from "node:test";

import { checksummed, signerOf } from "../../../static/src/proofs/ethereum.ts";
import { Refused } from "../../../static/src/proofs/refused.ts";
import {
  readAddress,
  readAuthorizationText,
  readGivenSignature,
  readKeyMessage,
  readKeySignature,
  readLoggedMessage,
  readMessage,
  readSigningKey,
  readWalletSignature,
  requireHandle,
} from "../../../static/src/proofs/signed.ts";
import { vectors } from "../support/vectors.ts";

interface Named {
  name: string;
  text: unknown;
}

/** A value that is no string is refused where a proof's members are read. */
function allRefused(rejected: readonly Named[], read: (text: string) => unknown): void {
  for (const { name, text } of rejected) if (typeof text === "string") assert.throws(() => read(text), Refused, name);
}

test("addresses are those of Python", () => {
  const { accept, reject } = vectors<{ accept: { text: string; checksummed: string }[]; reject: Named[] }>("addresses");
  for (const { text, checksummed: right } of accept) assert.equal(readAddress(text, checksummed), right);
  allRefused(reject, (text) => readAddress(text, checksummed));
});

test("authorisation texts are those of Python", () => {
  const { accept, reject } = vectors<{ accept: { entity: string; signingKey: string; text: string }[]; reject: Named[] }>("authorization");
  for (const { entity, signingKey, text } of accept) assert.deepEqual(readAuthorizationText(text), { entity, signingKey });
  allRefused(reject, readAuthorizationText);
});

test("wallets' signatures are those of Python, and say who signed", async () => {
  interface Signature {
    name: string;
    signature: unknown;
    normal: string;
    address: string;
    text?: string;
  }
  const shared = vectors<{ text: string; accept: Signature[]; reject: Signature[]; unrecoverable: Signature[] }>("wallet-signatures");
  for (const { name, signature, normal, address, text } of shared.accept) {
    const read = readWalletSignature(String(signature));
    assert.equal(read, normal, name);
    assert.equal(await signerOf(text ?? shared.text, read), address, name);
  }
  allRefused(shared.reject.map(({ name, signature }) => ({ name, text: signature })), readWalletSignature);
  for (const { name, signature } of shared.unrecoverable) assert.equal(await signerOf(shared.text, readWalletSignature(String(signature))), null, name);
});

test("what a contract could be given is hex digits of whole bytes, 8,192 at most", () => {
  const most = `0x${"Ab".repeat(8192)}`;
  for (const text of ["0x", "0xAB", most]) assert.deepEqual(readGivenSignature(text), { text: text.toLowerCase(), byKey: null });
  for (const text of ["", "0", "0X", "0xa", "0xzz", " 0x", "0x\n", `${most}00`]) assert.throws(() => readGivenSignature(text), Refused, text.slice(0, 9));
});

test("signing keys and signatures of devices have the one form that Python takes", () => {
  const keys = vectors<{ accept: { text: string }[] }>("signing-keys");
  for (const { text } of keys.accept) assert.equal(readSigningKey(text).length, 91);
  allRefused(vectors<{ reject: Named[] }>("signatures").reject, readKeySignature);
});

test("messages are those of Python, and so is the member at fault", () => {
  interface Accepted extends Named {
    op: string;
    address: string;
    handle: string;
    ts: string;
  }
  const shared = vectors<{ accept: Accepted[]; reject: (Named & { field: string })[] }>("messages");
  for (const { name, text, op, address, handle, ts } of shared.accept) {
    const said = readLoggedMessage(String(text), checksummed);
    assert.deepEqual([said.op, said.address, said.handle, String(said.ts)], [op, address, handle, ts], name);
  }
  for (const { name, text, field } of shared.reject) {
    if (typeof text !== "string" || /\p{Surrogate}/u.test(text)) continue; // no proof holds one
    const tooLong = text.length > 1024; // which of its faults is found first depends on whether it is known to be no profile
    assert.throws(() => readLoggedMessage(text, checksummed), tooLong ? Refused : { name: "Refused", field }, name);
  }
});

test("handles are those of Python", () => {
  const { accept, reject } = vectors<{ accept: { text: string }[]; reject: Named[] }>("handles");
  for (const { text } of accept) requireHandle(text);
  allRefused(reject, requireHandle);
});

const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const PROFILE = { op: "profile", address: ADDRESS, handle: "alice", displayName: "Zoë", bio: "", avatar: "", ts: 1 };
const PNG = "data:image/png;base64,iVBORw0KGgo=";

test("a profile says what it shows", () => {
  for (const change of [{}, { displayName: "\u{1f600}".repeat(50), bio: "x".repeat(200) }, { avatar: PNG }, { avatar: "https://example.org/a.png?b#c" }]) {
    const members = { ...PROFILE, ...change };
    const { displayName, bio, avatar } = members;
    assert.deepEqual(readLoggedMessage(JSON.stringify(members), checksummed).shown, { displayName, bio, avatar });
  }
});

for (const [field, value] of [
  ["displayName", "x".repeat(51)],
  ["displayName", " x"],
  ["displayName", "x\u0085"],
  ["displayName", "x\u202ey"],
  ["displayName", "x\ufeff"],
  ["displayName", "\ud800"],
  ["displayName", null],
  ["bio", "x".repeat(201)],
  ["bio", "a\nb"],
  ["avatar", "http://example.org/"],
  ["avatar", "https://example.org/<"],
  ["avatar", `https://example.org/${"x".repeat(2048)}`],
  ["avatar", "data:image/svg+xml;base64,AAAA"],
  ["avatar", "data:image/png;base64,AAA"],
  ["avatar", "data:image/png;base64,AAB="],
  ["message", undefined],
] as const) {
  test(`a profile with ${field} of ${JSON.stringify(value)?.slice(0, 40)} is none`, () => {
    const text = field === "message" ? JSON.stringify({ ...PROFILE, bio: "x".repeat(8192) }) : JSON.stringify({ ...PROFILE, [field]: value });
    assert.throws(() => readLoggedMessage(text, checksummed), { name: "Refused", field });
  });
}

test("a message about a key is read by its operation", () => {
  const about = { address: ADDRESS, signingKey: "AAAA", ts: 1 };
  for (const op of ["revoke", "renew"]) assert.deepEqual(readMessage(JSON.stringify({ op, ...about }), checksummed), { kind: "key", op, ...about, ts: 1n, name: null });
  assert.equal(readKeyMessage(JSON.stringify({ op: "rename", ...about, name: "Büro" }), checksummed).name, "Büro");
  for (const [field, members] of [
    ["name", { op: "rename", ...about, name: "x".repeat(41) }],
    ["message", { op: "rename", ...about }],
    ["message", { op: "revoke", ...about, name: "" }],
    ["op", { op: "follow", ...about }],
    ["signingKey", { op: "revoke", ...about, signingKey: 1 }],
  ] as const) {
    assert.throws(() => readKeyMessage(JSON.stringify(members), checksummed), { name: "Refused", field });
  }
});

test("a fault says where it lies", () => {
  const spanOf = (read: () => unknown): unknown => {
    try {
      return read();
    } catch (error) {
      return error instanceof Refused ? error.span : error;
    }
  };
  assert.deepEqual(spanOf(() => readAddress("0xf39fd6e51aad88F6F4ce6aB8827279cffFb92266", checksummed)), { from: 5, to: 6 });
  assert.deepEqual(spanOf(() => readAddress(`${ADDRESS.slice(0, 9)}g${ADDRESS.slice(10)}`, checksummed)), { from: 9, to: 10 });
  assert.deepEqual(spanOf(() => readKeySignature(`0x${"0".repeat(64)}${"1".repeat(64)}`)), { from: 2, to: 66 });
  assert.deepEqual(spanOf(() => readKeySignature(`0x${"1".repeat(127)}`)), { from: 129, to: 129 });
  assert.deepEqual(spanOf(() => readWalletSignature(`0x${"1".repeat(128)}1d`)), { from: 130, to: 132 });
  assert.deepEqual(spanOf(() => readAuthorizationText("I authorize x from this device using signing key:\nAA A")), { from: 52, to: 53 });
  assert.deepEqual(spanOf(() => readLoggedMessage('{"op":"follow","address":"0x","handle":"a","ts":1}', checksummed)), { from: 25, to: 29 });
  assert.deepEqual(spanOf(() => readLoggedMessage('{"op":"follow",}', checksummed)), { from: 15, to: 16 });
});
