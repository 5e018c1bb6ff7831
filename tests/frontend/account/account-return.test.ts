import assert from "node:assert/strict";
import { test } from "node:test";

import { BOB, FakeBrowser } from "../support/fake-browser.ts";
import type { Tab } from "../support/fake-browser.ts";
import { problem } from "../support/fake-site.ts";
import { deferred } from "../support/fakes.ts";

const idle = ({ busy }: { busy: unknown }): boolean => busy === null;

for (const [act, shows, press] of [
  ["follow", "following", ({ account }: Tab) => account.follow("shiyu")],
  ["authorisation", "authorising", ({ account }: Tab) => account.authorise()],
] as const) {
  test(`a ${act} pressed before the wallet of the last visit is back waits for it, busy, and shows no list`, async () => {
    const browser = new FakeBrowser();
    const before = await browser.openAt("signed in");
    before.account.stop();
    browser.late = true;
    const tab = browser.opening();
    const acting = press(tab);
    const busy = tab.account.state().busy;
    await tab.started;
    assert.deepEqual([busy, tab.account.state().busy], [shows, shows]);
    assert.deepEqual([tab.choices(), browser.wallet.texts.length], [0, 1]);
    tab.announce();
    await acting;
    const { key, wallet, result } = tab.account.state();
    assert.deepEqual([key.state, wallet?.name, result?.kind === "status" && result.status], ["ready", "Test wallet", "SUCCESS"]);
    assert.equal(tab.choices(), 0);
  });
}

test("an act waits no longer than the page's patience for a wallet that is gone, then shows the list", async () => {
  const browser = new FakeBrowser();
  const before = await browser.openAt("signed in");
  before.account.stop();
  browser.late = true;
  const patience = deferred();
  browser.patience = patience.promise;
  const tab = await browser.open();
  const acting = tab.account.follow("shiyu");
  patience.resolve();
  await acting;
  assert.equal(tab.choices(), 1);
  assert.equal(tab.account.state().profile?.isFollowedByMe, true);
});

test("an act that waits for the wallet of the last visit ends where that wallet shows another account", async () => {
  const browser = new FakeBrowser();
  const before = await browser.openAt("signed in");
  before.account.stop();
  browser.late = true;
  browser.wallet.accounts = [BOB];
  const tab = await browser.open();
  const acting = tab.account.follow("shiyu");
  tab.announce();
  await acting;
  const { address, signedIn } = await tab.until((state) => idle(state) && state.result !== null);
  assert.deepEqual([address, signedIn, tab.choices()], [BOB.address.toLowerCase(), false, 0]);
  assert.equal(browser.site.operations.length, 0);
});

test("coming back to a page that was put away reads the account again, and says that the session has ended", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("following");
  await account.reload();
  assert.deepEqual([account.state().signedIn, account.state().key.state], [true, "ready"]);
  browser.site.expire();
  browser.site.profiles.get("shiyu")?.followers.add("0xother");
  await account.reload();
  const { signedIn, key, profile, result } = account.state();
  assert.deepEqual([signedIn, key.state, profile?.isFollowedByMe, profile?.followerCount], [false, "none", false, 3]);
  assert.equal(result?.sentence, "The session has ended. Sign in.");
  assert.deepEqual(result?.next, { label: "Sign in", action: "sign-in" });
});

test("a gateway that is down when the page opens is told at once, and the profile comes by itself when it is back", async () => {
  const browser = new FakeBrowser();
  browser.gatewayDown = true;
  const pauses: { ms: number; over: () => void }[] = [];
  browser.pause = (ms) => new Promise((over) => pauses.push({ ms, over }));
  const { account, until } = browser.opening();
  const { handle, profile, profileProblem } = account.state();
  assert.deepEqual([handle, profile, profileProblem?.title, profileProblem?.next?.label], ["shiyu", null, "Gateway not reached", "Try again"]);
  const overdue = async (): Promise<void> => {
    for (let turns = 0; pauses.length === 0; turns++) {
      assert.ok(turns < 1_000, "the page does not read again by itself");
      await new Promise(setImmediate);
    }
  };
  const asked: number[] = [];
  for (let failing = 0; failing < 6; failing++) {
    browser.site.once("/profiles/shiyu", async () => problem("upstream-unreachable", 502));
    await overdue();
    asked.push(pauses[0]?.ms ?? 0);
    pauses.shift()?.over();
  }
  await overdue();
  assert.deepEqual(asked, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  pauses.shift()?.over();
  const back = await until((state) => state.profile !== null);
  assert.deepEqual([back.profile?.handle, back.profileProblem], ["shiyu", null]);
  assert.equal(pauses.length, 0);
  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test('"Try again" reads a profile that was missing when the page opened', async () => {
  const browser = new FakeBrowser();
  browser.gatewayDown = true;
  const { account } = await browser.open();
  const { profileProblem } = account.state();
  if (profileProblem?.next) await account.act(profileProblem.next);
  assert.equal(account.state().profile?.handle, "shiyu");
});
