// What the browser says of a request before it is sent, and what the gateway answers, agree on every vector.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { KeyIs } from "../../../static/src/lesson/lesson.ts";
import type { Request } from "../../../static/src/lesson/requests.ts";
import { verdictOn } from "../../../static/src/lesson/verdict.ts";
import { checksummed } from "../../../static/src/proofs/ethereum.ts";
import { sameAddress } from "../../../static/src/protocol/address.ts";
import type { Status } from "../../../static/src/protocol/statuses.ts";
import { STATUSES } from "../../../static/src/protocol/statuses.ts";
import { vectors } from "../support/vectors.ts";

interface Submission {
  operation: "follow" | "unfollow";
  address: string;
  handle: string;
  message: string;
  signature: `0x${string}`;
  signingKey: string;
}

interface Facts {
  profileExists: boolean;
  owner: string | null;
  last: object | null;
  answered?: object | null;
  blocked?: boolean;
  key: { expiresAt: number; revokedAt: number | null; authorization: { address: string; message: string } } | null;
}

interface Case {
  name: string;
  submission: Partial<Submission>;
  facts: Partial<Facts>;
  policy: object;
  now: number;
  status: Status;
}

const requestOf = ({ operation: op, ...fields }: Submission): Request => ({ op, fields, fault: null });

function keyIs({ key }: Facts, { address, signingKey }: Submission, now: number): KeyIs {
  const registered = key !== null && sameAddress(key.authorization.address, address) && key.authorization.message.endsWith(`\n${signingKey}`);
  if (!registered || key.revokedAt !== null) return "not registered";
  return now >= key.expiresAt ? "expired" : "registered";
}

/** Statuses that hang on what only the gateway knows: who has the handle, what came before, an operator's numbers. */
function openTo({ profileExists, owner, last, answered = null, blocked = false }: Facts, policy: object, { address }: Submission): Status[] {
  return [
    ...(profileExists && !blocked ? [] : ["HANDLE_NOT_FOUND" as const]),
    ...(sameAddress(owner, address) ? ["INVALID_MESSAGE" as const] : []),
    ...(last === null && answered === null && Object.keys(policy).length === 0 ? [] : ["MESSAGE_EXPIRED" as const]),
    "ALREADY_DONE",
    "RATE_LIMITED",
    "SUCCESS",
  ];
}

const { base, cases } = vectors<{ base: { submission: Submission; facts: Facts }; cases: Case[] }>("decisions");
const known = { signedText: null, checksum: checksummed };

for (const { name, submission, facts: changed, policy, now, status } of cases) {
  test(`the browser and the gateway agree: ${name}`, async (t) => {
    const sent = { ...base.submission, ...submission };
    if (Object.values(sent).some((value) => typeof value !== "string")) return t.skip("no text, as a field would hold it");
    const facts = { ...base.facts, ...changed };
    const { status: said } = await verdictOn(requestOf(sent), { ...known, now, keyIs: keyIs(facts, sent, now) });
    const open = openTo(facts, policy, sent);
    if (said === null) assert.ok(open.includes(status), `${status}, of which the browser saw nothing`);
    // What came before can make an old message good again; a handle that nobody has comes before what is wrong with the message.
    else if (said !== status) assert.ok(open.includes(said) || STATUSES.indexOf(status) < STATUSES.indexOf(said), `${said}, but the gateway answers ${status}`);
  });
}

test("every fault that a browser can see is among the vectors", async () => {
  const seen = new Set<string>();
  for (const { submission, facts: changed, now, status } of cases) {
    const sent = { ...base.submission, ...submission };
    if (Object.values(sent).some((value) => typeof value !== "string")) continue;
    const { status: said } = await verdictOn(requestOf(sent), { ...known, now, keyIs: keyIs({ ...base.facts, ...changed }, sent, now) });
    if (said === status) seen.add(status);
  }
  assert.deepEqual([...seen].sort(), ["EXPIRED_SIGNING_KEY", "HANDLE_NOT_FOUND", "INVALID_ADDRESS", "INVALID_MESSAGE", "INVALID_SIGNATURE", "INVALID_SIGNING_KEY", "MESSAGE_EXPIRED"]);
});

test("messages are told good or bad as Python reads them", async () => {
  const { accept, reject } = vectors<{ accept: { text: string; op: "follow" | "unfollow"; address: string; handle: string }[]; reject: { name: string; text: unknown }[] }>("messages");
  const about = (message: string, op: "follow" | "unfollow", address: string, handle: string) =>
    verdictOn({ ...requestOf({ ...base.submission, message, address, handle, operation: op }) }, { ...known, now: 1795460676294, keyIs: "registered" });
  // The handle's own form is the request's, and looked at before.
  for (const { text, op, address, handle } of accept) assert.doesNotMatch((await about(text, op, address, handle)).message.words, /^Not this message/, text);
  for (const { name, text } of reject) {
    if (typeof text !== "string") continue;
    for (const op of ["follow", "unfollow"] as const) {
      const verdict = await about(text, op, base.submission.address, base.submission.handle);
      assert.deepEqual([verdict.message.good, verdict.status], [false, "INVALID_MESSAGE"], name);
    }
  }
});

test("each field is told what is wrong with it, also what the gateway would not get to", async () => {
  const now = 1795460676294;
  const { message } = base.submission;
  const verdict = await verdictOn(requestOf({ ...base.submission, message: `${message} ` }), { ...known, signedText: message, now: now + 41_000.25, keyIs: "expired" });
  assert.deepEqual(verdict, {
    message: { good: true, words: `Well formed, ${message.length + 1} bytes, 41 s old` },
    signature: { good: false, words: "Not of this message: it was changed after signing" },
    signingKey: { good: false, words: "P-256, and authorised once, but it ran out" },
    status: "EXPIRED_SIGNING_KEY",
  });
  const garbage = await verdictOn(requestOf({ ...base.submission, signature: "0x12", signingKey: "AAAA", message: "{}" }), { ...known, now, keyIs: "unknown" });
  assert.deepEqual(Object.values(garbage).map((finding) => (typeof finding === "object" ? finding?.good : finding)), [false, false, false, "INVALID_MESSAGE"]);
});
