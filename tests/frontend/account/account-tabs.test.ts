import assert from "node:assert/strict";
import { test } from "node:test";

import { ALICE, BOB, FakeBrowser } from "../support/fake-browser.ts";
import { deferred, rejection } from "../support/fakes.ts";

test("t30 two tabs that authorise at once make one key, with one prompt", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("signed in");
  const two = await browser.open();
  await Promise.all([one.account.authorise(), two.account.authorise()]);
  assert.equal(browser.site.keys.get(ALICE.address.toLowerCase())?.size, 1);
  assert.equal(one.account.state().key.fingerprint, two.account.state().key.fingerprint);
  assert.equal(two.account.state().key.state, "ready");
  assert.equal(browser.wallet.texts.filter((text) => text.startsWith("I authorize")).length, 1);
});

test("a tab picks up the key that another tab made", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("signed in");
  const two = await browser.open();
  assert.equal(two.account.state().key.state, "none");
  await one.account.authorise();
  await two.until(({ key }) => key.state === "ready");
});

test("where the first tab rejects, the second asks with the same key", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("signed in");
  const two = await browser.open();
  browser.wallet.onSign = rejection;
  await one.account.authorise();
  const pending = browser.keyStore.rows.get(ALICE.address.toLowerCase());
  assert.equal(pending?.state, "pending");
  assert.equal(one.account.state().key.state, "none");
  browser.wallet.onSign = (sign) => sign();
  await two.account.authorise();
  assert.deepEqual([...(browser.site.keys.get(ALICE.address.toLowerCase())?.keys() ?? [])], [pending?.signingKey]);
});

test("two tabs that follow at once: one operation, both agree", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("authorised");
  const two = await browser.open();
  await Promise.all([one.account.toggle("shiyu"), two.account.toggle("shiyu")]);
  assert.equal(browser.site.operations.length, 1);
  for (const { account, until } of [one, two]) {
    await until(({ profile }) => profile?.isFollowedByMe === true && profile.followerCount === 2);
    const { result } = account.state();
    assert.ok(result?.kind === "status" && ["SUCCESS", "ALREADY_DONE"].includes(result.status));
  }
});

test("a tab signs and sends only when the other tab's operation on the same handle is over", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("authorised");
  const two = await browser.open();
  const sent = deferred();
  const gate = deferred();
  browser.site.once("/follow", async (answer) => {
    sent.resolve();
    await gate.promise;
    return answer();
  });
  const first = one.account.follow("shiyu");
  await sent.promise;
  const second = two.account.follow("shiyu");
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
  assert.equal(two.steps.length, 0);
  gate.resolve();
  await Promise.all([first, second]);
  assert.equal(browser.site.operations.length, 1);
});

test("a tab reads again what another tab changed", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("authorised");
  const two = await browser.open();
  await one.account.follow("shiyu");
  await two.until(({ profile }) => profile?.isFollowedByMe === true && profile.followerCount === 2);
});

test("signing out in one tab signs the other out", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("following");
  const two = await browser.open();
  await two.until(({ wallet }) => wallet !== null);
  await one.account.signOut();
  const { key, profile } = await two.until(({ signedIn, result }) => !signedIn && result !== null);
  assert.deepEqual([key.state, profile?.isFollowedByMe], ["none", false]);
});

test("signing in in one tab is seen by the other", async () => {
  const browser = new FakeBrowser();
  const one = await browser.open();
  const two = await browser.open();
  await one.account.connect(one.announced);
  const { address } = await two.until(({ signedIn }) => signedIn);
  assert.equal(address, ALICE.address);
});

test("a switch in the wallet turns both tabs, and both can act as the new account", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("authorised");
  const two = await browser.open();
  await two.until(({ wallet }) => wallet !== null);
  browser.wallet.switchTo(BOB);
  assert.deepEqual([one.account.state().address, two.account.state().address], [BOB.address.toLowerCase(), BOB.address.toLowerCase()]);
  await one.until(({ busy }) => busy === null);
  await one.account.signIn();
  await two.until(({ signedIn }) => signedIn);
  await two.account.follow("shiyu");
  assert.deepEqual(browser.site.operations.map(({ address }) => address), [BOB.address.toLowerCase()]);
});

