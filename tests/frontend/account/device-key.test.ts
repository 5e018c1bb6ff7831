import assert from "node:assert/strict";
import { test } from "node:test";

import { forgetEveryKey } from "../../../static/src/account/device-key.ts";
import { createMemory } from "../../../static/src/browser/memory.ts";
import type { StoredKey } from "../../../static/src/browser/key-store.ts";
import { ALICE, BOB, FakeBrowser } from "../support/fake-browser.ts";
import { rejection } from "../support/fakes.ts";

const alice = ALICE.address.toLowerCase();

test("a key that is gone from this browser is lost, and one click makes another", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("authorised");
  browser.keyStore.rows.clear();
  const { account } = await browser.open();
  assert.deepEqual([account.state().key.state, account.state().key.reason], ["lost", "This browser lost its key."]);
  await account.authorise();
  assert.equal(account.state().key.state, "ready");
  assert.equal(browser.site.keys.get(alice)?.size, 2);
});

test("a key that goes while the page is open is noticed by the next follow, without a prompt", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const prompts = browser.wallet.texts.length;
  browser.keyStore.rows.clear();
  await account.follow("shiyu");
  const { key, result } = account.state();
  assert.equal(key.state, "lost");
  assert.ok(result?.kind === "problem");
  assert.deepEqual([result.sentence, result.next], ["This browser lost its key.", { label: "Authorise again", action: "authorise" }]);
  assert.equal(browser.wallet.texts.length, prompts);
  assert.equal(browser.site.count("POST /follow"), 0);
});

test("a key that is no longer confirmed signs nothing", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const stored = browser.keyStore.rows.get(alice);
  assert.ok(stored);
  browser.keyStore.rows.set(alice, { ...stored, state: "pending" });
  await account.follow("shiyu");
  assert.equal(browser.site.count("POST /follow"), 0);
});

test("all storage was cleared but the session's cookie: lost, where the gateway lists a live key", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("authorised");
  browser.keyStore.rows.clear();
  browser.storage.clear();
  const { account } = await browser.open();
  assert.equal(account.state().key.state, "lost");
});

test("a device that never had a key has lost none, whatever other devices have", async () => {
  const desk = new FakeBrowser();
  await desk.openAt("authorised");
  const phone = new FakeBrowser();
  for (const [address, keys] of desk.site.keys) phone.site.keys.set(address, keys);
  await phone.openAt("signed in");
  const { account } = await phone.open();
  assert.deepEqual([account.state().key.state, account.state().key.reason], ["none", null]);
});

test("nor has one that left the page before it had asked for the keys", async () => {
  const desk = new FakeBrowser();
  await desk.openAt("authorised");
  const phone = new FakeBrowser();
  for (const [address, keys] of desk.site.keys) phone.site.keys.set(address, keys);
  phone.site.once("/signing-keys", () => new Promise(() => {}));
  const left = await phone.open();
  void left.account.connect(left.announced);
  await left.until(({ signedIn }) => signedIn);
  const { account } = await phone.open();
  assert.deepEqual([account.state().key.state, account.state().key.reason], ["none", null]);
});

test("other accounts keep their keys", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("authorised");
  browser.wallet.switchTo(BOB);
  await until(({ busy }) => busy === null);
  await account.signIn();
  await account.authorise();
  browser.keyStore.rows.delete(BOB.address.toLowerCase());
  await account.authorise();
  assert.equal(browser.keyStore.rows.get(alice)?.state, "confirmed");
});

test("a rejected authorisation leaves no key that signs; the next try uses the same one", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("signed in");
  browser.wallet.onSign = rejection;
  await account.authorise();
  const pending = browser.keyStore.rows.get(alice);
  assert.equal(pending?.state, "pending");
  const { account: reloaded, steps } = await browser.open();
  assert.equal(reloaded.state().key.state, "none");
  browser.wallet.onSign = (sign) => sign();
  await reloaded.authorise();
  assert.equal(steps[0]?.title, "Took the key of an earlier try");
  assert.equal(browser.keyStore.rows.get(alice)?.signingKey, pending?.signingKey);
  assert.equal(browser.keyStore.rows.get(alice)?.state, "confirmed");
});

test("a registration whose reply was lost is found on the next try, with no second prompt", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("signed in");
  browser.site.once("/signing-keys", (answer) => answer()); // the list that is read first
  browser.site.once("/signing-keys", async (answer) => {
    await answer();
    throw new TypeError("fetch failed");
  });
  await account.authorise();
  assert.equal(account.state().result?.kind, "problem");
  const prompts = browser.wallet.texts.length;
  await account.act({ label: "Try again", action: "retry" });
  assert.equal(account.state().key.state, "ready");
  assert.equal(browser.wallet.texts.length, prompts);
});

