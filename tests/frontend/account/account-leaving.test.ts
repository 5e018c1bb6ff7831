// Leaving while something is under way: who has signed out stays out, and a page is never left busy.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Superseded } from "../../../static/src/state/act.ts";
import { createPageState } from "../../../static/src/state/page-state.ts";
import type { NextStep } from "../../../static/src/state/types.ts";
import type { Tab } from "../support/fake-browser.ts";
import { ALICE, BOB, FakeBrowser } from "../support/fake-browser.ts";
import { deferred } from "../support/fakes.ts";
import { problem } from "../support/fake-site.ts";

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

const sentenceOf = ({ account }: Tab): string => {
  const { result } = account.state();
  return result !== null && "sentence" in result ? result.sentence : "";
};

/** What the page offers after a sign-out. */
const REVOKE: NextStep = { label: "Revoke this device's key", action: "revoke-key" };
const offered = ({ account }: Tab): NextStep | null => {
  const { result } = account.state();
  return result === null ? null : result.next;
};

test("signing out says that this device's key still signs, for whom and until when, and offers to revoke it", async () => {
  const tab = await new FakeBrowser().openAt("authorised");
  await tab.account.signOut();
  assert.match(sentenceOf(tab), /^Signed out\. This device's key can still sign for 0xf39F…2266 until \d+ \w+( \d+)?, unless you revoke it\.$/i);
  assert.deepEqual(offered(tab), REVOKE);
});

test("so does being signed out by the wallet", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  browser.wallet.switchTo();
  await tab.until(({ result }) => result !== null);
  assert.match(sentenceOf(tab), /^The wallet was locked or disconnected, so you are signed out\. This device's key can still sign/);
  assert.deepEqual(offered(tab), REVOKE);
});

test("the key revokes itself: no wallet is asked, nobody has to sign in, and the next sign-in finds a device like new", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  const { account, announced } = tab;
  await account.signOut();
  const prompts = browser.wallet.asked.length;
  await account.act(REVOKE);
  const { result, signedIn } = account.state();
  assert.deepEqual(result?.kind === "status" && [result.op, result.status, result.next], ["revoke", "SUCCESS", null]);
  assert.match(sentenceOf(tab), /revoked, and deleted here/);
  assert.deepEqual([signedIn, browser.wallet.asked.length, browser.keyStore.rows.size], [false, prompts, 0]);
  const [record] = [...(browser.site.keys.get(ALICE.address.toLowerCase())?.values() ?? [])];
  assert.equal(record?.revokedAt, browser.site.now);
  const ending = tab.endings.at(-1);
  assert.deepEqual([ending?.name, tab.steps.filter(({ trace }) => trace === ending?.trace).map(({ title }) => title)], [
    "Revoke this device's key",
    ["Signed its own revocation", "Answered SUCCESS"],
  ]);
  await account.connect(announced);
  const { key } = account.state();
  assert.deepEqual([key.state, key.reason], ["none", null]);
});

test("signing out ends the sessions of all accounts, so that it speaks of all their keys", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  const { account, until } = tab;
  browser.wallet.switchTo(BOB);
  await until(({ busy, address }) => busy === null && address?.toLowerCase() === BOB.address.toLowerCase());
  await account.authorise();
  await account.signOut();
  assert.match(sentenceOf(tab), /^Signed out\. This device's keys can still sign for 0xf39F…2266, 0x7099…79C8, unless you revoke them\.$/i);
  assert.deepEqual(offered(tab), { label: "Revoke this device's keys", action: "revoke-key" });
  await account.act(REVOKE);
  assert.match(sentenceOf(tab), /keys are deleted here, and sign nothing any more/);
  assert.equal(browser.keyStore.rows.size, 0);
  const records = [...browser.site.keys.values()].flatMap((mine) => [...mine.values()]);
  assert.deepEqual(records.map(({ revokedAt }) => revokedAt === browser.site.now), [true, true]);
});

test("a key that ran out, or storage that gives none, makes no promise", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  browser.site.now += 30 * 86_400_000;
  await tab.account.reload();
  await tab.account.signOut();
  assert.deepEqual([sentenceOf(tab), offered(tab)], ["Signed out.", null]);
  await tab.account.connect(tab.announced);
  browser.keyStore.broken = true;
  await tab.account.signOut();
  assert.deepEqual([sentenceOf(tab), offered(tab)], ["Signed out.", null]);
});

test("a computer's clock that is hours off does not keep a key from being revoked", async () => {
  const browser = new FakeBrowser();
  browser.skew = 5 * 3_600_000;
  const tab = await browser.openAt("authorised");
  await tab.account.signOut();
  await tab.account.act(REVOKE);
  assert.match(sentenceOf(tab), /revoked, and deleted here/);
});

test("a revocation that did not get through can be tried again, and the key is kept until it has", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  await tab.account.signOut();
  browser.site.once("/signing-keys/revoke", async () => problem("upstream-unreachable", 502));
  await tab.account.act(REVOKE);
  assert.deepEqual([offered(tab), browser.keyStore.rows.size], [{ label: "Try again", action: "retry" }, 1]);
  await tab.account.act({ label: "Try again", action: "retry" });
  assert.match(sentenceOf(tab), /revoked, and deleted here/);
});

test("one whose reply was lost is found done", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  await tab.account.signOut();
  browser.site.once("/signing-keys/revoke", async (answer) => {
    await answer();
    return problem("upstream-timeout", 504);
  });
  await tab.account.act(REVOKE);
  await tab.account.act({ label: "Try again", action: "retry" });
  assert.match(sentenceOf(tab), /revoked already/);
  assert.equal(browser.keyStore.rows.size, 0);
});

test("where there is no key, nothing is said of one; and nothing is revoked that is not offered", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("signed in");
  await tab.account.signOut();
  assert.deepEqual([sentenceOf(tab), offered(tab)], ["Signed out.", null]);
  const other = await browser.openAt("authorised");
  await other.account.signOut();
  await other.account.connect(other.announced); // whoever comes back is not offered it any more
  await other.account.act(REVOKE);
  assert.equal(browser.site.count("POST /signing-keys/revoke"), 0);
  assert.equal(other.account.state().key.state, "ready");
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

test("whoever leaves takes along what was begun in their name; a session that only ended keeps it for their return", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  const mine = `countersign.bulk.${ALICE.address.toLowerCase()}`;
  const theirs = `countersign.bulk.${BOB.address.toLowerCase()}`;
  for (const name of [mine, `${mine}.shiyu`, theirs]) browser.storage.setItem(name, "{}");
  const kept = (): boolean[] => [mine, `${mine}.shiyu`, theirs].map((name) => browser.storage.getItem(name) !== null);
  browser.site.session = { active: null, addresses: [] };
  await tab.account.lookAgain();
  assert.deepEqual([tab.account.state().signedIn, kept()], [false, [true, true, true]]);
  await tab.account.connect(tab.announced);
  await tab.account.signOut();
  assert.deepEqual(kept(), [false, false, true]);
});
