import assert from "node:assert/strict";
import { test } from "node:test";

import { createKeyStore } from "../../../static/src/browser/key-store.ts";
import type { StoredKey } from "../../../static/src/browser/key-store.ts";
import { ALICE, FakeBrowser } from "../support/fake-browser.ts";
import type { Tab } from "../support/fake-browser.ts";
import type { FakeWallet } from "../support/fakes.ts";
import { deferred } from "../support/fakes.ts";

const alice = ALICE.address.toLowerCase();
const AGAIN = { label: "Try again", action: "retry" } as const;

/** The wallet leaves the next such request without an answer until `release`. */
function hold(wallet: FakeWallet, method: string): { asked: Promise<void>; release: () => void } {
  const asked = deferred();
  const gate = deferred();
  const request = wallet.request.bind(wallet);
  wallet.request = async (question) => {
    if (question.method !== method) return request(question);
    wallet.request = request;
    const answer = request(question);
    asked.resolve();
    await gate.promise;
    return answer;
  };
  return { asked: asked.promise, release: gate.resolve };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

/** Free at once: nothing is awaited before this looks. */
function expectFree({ account }: Tab, sentence: string): void {
  const { busy, waiting, result } = account.state();
  assert.deepEqual([busy, waiting, result], [null, null, { kind: "cancelled", sentence, next: AGAIN }]);
}

for (const method of ["eth_requestAccounts", "eth_chainId", "personal_sign"]) {
  test(`a wallet that never answers ${method} is named, and "Cancel" frees the page; the next click works, a late answer does nothing`, async () => {
    const browser = new FakeBrowser();
    const tab = await browser.open();
    const { asked, release } = hold(browser.wallet, method);
    const connecting = tab.account.connect(tab.announced);
    await asked;
    await turns();
    assert.deepEqual(tab.account.state().waiting, { who: "Test wallet", hint: "Open Test wallet to continue.", cancelled: "Cancelled. What Test wallet still answers is dropped." });
    tab.account.cancel();
    expectFree(tab, "Cancelled. What Test wallet still answers is dropped.");
    await connecting;
    release();
    await turns();
    expectFree(tab, "Cancelled. What Test wallet still answers is dropped.");
    assert.equal(tab.account.state().signedIn, false);
    assert.equal(browser.site.count("POST /login"), 0);
    // One that was asked for accounts only was never connected, and is not listened to.
    assert.equal(browser.wallet.listeners() > 0, method === "personal_sign");
    await tab.account.act(AGAIN);
    assert.equal(tab.account.state().signedIn, true);
  });
}

test("a request that the wallet still has open says so at the next click", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.open();
  const { asked, release } = hold(browser.wallet, "personal_sign");
  const connecting = tab.account.connect(tab.announced);
  await asked;
  tab.account.cancel();
  await connecting;
  browser.wallet.onSign = () => Promise.reject(Object.assign(new Error("already pending"), { code: -32002 }));
  await tab.account.act(AGAIN);
  assert.match(tab.account.state().result?.sentence ?? "", /It has a request open already: answer that one first/);
  release();
});

test("an authorisation that is cancelled registers nothing when it is signed late, and lets other tabs go on", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("signed in");
  const other = await browser.open();
  const { asked, release } = hold(browser.wallet, "personal_sign");
  const authorising = tab.account.authorise();
  await asked;
  const queued = other.account.authorise();
  await turns();
  assert.equal(other.account.state().waiting?.who, "another tab");
  tab.account.cancel();
  expectFree(tab, "Cancelled. What Test wallet still answers is dropped.");
  await Promise.all([authorising, queued]);
  assert.equal(other.account.state().key.state, "ready");
  release();
  await turns();
  assert.equal(browser.site.count("POST /signing-keys"), 1);
});

test("one that only waits for another tab is cancelled like any other, and does nothing when its turn comes", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("signed in");
  const other = await browser.open();
  const { asked, release } = hold(browser.wallet, "personal_sign");
  const authorising = tab.account.authorise();
  await asked;
  const queued = other.account.authorise();
  await turns();
  other.account.cancel();
  expectFree(other, "Cancelled.");
  release();
  await Promise.all([authorising, queued]);
  await turns();
  assert.deepEqual([tab.account.state().key.state, browser.wallet.texts.filter((text) => text.startsWith("I auth")).length], ["ready", 1]);
});

test("a follow that was sent already is told as such when cancelled; the button shows it when it has arrived", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  const sent = deferred();
  const gate = deferred();
  browser.site.once("/follow", async (answer) => {
    sent.resolve();
    await gate.promise;
    return answer();
  });
  const following = tab.account.follow("shiyu");
  await sent.promise;
  assert.equal(tab.account.state().waiting?.who, "the gateway");
  tab.account.cancel();
  expectFree(tab, "Cancelled here, but it was sent already and may still arrive.");
  await following;
  assert.equal(tab.account.state().profile?.isFollowedByMe, false);
  gate.resolve();
  const { profile } = await tab.until(({ profile: shown }) => shown?.isFollowedByMe === true);
  assert.equal(profile?.followerCount, 2);
});

