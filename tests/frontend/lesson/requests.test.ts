// Each request of the lesson: really signed, with one thing wrong, and the mark on just that.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { KeyIs } from "../../../static/src/lesson/lesson.ts";
import type { Author, Field } from "../../../static/src/lesson/requests.ts";
import { requestFor } from "../../../static/src/lesson/requests.ts";
import { authorOf } from "../../../static/src/lesson/signers.ts";
import { verdictOn } from "../../../static/src/lesson/verdict.ts";
import { wordsFor } from "../../../static/src/lesson/words.ts";
import { hasSigned, importKey } from "../../../static/src/proofs/device-key.ts";
import { checksummed } from "../../../static/src/proofs/ethereum.ts";
import { generateSigningKey, signText } from "../../../static/src/protocol/signing-key.ts";
import type { Status } from "../../../static/src/protocol/statuses.ts";
import { STATUSES } from "../../../static/src/protocol/statuses.ts";

const NOW = 1795460676294;
const ADDRESS = "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664";

async function author(): Promise<Author> {
  const { signingKey, keyPair } = await generateSigningKey();
  return { address: ADDRESS, signingKey, sign: (text) => signText(keyPair.privateKey, text) };
}

const ground = async (follows: boolean) => ({ author: await author(), handle: "shiyu", ts: NOW, follows, nobody: "nobody-1234", stranger: author });

/** What stands in each mark. */
const MARKED: Readonly<Record<Status, readonly [Field, RegExp, RegExp] | null>> = {
  INVALID_ADDRESS: ["address", /^f$/, /^letter 4 · was F$/],
  HANDLE_NOT_FOUND: ["handle", /^nobody-1234$/, /nobody/],
  INVALID_MESSAGE: ["message", /^"(un)?follow"$/, /^says (un)?follow · sent as (un)?follow$/],
  MESSAGE_EXPIRED: ["message", /^1795457076294$/, /hour/],
  INVALID_SIGNING_KEY: ["signingKey", /^MFkw.{120}$/, /no wallet/],
  EXPIRED_SIGNING_KEY: ["signingKey", /^MFkw.{120}$/, /ran out/],
  INVALID_SIGNATURE: ["signature", /^[0-9a-f]{2}$/, /^byte 17 · was [0-9a-f]{2}$/],
  ALREADY_DONE: ["message", /^"(un)?follow"$/, /follow/],
  RATE_LIMITED: ["address", /^0x[0-9a-fA-F]{40}$/, /quota/],
  SUCCESS: null,
};
/** What a browser sees of each, and of whose key. */
const SEEN: Partial<Record<Status, KeyIs>> = { EXPIRED_SIGNING_KEY: "expired", INVALID_SIGNING_KEY: "not registered" };
const UNSEEN: readonly Status[] = ["HANDLE_NOT_FOUND", "ALREADY_DONE", "RATE_LIMITED", "SUCCESS"];

for (const status of STATUSES) {
  for (const follows of [false, true]) {
    test(`${status}, ${follows ? "following" : "not following"}: one thing is wrong, and that is marked`, async () => {
      const request = await requestFor(status, await ground(follows));
      const { fields, fault } = request;
      const verdict = await verdictOn(request, { now: NOW, keyIs: SEEN[status] ?? "registered", signedText: null, checksum: checksummed });
      assert.equal(verdict.status, UNSEEN.includes(status) ? null : status);
      const signed = await hasSigned(await importKey(fields.signingKey), fields.signature, new TextEncoder().encode(fields.message));
      assert.equal(signed, status !== "INVALID_SIGNATURE");
      const wanted = MARKED[status];
      if (fault === null || wanted === null) return assert.equal(fault, wanted);
      const [field, text, note] = wanted;
      assert.equal(fault.field, field);
      assert.match(fields[field].slice(fault.from, fault.to), text);
      assert.match(fault.note, note);
    });
  }
}

test("the byte that was flipped is told as it was", async () => {
  const { fields, fault } = await requestFor("INVALID_SIGNATURE", await ground(false));
  assert.ok(fault !== null);
  const was = fault.note.slice(-2);
  const mended = `${fields.signature.slice(0, fault.from)}${was}${fields.signature.slice(fault.to)}`;
  assert.ok(await hasSigned(await importKey(fields.signingKey), mended, new TextEncoder().encode(fields.message)));
});

test("what is done already is the other thing than what would succeed", async () => {
  for (const follows of [false, true]) {
    const [success, already] = await Promise.all([requestFor("SUCCESS", await ground(follows)), requestFor("ALREADY_DONE", await ground(follows))]);
    assert.equal(success.op, follows ? "unfollow" : "follow");
    assert.notEqual(already.op, success.op);
  }
});

test("a demo signer signs with its published secret", async () => {
  // 1 as a secret: the key is P-256's generator.
  const signingKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";
  const signer = await authorOf({ handle: "one", deviceSecret: "0x1", signingKey, earns: "SUCCESS", address: ADDRESS });
  assert.ok(await hasSigned(await importKey(signingKey), await signer.sign("text"), new TextEncoder().encode("text")));
});

test("there are words for every status, and for one that nobody knows", () => {
  const all = [...STATUSES, "SOMETHING_ELSE"].map(wordsFor);
  assert.equal(new Set(all.map(({ sentence }) => sentence)).size, all.length);
  for (const { next } of all) assert.match(next, /^[a-z].*\.$/);
});
