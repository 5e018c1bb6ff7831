// Leaving while something is under way: who has signed out stays out, and a page is never left busy.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Superseded } from "../../static/src/act.ts";
import { createPageState } from "../../static/src/page-state.ts";
import { ALICE, FakeBrowser } from "./fake-browser.ts";
import { deferred } from "./fakes.ts";
import { problem } from "./fake-site.ts";

/** The next sign-out reaches the site when this gate opens. */
function slowLogout({ site }: FakeBrowser): ReturnType<typeof deferred<void>> {
  const gate = deferred<void>();
  site.once("/logout", async (answer) => {
    await gate.promise;
    return answer();
  });
  return gate;
}

test("a wallet that is locked while it connects leaves the page free, and says what happened", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.open();
  const { wallet } = browser;
  const request = wallet.request.bind(wallet);
  wallet.request = async (asked) => {
    if (asked.method === "eth_chainId") wallet.emit("accountsChanged", []);
    return request(asked);
  };
  await tab.account.connect(tab.announced);
  const { busy, result } = tab.account.state();
  assert.equal(busy, null);
  assert.equal(result?.kind === "problem" && result.title, "Wallet locked");
  wallet.request = request;
  await tab.account.connect(tab.announced);
  assert.equal(tab.account.state().signedIn, true);
});

test("a sign-out that the site did not take is not undone by looking at the page again: it is told first", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("signed in");
  browser.site.once("/logout", async () => problem("unavailable", 503));
  await account.signOut();
  assert.equal(browser.site.session.active, ALICE.address, "the site has not heard of it");
  await account.lookAgain();
  assert.equal(account.state().signedIn, false);
  assert.equal(browser.site.session.active, null);
  assert.deepEqual(account.state().result, { kind: "note", sentence: "Signed out.", next: null });
});

test("a sign-out that is slow has the last word over a page that is looked at again", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("signed in");
  const gate = slowLogout(browser);
  const leaving = account.signOut();
  const looking = account.lookAgain();
  gate.resolve();
  await Promise.all([leaving, looking]);
  assert.deepEqual([account.state().signedIn, browser.site.session.active], [false, null]);
});

test("a sign-out that arrived after its Cancel signs out nobody who signs in next", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("signed in");
  const gate = slowLogout(browser);
  const leaving = account.signOut();
  account.cancel();
  const { result } = account.state();
  assert.match(result?.kind === "cancelled" ? result.sentence : "", /sent already/);
  gate.resolve();
  await leaving;
  await new Promise(setImmediate);
  const other = await browser.open();
  await other.account.connect(other.announced);
  await account.reload();
  assert.equal(browser.site.session.active, ALICE.address);
});

test("an act that finds out by itself that the account changed leaves the page free", async () => {
  const { account } = await new FakeBrowser().open();
  const clock = { now: () => 0, elapsed: () => 0 };
  const page = createPageState(account.state(), { clock, record: { step: () => {}, ended: () => {} } }, async () => {});
  await page.run("Sign in", "connecting", async () => {}, async () => {
    throw new Superseded("The account changed");
  });
  assert.deepEqual([page.get().busy, page.running()], [null, false]);
});
