import assert from "node:assert/strict";
import { test } from "node:test";

import type { Hex } from "../../../static/src/protocol/address.ts";
import { ALICE, BOB, FakeBrowser } from "../support/fake-browser.ts";
import { deferred } from "../support/fakes.ts";

const idle = ({ busy }: { busy: unknown }): boolean => busy === null;

test("t12 switching to an account that is unknown here locks the page to it and asks it to sign in", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("following");
  browser.wallet.switchTo(BOB);
  const at = account.state();
  assert.deepEqual([at.address, at.signedIn, at.key.state, at.profile?.isFollowedByMe], [BOB.address.toLowerCase(), false, "none", false]);
  const { result, profile } = await until((state) => idle(state) && state.result !== null);
  assert.deepEqual(result?.kind === "note" && result.next, { label: "Sign in", action: "sign-in" });
  // The site's session is still Alice's, whose follow must not show as Bob's.
  assert.deepEqual([profile?.isFollowedByMe, profile?.followerCount], [false, 2]);
});

test("switching back needs no new login, and finds the account's own key", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("following");
  browser.wallet.switchTo(BOB);
  await until(idle);
  await account.signIn();
  assert.deepEqual([account.state().address, account.state().key.state], [BOB.address, "none"]);
  const prompts = browser.wallet.texts.length;
  browser.wallet.switchTo(ALICE);
  assert.equal(account.state().signedIn, false);
  const { signedIn, key, profile } = await until((state) => idle(state) && state.signedIn);
  assert.deepEqual([signedIn, key.state, profile?.isFollowedByMe], [true, "ready", true]);
  assert.equal(browser.site.session.active, ALICE.address);
  assert.equal(browser.wallet.texts.length, prompts);
});

test("an account that did not come along is named, and asked to sign in again when the wallet goes back to it", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("following");
  browser.site.letsGo = true;
  browser.wallet.switchTo(BOB);
  await until(idle);
  await account.signIn();
  const { result } = account.state();
  assert.match(result?.kind === "note" ? result.sentence : "", /^Signed in\. Sign in again when you go back to 0xf39F…2266: .*15 minutes/i);
  browser.wallet.switchTo(ALICE);
  const back = await until((state) => idle(state) && state.result !== null);
  assert.deepEqual(back.result?.kind === "note" && back.result.next, { label: "Sign in again", action: "sign-in" });
  assert.equal(back.signedIn, false);
  await account.act({ label: "Sign in again", action: "sign-in" });
  assert.deepEqual([account.state().signedIn, account.state().key.state], [true, "ready"]);
});

test("each account follows with its own key", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("following");
  browser.wallet.switchTo(BOB);
  await until(idle);
  await account.follow("shiyu");
  assert.deepEqual(browser.site.operations.map(({ address }) => address), [ALICE.address.toLowerCase(), BOB.address.toLowerCase()]);
  assert.equal(browser.keyStore.rows.size, 2);
});

test("a sign-in signature that returns after the switch is dropped", async () => {
  const browser = new FakeBrowser();
  const { account, announced, until } = await browser.open();
  const gate = deferred();
  const asked = deferred();
  browser.wallet.onSign = async (sign): Promise<Hex> => {
    asked.resolve();
    await gate.promise;
    return sign();
  };
  const connecting = account.connect(announced);
  await asked.promise;
  browser.wallet.switchTo(BOB);
  gate.resolve();
  await connecting;
  await until(idle);
  assert.equal(browser.site.count("POST /login"), 0);
  assert.deepEqual([account.state().address, account.state().signedIn], [BOB.address.toLowerCase(), false]);
});

test("an authorisation that returns after the switch registers nothing, and does not hold up the other account", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("signed in");
  const asked = deferred();
  browser.wallet.onSign = async () => {
    asked.resolve();
    return new Promise(() => undefined); // the prompt stays open for ever
  };
  const authorising = account.authorise();
  await asked.promise;
  browser.wallet.switchTo(BOB);
  await authorising;
  assert.equal(browser.site.count("POST /signing-keys"), 0);
  browser.wallet.onSign = (sign) => sign();
  await until(idle);
  await account.follow("shiyu");
  assert.deepEqual(browser.site.operations.map(({ address }) => address), [BOB.address.toLowerCase()]);
  browser.wallet.switchTo(ALICE);
  await until((state) => idle(state) && state.signedIn);
  await account.authorise();
  assert.equal(account.state().key.state, "ready");
});

test("a follow that was not sent yet is not sent after the switch", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("authorised");
  const { keyStore } = browser;
  const read = deferred();
  const gate = deferred();
  const get = keyStore.get.bind(keyStore);
  keyStore.get = async (address) => {
    read.resolve();
    await gate.promise;
    return get(address);
  };
  const following = account.follow("shiyu");
  await read.promise;
  browser.wallet.switchTo(BOB);
  gate.resolve();
  await following;
  await until(idle);
  assert.equal(browser.site.count("POST /follow"), 0);
});