test("a gateway that forgot the key (its data is new) gets the same key registered again", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("authorised");
  browser.site.keys.clear();
  const { account } = await browser.open();
  assert.deepEqual([account.state().key.state, account.state().key.reason], ["lost", "The gateway does not know this device's key."]);
  const before = browser.keyStore.rows.get(alice)?.signingKey;
  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
  assert.equal(browser.keyStore.rows.get(alice)?.signingKey, before);
});

test("a pending key that the gateway will never take is dropped, and the next try makes another", async () => {
  const browser = new FakeBrowser();
  browser.site.listsKeys = false;
  const { account } = await browser.openAt("authorised");
  const record = [...(browser.site.keys.get(alice)?.values() ?? [])][0];
  assert.ok(record);
  const stored = browser.keyStore.rows.get(alice);
  assert.ok(stored);
  record.revokedAt = browser.site.now;
  browser.keyStore.rows.set(alice, { ...stored, state: "pending" });
  await account.reload();
  await account.authorise();
  const { result } = account.state();
  assert.equal(result?.kind === "status" && result.status, "INVALID_SIGNING_KEY");
  assert.equal(browser.keyStore.rows.has(alice), false);
  await account.authorise();
  assert.equal(account.state().key.state, "ready");
});

test("an upstream that cannot list keys: this browser's own knowledge has to do", async () => {
  const browser = new FakeBrowser();
  browser.site.listsKeys = false;
  await browser.openAt("authorised");
  const { account } = await browser.open();
  const { key } = account.state();
  assert.equal(key.state, "ready");
  assert.equal(key.until, (key.since ?? 0) + 30 * 86_400_000);
});

test("an upstream that cannot list keys and refuses this one: another key is made", async () => {
  const browser = new FakeBrowser();
  browser.site.listsKeys = false;
  const { account } = await browser.openAt("authorised");
  browser.site.keys.clear();
  await account.follow("shiyu");
  assert.equal(account.state().key.state, "lost");
  await account.authorise();
  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test("keys that cannot be listed just now are taken as this browser knows them", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("authorised");
  browser.site.once("/signing-keys", () => Promise.reject(new TypeError("fetch failed")));
  const { account } = await browser.open();
  assert.equal(account.state().key.state, "ready");
});

test("the time told of an authorisation is the gateway's, not that of whoever reads the wallet's text", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("signed in");
  browser.wallet.onSign = (sign) => {
    browser.site.now += 45_000;
    browser.site.once("/signing-keys", async (answer) => {
      browser.site.now += 20;
      return answer();
    });
    return sign();
  };
  await account.authorise();
  const { result } = account.state();
  assert.equal(result?.kind === "status" && result.durationMs, 20);
});

const made = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
const DAMAGES: [name: string, damage: (key: StoredKey) => Promise<unknown>][] = [
  ["another key's public half", async (key) => ({ ...key, keyPair: await made() })],
  ["no keys in it", async (key) => ({ ...key, keyPair: {} })],
  ["a text where the keys were", async (key) => ({ ...key, keyPair: "[object CryptoKeyPair]" })],
  ["a public key that is no base64", async (key) => ({ ...key, signingKey: "\u0000" })],
  ["keys that may not sign", async (key) => ({ ...key, keyPair: { ...key.keyPair, privateKey: key.keyPair.publicKey } })],
];
for (const [name, damage] of DAMAGES) {
  test(`a stored key with ${name} is a lost key, and one click makes another; other accounts keep theirs`, async () => {
    const browser = new FakeBrowser();
    await browser.openAt("authorised");
    const { rows } = browser.keyStore;
    const key = rows.get(alice);
    assert.ok(key);
    rows.set("0xother", key);
    rows.set(alice, (await damage(key)) as StoredKey);
    const { account } = await browser.open();
    assert.deepEqual([account.state().key.state, account.state().key.reason], ["lost", "This browser lost its key."]);
    await account.authorise();
    await account.follow("shiyu");
    assert.equal(account.state().profile?.isFollowedByMe, true);
    assert.equal(rows.get("0xother"), key);
  });
}

test("a key that is damaged while the page is open is noticed by the next follow, and nothing is sent", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const key = browser.keyStore.rows.get(alice);
  assert.ok(key);
  browser.keyStore.rows.set(alice, { ...key, keyPair: await made() });
  await account.follow("shiyu");
  assert.deepEqual([account.state().key.state, account.state().result?.sentence], ["lost", "This browser lost its key."]);
  assert.equal(browser.site.count("POST /follow"), 0);
});

test("forgotten keys are gone for every account of this browser, with what was remembered of them", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("authorised");
  const memory = createMemory(() => browser.storage);
  memory.set("of-another", "stays");
  await forgetEveryKey({ keyStore: browser.keyStore, memory });
  assert.equal(browser.keyStore.rows.size, 0);
  assert.deepEqual([memory.names("countersign.device."), memory.get("of-another")], [[], "stays"]);
});