test("what was cancelled after it was sent is sent again as the same message, so that it happens once", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("authorised");
  const sent = deferred();
  const lost = deferred();
  browser.site.once("/follow", async (answer) => {
    const response = await answer();
    sent.resolve();
    await lost.promise;
    return response;
  });
  const following = tab.account.follow("shiyu");
  await sent.promise;
  tab.account.cancel();
  await following;
  browser.site.now += 10;
  await tab.account.act(AGAIN);
  const { result } = tab.account.state();
  assert.equal(result?.kind === "status" && result.sentence, "You follow @shiyu. The first attempt had arrived; only its reply was lost.");
  assert.equal(browser.site.operations.length, 1);
  lost.resolve();
});

test("a sign-in that is cancelled while another tab's is on its way is never sent", async () => {
  const browser = new FakeBrowser();
  const [one, two] = [await browser.open(), await browser.open()];
  const sent = deferred();
  const gate = deferred();
  browser.site.once("/login", async (answer) => {
    sent.resolve();
    await gate.promise;
    return answer();
  });
  const first = one.account.connect(one.announced);
  await sent.promise;
  const second = two.account.connect(two.announced);
  await two.until(({ waiting }) => waiting?.who === "another tab");
  two.account.cancel();
  gate.resolve();
  await Promise.all([first, second]);
  await turns();
  assert.equal(browser.site.count("POST /login"), 1);
});

test("a sign-in that was sent when it was cancelled needs no second signature", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.open();
  const sent = deferred();
  const gate = deferred();
  browser.site.once("/login", async (answer) => {
    sent.resolve();
    await gate.promise;
    return answer();
  });
  const connecting = tab.account.connect(tab.announced);
  await sent.promise;
  tab.account.cancel();
  expectFree(tab, "Cancelled here, but it was sent already and may still arrive.");
  await connecting;
  gate.resolve();
  await tab.account.act(AGAIN);
  assert.deepEqual([tab.account.state().signedIn, browser.wallet.texts.length], [true, 1]);
});

test("storage that never answers is named, and hinders neither signing in nor looking up", async () => {
  const browser = new FakeBrowser();
  const { keyStore } = browser;
  const get = keyStore.get.bind(keyStore);
  keyStore.get = () => new Promise(() => undefined);
  const tab = await browser.open();
  const connecting = tab.account.connect(tab.announced);
  const { signedIn } = await tab.until(({ waiting }) => waiting?.who === "this browser's storage");
  assert.equal(signedIn, true);
  tab.account.cancel();
  expectFree(tab, "Cancelled.");
  await connecting;

  const next = browser.opening();
  await next.until(({ waiting }) => waiting?.who === "this browser's storage");
  await next.account.lookUp("cyberconnect");
  assert.equal(next.account.state().profile?.handle, "cyberconnect");
  const following = next.account.follow("cyberconnect");
  await next.until(({ busy }) => busy === "following");
  next.account.cancel();
  expectFree(next, "Cancelled.");
  await Promise.all([following, next.started]);
  keyStore.get = get;
  await next.account.act(AGAIN);
  assert.equal(next.account.state().profile?.isFollowedByMe, true);
});

test("reading that is cancelled can be done again", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("authorised");
  const { keyStore } = browser;
  const get = keyStore.get.bind(keyStore);
  keyStore.get = () => new Promise(() => undefined);
  const tab = browser.opening();
  tab.account.cancel();
  const { result } = tab.account.state();
  assert.deepEqual(result?.next, { label: "Try again", action: "reload" });
  keyStore.get = get;
  if (result?.next) await tab.account.act(result.next);
  assert.equal(tab.account.state().key.state, "ready");
});

test("a key that storage takes only after the page gave up is not kept: it would push out a later one", async () => {
  const opening: { onsuccess?: () => void; result: unknown }[] = [];
  let closed = 0;
  const modes: unknown[] = [];
  const database = {
    objectStoreNames: { contains: () => true },
    transaction: (_: string, mode?: string) => (modes.push(mode), { objectStore: () => ({ keyPath: "address" }) }),
    close: () => closed++,
  };
  const store = createKeyStore(() => ({ open: () => opening[opening.push({ result: database }) - 1] }) as unknown as IDBFactory);
  const visitor = new AbortController();
  const kept = store.put({ address: alice } as StoredKey, visitor.signal);
  visitor.abort();
  opening[0]?.onsuccess?.();
  await assert.rejects(kept);
  assert.deepEqual([closed, modes.includes("readwrite")], [1, false]);
});

test("cancelling where nothing is under way changes nothing", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.openAt("following");
  const before = tab.account.state();
  tab.account.cancel();
  assert.equal(tab.account.state(), before);
});
