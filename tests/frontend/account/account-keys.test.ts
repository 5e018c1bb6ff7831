// What an account does about its keys and sessions: which signer it asks, and what it knows of its own key afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Account } from "../../../static/src/account/types.ts";
import { ProblemError } from "../../../static/src/api/api.ts";
import type { Signable } from "../../../static/src/follow/operation.ts";
import type { Address } from "../../../static/src/protocol/address.ts";
import type { KeyOperation } from "../../../static/src/protocol/message.ts";
import { composeKeyMessage } from "../../../static/src/protocol/message.ts";
import { generateSigningKey } from "../../../static/src/protocol/signing-key.ts";
import { note } from "../../../static/src/state/results.ts";
import { ALICE, BOB, FakeBrowser } from "../support/fake-browser.ts";

const alice = ALICE.address.toLowerCase();
const words = (status: string) => ({ sentence: status, next: null });
const about = (op: KeyOperation, key: string, name = "") => (address: Address): Signable => ({
  path: `signing-keys/${op}`,
  about: `${op} ${key} ${name}`,
  compose: (ts) => composeKeyMessage(op, address, key, name, ts),
  fields: (message, signature, by) => ({ address, signingKey: key, message, signature, ...(op !== "renew" && { authorizedBy: by }) }),
  changesKeys: true,
});
const statusOf = (account: Account): string | null => {
  const { result } = account.state();
  return result?.kind === "status" ? result.status : null;
};

/** Another device of alice's, which her gateway knows. */
async function another({ site }: FakeBrowser): Promise<string> {
  const { signingKey } = await generateSigningKey();
  site.keys.get(alice)?.set(signingKey, { signingKey, fingerprint: "", name: "", entity: "", registeredAt: site.now, expiresAt: site.now + 1e9, revokedAt: null, lastUsedAt: null });
  return signingKey;
}
const own = ({ keyStore }: FakeBrowser): string => keyStore.rows.get(alice)?.signingKey ?? "";

test("this device's key renames another without a question to the wallet", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const key = await another(browser);
  const asked = browser.wallet.texts.length;
  await account.sign("Rename", about("rename", key, "Desk"), words);
  assert.equal(statusOf(account), "SUCCESS");
  assert.equal(browser.site.keys.get(alice)?.get(key)?.name, "Desk");
  assert.equal(browser.wallet.texts.length, asked);
});

test("the wallet signs the exact text of a renewal, after which the page knows the key's new end", async () => {
  const browser = new FakeBrowser();
  const { account, steps } = await browser.openAt("authorised");
  const { until: before } = account.state().key;
  browser.site.now += 60_000;
  await account.sign("Renew", about("renew", own(browser)), words, "wallet");
  assert.equal(statusOf(account), "SUCCESS");
  assert.equal(account.state().key.until, (before ?? 0) + 60_000);
  const text = browser.wallet.texts.at(-1) ?? "";
  const { ts } = JSON.parse(text) as { ts: number };
  assert.equal(text, composeKeyMessage("renew", ALICE.address, own(browser), "", ts));
  assert.deepEqual(steps.filter(({ kind }) => kind === "wallet-signature").at(-1)?.parts[0], { label: "Message", text, kind: "json", by: "wallet" });
  const { result } = account.state();
  assert.equal(result?.kind === "status" && result.durationMs, null, "how long somebody reads is no figure");
});

test("a wallet's message has the site's time, whatever this computer's clock says: it is asked once", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const asked = browser.wallet.texts.length;
  browser.skew = 86_400_000;
  await account.sign("Renew", about("renew", own(browser)), words, "wallet");
  assert.equal(statusOf(account), "SUCCESS");
  assert.equal(browser.wallet.texts.length, asked + 1);
});

test("a renewal right after a name that was signed by a clock ahead asks the wallet once, too", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.skew = 30_000;
  await account.sign("Rename", about("rename", own(browser), "Desk"), words);
  const asked = browser.wallet.texts.length;
  await account.sign("Renew", about("renew", own(browser)), words, "wallet");
  assert.equal(statusOf(account), "SUCCESS");
  assert.equal(browser.wallet.texts.length, asked + 1);
});

test("a renewal that is rejected in the wallet changes nothing, and can be tried again", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.wallet.onSign = () => Promise.reject(Object.assign(new Error("no"), { code: 4001 }));
  await account.sign("Renew", about("renew", own(browser)), words, "wallet");
  assert.equal(account.state().result?.sentence, "Cancelled in wallet");
  assert.equal(browser.site.count("POST /signing-keys/renew"), 0);
  browser.wallet.onSign = (sign) => sign();
  await account.act({ label: "Try again", action: "retry" });
  assert.equal(statusOf(account), "SUCCESS");
});

test("a browser without a key has the wallet revoke one, and is not authorised for it", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("authorised");
  const key = own(browser);
  browser.keyStore.rows.clear();
  const { account } = await browser.open();
  await account.sign("Revoke", about("revoke", key), words, "wallet");
  assert.equal(statusOf(account), "SUCCESS");
  assert.notEqual(browser.site.keys.get(alice)?.get(key)?.revokedAt, null);
  assert.equal(browser.site.keys.get(alice)?.size, 1);
});

test("t24 this device's own key, revoked here, is gone from this browser too", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  await account.sign("Revoke", about("revoke", own(browser)), words);
  assert.equal(statusOf(account), "SUCCESS");
  assert.deepEqual([account.state().key.state, account.state().key.reason], ["lost", "This device's key was revoked."]);
  assert.equal(browser.keyStore.rows.has(alice), false);
});

test("a refusal that is about another key leaves this device's own as it is", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const key = await another(browser);
  browser.site.keys.get(alice)?.delete(key);
  await account.sign("Rename", about("rename", key, "Desk"), words);
  assert.equal(statusOf(account), "INVALID_SIGNING_KEY");
  assert.equal(account.state().key.state, "ready");
  await account.follow("shiyu");
  assert.equal(statusOf(account), "SUCCESS");
});

test("other tabs read their key again when one was changed", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const other = await browser.open();
  await account.sign("Revoke", about("revoke", own(browser)), words);
  await other.until((state) => state.key.state === "lost");
});

test("what only a fresh sign-in may do asks the wallet, and is done then", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("signed in");
  browser.site.stale = true;
  const asked = browser.wallet.texts.length;
  const done: string[] = [];
  await account.vouched("End", async (address) => {
    if (browser.site.stale) throw new ProblemError("sign-in-again", "");
    done.push(address);
    return note("Ended.");
  });
  assert.deepEqual(done, [ALICE.address]);
  assert.equal(browser.wallet.texts.length, asked + 1);
  assert.deepEqual([account.state().signedIn, account.state().result?.sentence], [true, "Ended."]);
});

test("a wallet that shows another account vouches for nobody", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("signed in");
  let tries = 0;
  await account.vouched("End", async () => {
    tries++;
    browser.wallet.switchTo(BOB);
    throw new ProblemError("sign-in-again", "");
  });
  await until(({ busy }) => busy === null);
  assert.equal(tries, 1);
});
