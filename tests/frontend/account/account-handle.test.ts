// The button acts for what the field says, an act for the handle and the account that it began with.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ALICE, BOB, FakeBrowser } from "../support/fake-browser.ts";
import { problem } from "../support/fake-site.ts";
import { deferred } from "../support/fakes.ts";

const UNDO = { label: "Undo", action: "undo" } as const;
const RETRY = { label: "Try again", action: "retry" } as const;
const done = (browser: FakeBrowser): string[] => browser.site.operations.map(({ op, handle }) => `${op} ${handle}`);

for (const [name, typed] of [
  ["another handle is typed", "cyberconnect"],
  ["the field is empty", ""],
  ["the field says no handle", "not a handle!"],
] as const) {
  test(`while ${name}, a click on the card of before signs nothing`, async () => {
    const browser = new FakeBrowser();
    const { account, steps } = await browser.openAt("authorised");
    const before = steps.length;
    account.typed(typed);
    await Promise.all([account.toggle("shiyu"), account.follow("shiyu"), account.unfollow("shiyu")]);
    assert.deepEqual([account.state().handle, account.state().profile?.handle, steps.length], [typed, "shiyu", before]);
    account.typed("@Shiyu.cc");
    await account.toggle("shiyu");
    assert.deepEqual(done(browser), ["follow shiyu"]);
  });
}

test("while a look-up is slow, a click on the card of before signs nothing, and neither does one for a card not shown yet", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const gate = deferred();
  browser.site.once("/profiles/cyberconnect", async (answer) => {
    await gate.promise;
    return answer();
  });
  const looking = account.lookUp("cyberconnect");
  await account.toggle("shiyu");
  await account.toggle("cyberconnect");
  assert.deepEqual(done(browser), []);
  gate.resolve();
  await looking;
  await account.toggle("cyberconnect");
  assert.deepEqual(done(browser), ["follow cyberconnect"]);
});

test("a look-up that failed leaves nothing to click", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.once("/profiles/cyberconnect", async () => problem("upstream-timeout", 504));
  await account.lookUp("cyberconnect");
  await account.toggle("shiyu");
  await account.toggle("cyberconnect");
  assert.deepEqual([account.state().profile, done(browser)], [null, []]);
});

test("a newcomer's first click follows whom it was for, though another handle is typed before the wallet answers", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.open();
  const asked = deferred();
  const gate = deferred();
  browser.wallet.onSign = async (sign) => {
    asked.resolve();
    await gate.promise;
    return sign();
  };
  const following = tab.account.follow("shiyu");
  await asked.promise;
  await tab.account.lookUp("cyberconnect");
  gate.resolve();
  await following;
  const { result, act, profile } = tab.account.state();
  assert.deepEqual(done(browser), ["follow shiyu"]);
  assert.deepEqual([result?.sentence, act], ["You follow @shiyu.", "Follow @shiyu"]);
  assert.deepEqual([profile?.handle, profile?.isFollowedByMe], ["cyberconnect", false]);
});

test("a lost reply is found out about for the handle of the click, whatever the field says by then", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.once("/follow", async (answer) => {
    await answer();
    await account.lookUp("cyberconnect");
    throw new TypeError("fetch failed");
  });
  await account.follow("shiyu");
  assert.equal(account.state().result?.sentence, "The reply was lost, but the gateway has it: you follow @shiyu.");
});

test("a failure names the act that it is of", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.once("/follow", async () => problem("upstream-unreachable", 502));
  await account.follow("shiyu");
  assert.deepEqual([account.state().result?.kind, account.state().act], ["problem", "Follow @shiyu"]);
});

test("the answer to an authorisation does not stay beside another handle", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  account.typed("@shiyu");
  assert.equal(account.state().result?.kind, "status");
  account.typed("c");
  assert.equal(account.state().result, null);
});

// --- undo -----------------------------------------------------------------------------------------------

