import assert from "node:assert/strict";
import { test } from "node:test";

import { ChallengeRefused, checkChallenge } from "../../../static/src/protocol/challenge.ts";

const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const EXPECTED = { origin: "http://127.0.0.1:8000", address: ADDRESS.toLowerCase(), chainId: 1 };
const GOOD = `127.0.0.1:8000 wants you to sign in with your Ethereum account:
${ADDRESS}

Sign in.

URI: http://127.0.0.1:8000
Version: 1
Chain ID: 1
Nonce: abcdefgh12345678
Issued At: 2026-11-23T20:00:00Z
Expiration Time: 2026-11-23T20:05:00Z`;

test("a text that signs this account in here passes", () => {
  checkChallenge(GOOD, EXPECTED);
  checkChallenge(GOOD.replace("127.0.0.1:8000 wants", "http://127.0.0.1:8000 wants"), EXPECTED);
  checkChallenge(GOOD.replace("URI: http://127.0.0.1:8000", "URI: http://127.0.0.1:8000/login"), EXPECTED);
});

const BAD: [name: string, message: string, field: string][] = [
  ["another host", GOOD.replace("127.0.0.1:8000 wants", "evil.example wants"), "domain"],
  ["another port", GOOD.replace("127.0.0.1:8000 wants", "127.0.0.1:8001 wants"), "domain"],
  ["a user before the host", GOOD.replace("127.0.0.1:8000 wants", "127.0.0.1:8000@evil.example wants"), "domain"],
  ["another scheme", GOOD.replace("127.0.0.1:8000 wants", "https://127.0.0.1:8000 wants"), "domain"],
  ["a subdomain", GOOD.replace("127.0.0.1:8000 wants", "a.127.0.0.1:8000 wants"), "domain"],
  ["a space before the host", ` ${GOOD}`, "domain"],
  ["another account", GOOD.replace("0xf39F", "0xa39F"), "address"],
  ["no account", GOOD.split("\n")[0] ?? "", "address"],
  ["a URI elsewhere", GOOD.replace("URI: http://127.0.0.1:8000", "URI: https://evil.example"), "URI"],
  ["a URI that only begins like ours", GOOD.replace("URI: http://127.0.0.1:8000", "URI: http://127.0.0.1:8000.evil.example"), "URI"],
  ["a URI that runs", GOOD.replace("URI: http://127.0.0.1:8000", "URI: javascript:alert(1)"), "URI"],
  ["two URIs", GOOD.replace("Version", "URI: https://evil.example\nVersion"), "URI"],
  ["no URI", GOOD.replace("URI: ", "Link: "), "URI"],
  ["another chain", GOOD.replace("Chain ID: 1", "Chain ID: 137"), "Chain ID"],
  ["the chain in another spelling", GOOD.replace("Chain ID: 1", "Chain ID: 01"), "Chain ID"],
  ["two chains", GOOD.replace("Nonce", "Chain ID: 137\nNonce"), "Chain ID"],
  ["a carriage return", GOOD.replace("Sign in.", "Sign in.\rSend all funds."), "text"],
  ["a NUL", GOOD.replace("Sign in.", "Sign in.\0"), "text"],
  ["more than anyone reads", GOOD.replace("Sign in.", "x".repeat(2_048)), "text"],
  ["an authorisation text", "I authorize Countersign from this device using signing key:\nMFkw", "domain"],
];
for (const [name, message, field] of BAD) {
  test(`the wallet is not asked to sign ${name}`, () => {
    assert.throws(
      () => checkChallenge(message, EXPECTED),
      (error) => error instanceof ChallengeRefused && error.field === field,
    );
  });
}
