import assert from "node:assert/strict";
import { test } from "node:test";

import { HANDLE_STATUSES, REGISTRATION_STATUSES, STATUSES } from "../../../static/src/protocol/statuses.ts";
import { handleWords, sentenceFor } from "../../../static/src/state/status-words.ts";
import { dayOf } from "../../../static/src/text/format.ts";

test("every status has plain words, and every refusal a next step", () => {
  const said = [
    ...(["follow", "unfollow"] as const).flatMap((op) => STATUSES.map((status) => [op, status, sentenceFor(status, { op, handle: "shiyu" })] as const)),
    ...REGISTRATION_STATUSES.map((status) => ["register", status, sentenceFor(status, { op: "register", handle: null })] as const),
    ...(["claim", "release", "profile", "remove", "block", "unblock"] as const).flatMap((op) => HANDLE_STATUSES.map((status) => [op, status, handleWords(status, op, "shiyu", null)] as const)),
  ];
  for (const [op, status, { sentence, next }] of said) {
    assert.match(sentence, /^[A-Z@].*\.$/, `${op} ${status}: a sentence`);
    assert.doesNotMatch(sentence, /!|Oops|seamless|Web3|undefined|null/, `${op} ${status}: plain words`);
    if (status !== "SUCCESS" && status !== "ALREADY_DONE") assert.notEqual(next, null, `${op} ${status}: a next step`);
  }
});

test("no answer about one's own handle is told as one about a follow", () => {
  for (const op of ["claim", "release", "profile"] as const) {
    for (const status of HANDLE_STATUSES) assert.doesNotMatch(handleWords(status, op, "shiyu", null).sentence, /follow/, `${op} ${status}`);
    assert.match(handleWords("FROBNICATED", op, "shiyu", null).sentence, /does not know/);
    assert.match(handleWords("constructor", op, "shiyu", null).sentence, /does not know/);
  }
});

test("no answer about a follower is told as one about a follow of one's own", () => {
  for (const op of ["remove", "block", "unblock"] as const) {
    for (const status of HANDLE_STATUSES) assert.doesNotMatch(handleWords(status, op, "shiyu", null).sentence, /[Yy]ou (no longer )?follow/, `${op} ${status}`);
  }
});

test("an unfollow that was done can be undone, nothing else", () => {
  const undo = { label: "Undo", action: "undo" };
  for (const [op, status, resent, next] of [
    ["unfollow", "SUCCESS", false, undo],
    ["unfollow", "ALREADY_DONE", true, undo],
    ["unfollow", "ALREADY_DONE", false, null],
    ["follow", "SUCCESS", false, null],
    ["follow", "ALREADY_DONE", true, null],
  ] as const) {
    assert.deepEqual(sentenceFor(status, { op, handle: "a", resent }).next, next, `${op} ${status}`);
  }
});

test("an expired key is named with the day it ran out, and the cure", () => {
  const until = Date.UTC(2026, 4, 3, 12);
  const words = sentenceFor("EXPIRED_SIGNING_KEY", { op: "follow", handle: "shiyu", keyUntil: until });
  assert.equal(words.sentence, `This device's key ran out on ${dayOf(until)}. Authorise it again.`);
  assert.deepEqual(words.next, { label: "Authorise again", action: "authorise" });
  assert.equal(sentenceFor("EXPIRED_SIGNING_KEY", { op: "follow", handle: "a" }).sentence, "This device's key ran out. Authorise it again.");
});

const CASES: [name: string, status: string, context: Parameters<typeof sentenceFor>[1], says: RegExp][] = [
  ["success of a follow", "SUCCESS", { op: "follow", handle: "shiyu" }, /^You follow @shiyu\.$/],
  ["success of an unfollow", "SUCCESS", { op: "unfollow", handle: "shiyu" }, /^You no longer follow @shiyu\.$/],
  ["a clock that is off", "SUCCESS", { op: "follow", handle: "shiyu", retried: true, clockOff: true }, /clock is off/],
  ["a retry that no clock was the reason for", "SUCCESS", { op: "follow", handle: "shiyu", retried: true }, /^You follow @shiyu\.$/],
  ["a lost reply, sent again", "ALREADY_DONE", { op: "follow", handle: "shiyu", resent: true }, /first attempt had arrived/],
  ["already so", "ALREADY_DONE", { op: "unfollow", handle: "shiyu" }, /^You do not follow @shiyu, so nothing was done\.$/],
  ["one's own handle", "INVALID_MESSAGE", { op: "follow", handle: "me", isMine: true }, /@me is yours/],
  ["a time nobody believes", "MESSAGE_EXPIRED", { op: "follow", handle: "a", disbelieved: true }, /did not sign it/],
  ["a second refusal", "MESSAGE_EXPIRED", { op: "follow", handle: "a", retried: true }, /Signed again/],
  ["a status nobody knows", "FROBNICATED", { op: "follow", handle: "a" }, /does not know/],
  ["a status of the other mutation", "ALREADY_DONE", { op: "register", handle: null }, /does not know/],
];
for (const [name, status, context, says] of CASES) {
  test(`words for ${name}`, () => assert.match(sentenceFor(status, context).sentence, says));
}

test("a name that every object has is a status that nobody knows", () => {
  for (const name of ["constructor", "toString", "__proto__", ""]) {
    assert.match(sentenceFor(name, { op: "follow", handle: "a" }).sentence, /does not know/);
  }
});