test("an unfollow offers Undo, and one click follows again, read back from the gateway", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("following");
  assert.equal(account.state().result?.next, null);
  await account.unfollow("shiyu");
  assert.deepEqual(account.state().result?.next, UNDO);
  await account.act(UNDO);
  const { result, profile } = account.state();
  assert.deepEqual([result?.sentence, result?.next], ["You follow @shiyu.", null]);
  assert.deepEqual([profile?.isFollowedByMe, profile?.followerCount], [true, 2]);
});

test("Undo follows whom was unfollowed, not what the field says, and stays beside another card in words that name the handle", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("following");
  await account.unfollow("shiyu");
  await account.lookUp("cyberconnect");
  assert.deepEqual(account.state().result, { kind: "note", sentence: "You no longer follow @shiyu.", next: UNDO });
  await account.act(UNDO);
  assert.deepEqual(done(browser), ["follow shiyu", "unfollow shiyu", "follow shiyu"]);
  assert.equal(account.state().profile?.isFollowedByMe, false);
});

test("an unfollow whose reply was lost offers Undo as well", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("following");
  browser.site.now += 1;
  browser.site.once("/unfollow", async (answer) => {
    await answer();
    throw new TypeError("fetch failed");
  });
  await account.unfollow("shiyu");
  assert.deepEqual([account.state().result?.kind, account.state().result?.next], ["note", UNDO]);
  await account.act(UNDO);
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test("the next act takes Undo away", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("following");
  await account.unfollow("shiyu");
  await account.lookUp("cyberconnect");
  await account.follow("cyberconnect");
  const sent = browser.site.count("POST /follow");
  await account.act(UNDO);
  assert.equal(browser.site.count("POST /follow"), sent);
});

// --- whose ----------------------------------------------------------------------------------------------

test("neither Undo nor Try again of one account acts for the next one", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("following");
  await account.unfollow("shiyu");
  browser.site.session.addresses.push(BOB.address);
  await account.reload();
  const received = browser.site.received.length;
  browser.wallet.switchTo(BOB);
  await account.act(UNDO);
  await account.act(RETRY);
  await until(({ busy, signedIn }) => busy === null && signedIn);
  assert.deepEqual(browser.site.received.slice(received).filter(({ path }) => /follow$/.test(path)), []);
});

test("what was said to one account does not stay for the next one that the site says is signed in", async () => {
  const browser = new FakeBrowser();
  const before = await browser.openAt("following");
  before.account.stop();
  browser.storage.removeItem("countersign.wallet");
  browser.site.now += 1;
  const { account } = await browser.open();
  await account.unfollow("shiyu");
  assert.deepEqual(account.state().result?.next, UNDO);
  browser.site.session = { active: BOB.address, addresses: [ALICE.address, BOB.address] };
  await account.reload();
  assert.deepEqual([account.state().address, account.state().result], [BOB.address, null]);
});

test("where a switch of accounts failed, Try again is about the switch and not about the act of the account before", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("following");
  browser.site.once("/session/active", async () => problem("upstream-unreachable", 502));
  browser.site.session.addresses.push(BOB.address);
  await account.reload();
  browser.wallet.switchTo(BOB);
  await until(({ busy, result }) => busy === null && result?.kind === "problem");
  await account.act(RETRY);
  const { address, signedIn } = account.state();
  assert.deepEqual([address, signedIn, done(browser)], [BOB.address, true, ["follow shiyu"]]);
});

test("a click made while the page learns that another account is signed in signs for nobody", async () => {
  const browser = new FakeBrowser();
  const before = await browser.openAt("authorised");
  before.account.stop();
  browser.storage.removeItem("countersign.wallet");
  const { account } = await browser.open();
  browser.site.session = { active: BOB.address, addresses: [ALICE.address, BOB.address] };
  await Promise.all([account.reload(), account.follow("shiyu")]);
  const { result, address } = account.state();
  assert.deepEqual([result?.kind === "problem" && result.title, address], ["Another account", BOB.address]);
  assert.deepEqual([done(browser), browser.wallet.texts.length], [[], 2]);
});
