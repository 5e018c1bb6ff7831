import assert from "node:assert/strict";
import { test } from "node:test";

import { ProblemError } from "../../../static/src/api/api.ts";
import { createKeyStore, KeyStoreUnavailable } from "../../../static/src/browser/key-store.ts";
import { ChallengeRefused } from "../../../static/src/protocol/challenge.ts";
import { CryptoUnavailable, NO_SIGNING } from "../../../static/src/protocol/signing-key.ts";
import { isAboutSession, mayHaveArrived, problemFor } from "../../../static/src/state/problems.ts";
import { UserRejected, WalletFailed, WalletLocked } from "../../../static/src/wallet/answers.ts";

const EXPECTED: [error: unknown, title: string, action: string | undefined][] = [
  [new ProblemError("no-connection", ""), "No connection", "retry"],
  [new ProblemError("upstream-unreachable", "", "r"), "Gateway not reached", "retry"],
  [new ProblemError("not-signed-in", ""), "Signed out", "sign-in"],
  [new ProblemError("csrf", ""), "Not accepted", "retry"],
  [new ProblemError("cookies-blocked", ""), "Cookies blocked", "retry"],
  [new ProblemError("too-many-requests", ""), "Too many requests", "retry"],
  [new ProblemError("wrong-account", ""), "Another account", "retry"],
  [new ProblemError("login-refused", "d", null, "nonce-expired"), "Sign-in refused", "sign-in"],
  [new ProblemError("login-refused", "The detail.", null, "constructor"), "Sign-in refused", "sign-in"],
  [new ProblemError("something-new", "The detail."), "Refused", "retry"],
  [new ProblemError("constructor", "The detail."), "Refused", "retry"],
  [new WalletLocked("x"), "Wallet locked", "retry"],
  [new WalletFailed("device unplugged"), "The wallet failed", "retry"],
  [new ChallengeRefused("domain", "here"), "Not signed", "retry"],
  [new KeyStoreUnavailable("x"), "No place for a key", "retry"],
  [new CryptoUnavailable(NO_SIGNING), "No signing here", undefined],
];
for (const [error, title, action] of EXPECTED) {
  test(`${title}: words, and what to do`, () => {
    const problem = problemFor(error);
    assert.equal(problem?.title, title);
    assert.equal(problem.next?.action, action);
    assert.match(problem.sentence, /^[A-Z].*\.$/);
    assert.doesNotMatch(problem.sentence, /!|Oops|undefined|function|\.\./);
  });
}

test("what is wrong with a wallet's signature is told in the site's own words", () => {
  for (const reason of ["signature", "unsupported-wallet"]) assert.equal(problemFor(new ProblemError("login-refused", "The detail.", null, reason))?.sentence, "The detail.");
});

test("a session that ended is called that, and no other tab is blamed", () => {
  assert.equal(problemFor(new ProblemError("not-signed-in", ""))?.sentence, "The session has ended. Sign in.");
  for (const slug of ["not-signed-in", "wrong-account", "csrf"]) assert.doesNotMatch(problemFor(new ProblemError(slug, ""))?.sentence ?? "", /tab/);
});

test("a rejection in the wallet and a fault of the page are no such problems", () => {
  assert.equal(problemFor(new UserRejected("x")), null);
  assert.equal(problemFor(new TypeError("x")), null);
});

test("only what left without a clear answer may have arrived", () => {
  for (const slug of ["no-connection", "no-answer", "unreadable", "upstream-unreachable", "upstream-timeout", "upstream-malformed", "outcome-unknown", "internal"]) {
    assert.equal(mayHaveArrived(new ProblemError(slug, "")), true, slug);
  }
  for (const slug of ["csrf", "not-signed-in", "wrong-account", "invalid-request", "unavailable"]) assert.equal(mayHaveArrived(new ProblemError(slug, "")), false, slug);
  assert.equal(mayHaveArrived(new TypeError("x")), false);
});

test("three refusals mean that page and site disagree on who is signed in", () => {
  for (const slug of ["csrf", "not-signed-in", "wrong-account"]) assert.equal(isAboutSession(new ProblemError(slug, "")), true, slug);
  assert.equal(isAboutSession(new ProblemError("login-refused", "")), false);
});

test("storage that the browser forbids is told as such", async () => {
  const store = createKeyStore(() => {
    throw new DOMException("denied", "SecurityError");
  });
  await assert.rejects(store.get("0xa"), KeyStoreUnavailable);
});
