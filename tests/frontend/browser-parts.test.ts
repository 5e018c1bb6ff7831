import assert from "node:assert/strict";
import { test } from "node:test";

import { createAccount } from "../../static/src/account/account.ts";
import type { Account } from "../../static/src/account/types.ts";
import { browserParts, openChannel } from "../../static/src/browser-parts.ts";
import { randomUuid } from "../../static/src/wallet/sandbox-wallet.ts";
import { FakeSite, ORIGIN } from "./support/fake-site.ts";
import { ALICE, FakeWallet, memoryStorage } from "./support/fakes.ts";

const refuse = (): never => {
  throw new DOMException("The operation is insecure.", "SecurityError");
};

/** A window with these parts as they are given, or absent; a getter may refuse. */
function windowWith(site: FakeSite, parts: object): Window & typeof globalThis {
  const whole = {
    fetch: site.fetch,
    localStorage: memoryStorage(),
    navigator: { locks: navigator.locks },
    location: { origin: ORIGIN },
    setTimeout: () => 0,
    document: new EventTarget(),
  };
  return Object.defineProperties(whole, Object.getOwnPropertyDescriptors(parts)) as unknown as Window & typeof globalThis;
}

/** Takes a part of this program's own away for the length of a test. */
function without(t: { after(undo: () => void): void }, holder: object, name: string): void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { value: undefined, configurable: true });
  t.after(() => (before === undefined ? Reflect.deleteProperty(holder, name) : Object.defineProperty(holder, name, before)));
}

async function signIn(parts: object, opened: (account: Account) => void = () => {}) {
  const site = new FakeSite();
  const bootstrap = { ...site.sessionJson(), featured: site.profileJson("shiyu"), featuredHandle: "shiyu", featuredProblem: null, keyLifetimeDays: 30, upstream: "" };
  const wallet = { uuid: "test", name: "Test wallet", icon: "", rdns: "org.example.wallet", provider: new FakeWallet([ALICE]) };
  const account = createAccount({
    ...browserParts(windowWith(site, parts), bootstrap),
    wallets: { current: () => [wallet], subscribe: () => () => {}, stop: () => {} },
    chooseWallet: async () => wallet,
    record: { step: () => {}, ended: () => {} },
  });
  await account.start();
  opened(account);
  await account.connect(wallet);
  account.stop();
  return account;
}

const LOST: [name: string, parts: object][] = [
  ["no BroadcastChannel", { BroadcastChannel: undefined }],
  ["a BroadcastChannel that is refused", { BroadcastChannel: refuse }],
  ["no Web Locks", { navigator: {} }],
  ["Web Locks that throw", { navigator: Object.defineProperty({}, "locks", { get: refuse }) }],
  ["Web Locks that refuse", { navigator: { locks: { request: () => Promise.reject(new DOMException("denied", "SecurityError")) } } }],
  ["no localStorage", { localStorage: null }],
  ["a localStorage that is refused", { get localStorage() { return refuse(); } }],
  ["no IndexedDB", { indexedDB: undefined }],
  ["an IndexedDB that is refused", { get indexedDB() { return refuse(); } }],
];
for (const [name, parts] of LOST) {
  test(`${name}: signing in works, and where no key can be kept the page says so`, async () => {
    const account = await signIn(parts);
    const { signedIn, result, key } = account.state();
    assert.deepEqual([signedIn, result?.sentence], [true, "Signed in."]);
    assert.equal(key.reason, "This browser does not let the page keep a key, as in some private windows.");
  });
}

for (const [holder, name] of [[AbortSignal, "timeout"], [URL, "canParse"], [globalThis, "structuredClone"], [crypto, "randomUUID"], [globalThis, "CompressionStream"]] as const) {
  test(`no ${name}: signing in works`, async (t) => {
    without(t, holder, name);
    assert.equal((await signIn({})).state().signedIn, true);
    assert.match(randomUuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
}

test("no WebCrypto, as over plain http: signing in works, the device's step says what is missing, and so does the button", async (t) => {
  without(t, crypto, "subtle");
  const said = "Browsers sign only on pages that came over https or from this machine. Open this page that way.";
  const first: unknown[] = [];
  const account = await signIn({}, (at) => first.push(at.state().result?.sentence));
  assert.deepEqual(first, [said]);
  assert.deepEqual([account.state().signedIn, account.state().key.reason], [true, said]);
  await account.follow("shiyu");
  const { result } = account.state();
  assert.deepEqual([result?.kind === "problem" && result.title, result?.sentence], ["No signing here", said]);
});

test("tabs that cannot hear each other look for themselves when they come to the front, and only then", () => {
  const document = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  const heard: string[] = [];
  const stop = openChannel(windowWith(new FakeSite(), { document })).subscribe(({ kind }) => heard.push(kind));
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(heard, []);
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(heard, ["session", "operated"]);
  stop();
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(heard.length, 2);
});