test("a tab whose account is no longer the active one sends nothing in the other's name", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("authorised");
  // Another account becomes the active one, and this tab has not heard of it.
  browser.site.session = { active: BOB.address, addresses: [ALICE.address, BOB.address] };
  await one.account.follow("shiyu");
  assert.equal(browser.site.operations.length, 0);
  const { result, address, signedIn } = one.account.state();
  assert.equal(result?.kind === "problem" && result.title, "Another account");
  assert.deepEqual([address?.toLowerCase(), signedIn], [ALICE.address.toLowerCase(), false]);
  // The wallet still shows this account, so trying again makes it the active one, with no new login.
  const prompts = browser.wallet.texts.length;
  await one.account.act({ label: "Try again", action: "retry" });
  assert.equal(browser.site.session.active, ALICE.address);
  assert.equal(browser.wallet.texts.length, prompts);
  assert.deepEqual(browser.site.operations.map(({ address: by }) => by), [ALICE.address.toLowerCase()]);
});

test("a tab that waits for its wallet goes on with it when another tab signs in", async () => {
  const browser = new FakeBrowser();
  const one = await browser.open();
  const two = await browser.open();
  const gate = deferred();
  const asked = deferred();
  browser.wallet.onSign = async (sign) => {
    asked.resolve();
    await gate.promise;
    return sign();
  };
  const following = one.account.follow("shiyu");
  await asked.promise;
  browser.wallet.onSign = (sign) => sign();
  await two.account.connect(two.announced);
  gate.resolve();
  await following;
  assert.equal(one.account.state().profile?.isFollowedByMe, true);
});

for (const mute of [false, true]) {
  test(`two tabs that sign in at once both end signed in, and both can follow${mute ? ", though they cannot tell each other" : ""}`, async () => {
    const browser = new FakeBrowser();
    browser.mute = mute;
    const tabs = [await browser.open(), await browser.open()] as const;
    const both = deferred();
    let asked = 0;
    browser.wallet.onSign = async (sign) => {
      if (++asked === 2) both.resolve();
      await both.promise;
      return sign();
    };
    await Promise.all(tabs.map(({ account, announced }) => account.connect(announced)));
    browser.wallet.onSign = (sign) => sign();
    assert.deepEqual(tabs.map(({ account }) => account.state().signedIn), [true, true]);
    assert.equal(asked, 2);
    await tabs[0].account.follow("shiyu");
    browser.site.now += 10;
    await tabs[1].account.unfollow("shiyu");
    assert.deepEqual(browser.site.operations.map(({ op }) => op), ["follow", "unfollow"]);
  });
}

test("a page whose account another tab left for a second one says which account it needs, and signs in as that", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("signed in");
  browser.site.session = { active: BOB.address, addresses: [ALICE.address, BOB.address] };
  browser.tell({ kind: "session", change: "switched" });
  const { result } = await one.until(({ signedIn, busy, result: said }) => !signedIn && busy === null && said !== null);
  const [mine, other] = [one.account.state().address ?? "", BOB.address].map((address) => `${address.slice(0, 6)}…${address.slice(-4)}`);
  assert.equal(result?.sentence, `Another tab signed in as ${other}. This page is ${mine}'s: sign in as that account to go on.`);
  assert.deepEqual(result.kind === "note" && result.next, { label: `Sign in as ${mine}`, action: "sign-in" });
  const asked = browser.wallet.texts.length;
  await one.account.signIn();
  assert.deepEqual([one.account.state().signedIn, browser.site.session.active, browser.wallet.texts.length], [true, ALICE.address, asked]);
});

test("whoever signs in although the page takes the account for signed in makes it the one that the site acts for", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("signed in");
  browser.site.session = { active: BOB.address, addresses: [ALICE.address, BOB.address] };
  await one.account.signIn();
  assert.deepEqual([one.account.state().signedIn, browser.site.session.active], [true, ALICE.address]);
});

test("only a tab that said so signed out; a session that is gone otherwise has ended", async () => {
  const browser = new FakeBrowser();
  const one = await browser.openAt("signed in");
  const [two, three] = [await browser.open(), await browser.open()];
  await one.account.signOut();
  const { result } = await two.until(({ signedIn, busy, result: said }) => !signedIn && busy === null && said !== null);
  assert.equal(result?.sentence, "Another tab signed out.");
  await three.until(({ signedIn }) => !signedIn);

  const other = new FakeBrowser();
  const four = await other.openAt("signed in");
  const five = await other.open();
  four.account.stop();
  other.site.expire();
  other.tell({ kind: "session", change: "switched" });
  const ended = await five.until(({ signedIn, busy, result: said }) => !signedIn && busy === null && said !== null);
  assert.deepEqual([ended.result?.sentence, ended.result?.kind === "note" && ended.result.next?.action], ["The session has ended. Sign in.", "sign-in"]);
});