test("the answer to a follow that was sent before the switch is not shown to the new account", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("authorised");
  const sent = deferred();
  const gate = deferred();
  browser.site.once("/follow", async (answer) => {
    const response = await answer();
    sent.resolve();
    await gate.promise;
    return response;
  });
  const following = account.follow("shiyu");
  await sent.promise;
  browser.wallet.switchTo(BOB);
  gate.resolve();
  await following;
  const { result, profile } = await until((state) => idle(state) && state.result !== null);
  assert.equal(result?.kind, "note");
  assert.equal(profile?.isFollowedByMe, false);
});

test("there and back at once: the last account stays, at the site too", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("authorised");
  browser.wallet.switchTo(BOB);
  await until(idle);
  await account.signIn();
  const gate = deferred();
  browser.site.once("/session/active", async (answer) => {
    await gate.promise;
    return answer();
  });
  browser.wallet.switchTo(ALICE);
  browser.wallet.switchTo(BOB);
  browser.wallet.switchTo(ALICE);
  browser.wallet.switchTo(BOB);
  gate.resolve();
  await until((state) => idle(state) && state.signedIn);
  assert.equal(account.state().address, BOB.address);
  await account.follow("shiyu");
  assert.equal(browser.site.session.active, BOB.address);
  assert.deepEqual(browser.site.operations.map(({ address }) => address), [BOB.address.toLowerCase()]);
});

test("a wallet's lock signs the page out, here and at the site", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("following");
  browser.wallet.switchTo();
  const at = account.state();
  assert.deepEqual([at.address, at.signedIn, at.wallet, at.key.state, at.profile?.isFollowedByMe], [null, false, null, "none", false]);
  const { result } = await until((state) => idle(state) && state.result !== null);
  assert.match(result?.sentence ?? "", /you are signed out/);
  assert.deepEqual(browser.site.session, { active: null, addresses: [] });
  const { account: next } = await browser.open();
  assert.equal(next.state().signedIn, false);
});

test("a wallet that throws when it is left does not keep its owner signed in", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("signed in");
  browser.wallet.removeListener = () => {
    throw new Error("trap");
  };
  await account.signOut();
  assert.deepEqual([account.state().signedIn, account.state().result?.kind], [false, "note"]);
  assert.deepEqual(browser.site.session, { active: null, addresses: [] });
});

test("connecting anew listens to the new connection alone", async () => {
  const browser = new FakeBrowser();
  const { account, announced } = await browser.openAt("signed in");
  const listeners = browser.wallet.listeners();
  await account.connect(announced);
  assert.equal(browser.wallet.listeners(), listeners);
});

test("a wallet that is unlocked again asks to sign in", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("authorised");
  browser.wallet.switchTo();
  await until((state) => idle(state) && state.result !== null);
  browser.wallet.switchTo(ALICE);
  await until((state) => idle(state) && state.address !== null);
  assert.equal(account.state().signedIn, false);
  await account.signIn();
  assert.deepEqual([account.state().signedIn, account.state().key.state], [true, "ready"]);
});

test("a sign-out that could not be sent is sent before anything else", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("authorised");
  browser.site.once("/logout", () => Promise.reject(new TypeError("fetch failed")));
  browser.wallet.switchTo();
  const { result } = await until((state) => idle(state) && state.result !== null);
  assert.equal(result?.kind, "problem");
  assert.notEqual(browser.site.session.active, null);
  await account.reload();
  assert.equal(account.state().signedIn, false);
  assert.equal(browser.site.session.active, null);
});

test("a wallet that shows another account on the next visit is followed to it", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("following");
  browser.wallet.accounts = [BOB];
  const { account, until } = await browser.open();
  await until(({ address }) => address === BOB.address.toLowerCase());
  assert.equal(account.state().signedIn, false);
});

test("a wallet that shows nothing on the next visit leaves the session as it is", async () => {
  const browser = new FakeBrowser();
  const first = await browser.openAt("authorised");
  first.account.stop();
  browser.wallet.accounts = [];
  const { account } = await browser.open();
  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test("authorising with a wallet that shows another account turns the page to that account", async () => {
  const browser = new FakeBrowser();
  const first = await browser.openAt("signed in");
  first.account.stop();
  browser.storage.removeItem("countersign.wallet");
  browser.wallet.accounts = [BOB];
  const { account, until } = await browser.open();
  await account.authorise();
  await until((state) => idle(state) && state.result !== null);
  assert.deepEqual([account.state().address, account.state().signedIn], [BOB.address.toLowerCase(), false]);
  assert.equal(browser.site.count("POST /signing-keys"), 0);
});
