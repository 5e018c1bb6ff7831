import assert from "node:assert/strict";
import { test } from "node:test";

import type { Profile } from "../../../static/src/api/types.ts";
import { newsOf } from "../../../static/src/asked/news.ts";
import type { Result } from "../../../static/src/state/types.ts";

const PROFILE: Profile = { handle: "shiyu", displayName: "", bio: "", avatar: null, followerCount: 5, isFollowedByMe: true, isMine: false };
const answered = (changes: Partial<Extract<Result, { kind: "status" }>>): Result => ({
  kind: "status", op: "follow", handle: "shiyu", status: "SUCCESS", tsInServer: 1, sentence: "", next: null, digest: null, durationMs: 1, ...changes,
});
const NOTE: Result = { kind: "note", sentence: "You follow @shiyu already.", next: null };

test("e8 what the gateway answered is told with how things stand, and nothing more", () => {
  for (const status of ["SUCCESS", "ALREADY_DONE", "RATE_LIMITED"]) {
    const news = newsOf({ result: answered({ status }), act: "Follow @shiyu", profile: PROFILE }, "shiyu");
    assert.deepEqual(news, { handle: "shiyu", status, following: true });
  }
});

test("what was so when the visitor signed in is told as done already", () => {
  assert.deepEqual(newsOf({ result: NOTE, act: "Follow @shiyu", profile: PROFILE }, "shiyu"), { handle: "shiyu", status: "ALREADY_DONE", following: true });
});

for (const [what, state] of [
  ["nothing yet", { result: null, act: null, profile: PROFILE }],
  ["an authorisation", { result: answered({ op: "register", handle: null }), act: "Follow @shiyu", profile: PROFILE }],
  ["another handle", { result: answered({ handle: "mallory" }), act: "Follow @mallory", profile: PROFILE }],
  ["a sign-in", { result: NOTE, act: "Sign in", profile: PROFILE }],
  ["one's own handle", { result: NOTE, act: "Unfollow @shiyu", profile: { ...PROFILE, isMine: true, isFollowedByMe: false } }],
  ["a cancelled wallet", { result: { kind: "cancelled", sentence: "", next: { label: "", action: "retry" } }, act: "Follow @shiyu", profile: PROFILE }],
  ["a lost connection", { result: { kind: "problem", title: "", sentence: "", next: null, requestId: null }, act: "Follow @shiyu", profile: PROFILE }],
] as const) {
  test(`e8 nothing is told of ${what}`, () => assert.equal(newsOf(state, "shiyu"), null));
}
