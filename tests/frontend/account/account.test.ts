import assert from "node:assert/strict";
import { test } from "node:test";

import type { Result } from "../../../static/src/state/types.ts";
import { ALICE, FakeBrowser } from "../support/fake-browser.ts";
import { problem } from "../support/fake-site.ts";
import { rejection } from "../support/fakes.ts";

const titleOf = (result: Result | null): string | null => (result?.kind === "problem" ? result.title : null);

test("three steps: connecting signs in, the wallet authorises the key, then no prompt", async () => {
  const browser = new FakeBrowser();
  const { account, announced } = await browser.open();
  await account.connect(announced);
  assert.equal(account.state().address, ALICE.address);
  assert.equal(account.state().signedIn, true);
  assert.equal(account.state().wallet?.name, "Test wallet");

  await account.authorise();
  const { key, result } = account.state();
  assert.equal(key.state, "ready");
  assert.match(key.fingerprint ?? "", /^[0-9a-f]{4}·[0-9a-f]{4}$/);
  assert.equal(key.until, (key.since ?? 0) + 30 * 86_400_000);
  assert.equal(result?.kind === "status" && result.op === "register" && result.status, "SUCCESS");
  assert.equal(browser.wallet.texts.length, 2);

  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
  assert.equal(account.state().profile?.followerCount, 2);
  const followed = account.state().result;
  assert.ok(followed?.kind === "status");
  assert.equal(followed.status, "SUCCESS");
  assert.match(followed.digest ?? "", /^[0-9a-f]{64}$/);

  browser.site.now += 10;
  await account.toggle("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, false);
  assert.equal(account.state().profile?.followerCount, 1);
  assert.equal(browser.wallet.texts.length, 2);
  assert.deepEqual(browser.site.operations.map(({ op }) => op), ["follow", "unfollow"]);
});

test("a follow pressed first runs whatever is missing, with two signatures and no further click", async () => {
  const browser = new FakeBrowser();
  const { account, choices } = await browser.open();
  const busy: unknown[] = [];
  account.subscribe((state) => busy.at(-1) !== state.busy && busy.push(state.busy));
  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
  assert.equal(choices(), 1);
  assert.equal(browser.wallet.texts.length, 2);
  assert.deepEqual(busy, ["following", "connecting", "signing-in", "authorising", "following", null]);
});

test("a follow pressed first stops where the account turns out to follow already, or to own the handle", async () => {
  const browser = new FakeBrowser();
  browser.site.profiles.get("shiyu")?.followers.add(ALICE.address.toLowerCase());
  const { account } = await browser.open();
  assert.equal(account.state().profile?.isFollowedByMe, false);
  await account.follow("shiyu");
  assert.deepEqual(account.state().result, { kind: "note", sentence: "You follow @shiyu already.", next: null });
  assert.equal(browser.wallet.texts.length, 1);

  const owner = new FakeBrowser();
  owner.site.profiles.set("shiyu", { followers: new Set(), owner: ALICE.address.toLowerCase() });
  const tab = await owner.open();
  await tab.account.follow("shiyu");
  const { result } = tab.account.state();
  assert.match(result?.kind === "note" ? result.sentence : "", /@shiyu is yours/);
  assert.equal(owner.wallet.texts.length, 1);
});

test("the next visit finds the session, the key and the wallet, without a prompt", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("following");
  const prompts = browser.wallet.texts.length;
  const { account, until } = await browser.open();
  assert.equal(account.state().key.state, "ready");
  assert.equal(account.state().profile?.isFollowedByMe, true);
  await until(({ wallet }) => wallet !== null);
  browser.site.now += 10;
  await account.toggle("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, false);
  assert.equal(browser.wallet.texts.length, prompts);
  assert.equal(browser.wallet.asked.filter((method) => method === "eth_requestAccounts").length, 1);
});

test("every leg of a first follow is a step with its exact bytes", async () => {
  const browser = new FakeBrowser();
  const { account, steps } = await browser.open();
  await account.follow("shiyu");
  assert.deepEqual(
    steps.map(({ actor, kind }) => `${actor} ${kind}`),
    [
      "site challenge",
      "wallet wallet-signature",
      "site reply",
      "device challenge",
      "wallet wallet-signature",
      "gateway registration",
      "device message",
      "device device-signature",
      "site proxied-mutation",
      "gateway reply",
    ],
  );
  assert.equal(new Set(steps.map(({ id }) => id)).size, steps.length);
  assert.equal(new Set(steps.map(({ trace }) => trace)).size, 1);
  const sent = browser.site.operations[0]?.message;
  const textOf = (kind: string, label: string) => steps.find((step) => step.kind === kind)?.parts.find((part) => part.label === label)?.text;
  assert.equal(textOf("message", "Message"), sent);
  assert.equal(textOf("device-signature", "Message"), sent);
  assert.equal(textOf("challenge", "Text to sign"), browser.wallet.texts[0]);
  assert.ok(steps.every(({ kind, exchange }) => (exchange !== undefined) === ["registration", "proxied-mutation", "reply"].includes(kind) || kind === "reply"));
  assert.equal(steps.at(-1)?.durationMs, 3);
  assert.ok(steps.filter(({ kind }) => kind !== "message").every(({ kind, actor, durationMs }) => durationMs !== null || (kind === "challenge" && actor === "device")));
});

test("the wallet never sees a text that was not shown first", async () => {
  const browser = new FakeBrowser();
  const { account, steps } = await browser.open();
  const shownBefore: boolean[] = [];
  browser.wallet.onSign = (sign) => {
    const text = browser.wallet.texts.at(-1);
    shownBefore.push(steps.some(({ parts }) => parts.some((part) => part.text === text)));
    return sign();
  };
  await account.follow("shiyu");
  assert.deepEqual(shownBefore, [true, true]);
});

test("a sign-in text for another site is shown, and not signed", async () => {
  const browser = new FakeBrowser();
  const { account, announced, steps } = await browser.open();
  browser.site.once("/login/challenge", async () =>
    Response.json({ message: `evil.example wants you to sign in with your Ethereum account:\n${ALICE.address}\n\nURI: https://evil.example`, expiresAt: 0 }),
  );
  await account.connect(announced);
  assert.deepEqual(browser.wallet.texts, []);
  assert.equal(account.state().signedIn, false);
  assert.equal(titleOf(account.state().result), "Not signed");
  assert.equal(steps.length, 1);
});

test("a rejection is no error: a quiet line, and another try that works", async () => {
  for (const stage of ["sign-in", "authorisation"] as const) {
    const browser = new FakeBrowser();
    const { account } = stage === "sign-in" ? await browser.open() : await browser.openAt("signed in");
    browser.wallet.onSign = rejection;
    await account.follow("shiyu");
    const { result, busy, key } = account.state();
    assert.deepEqual(result, { kind: "cancelled", sentence: "Cancelled in wallet", next: { label: "Try again", action: "retry" } });
    assert.equal(busy, null);
    assert.equal(key.state, "none");
    browser.wallet.onSign = (sign) => sign();
    await account.act({ label: "Try again", action: "retry" });
    assert.equal(account.state().profile?.isFollowedByMe, true);
  }
});

test("closing the list of wallets is no error either", async () => {
  const browser = new FakeBrowser();
  browser.choosesNothing = true;
  const { account } = await browser.open();
  await account.follow("shiyu");
  assert.equal(account.state().result?.kind, "cancelled");
  assert.equal(browser.site.received.length, 0);
});

test("a locked wallet and a failing one are told apart, with what to do", async () => {
  const browser = new FakeBrowser();
  const { account, announced } = await browser.open();
  browser.wallet.accounts = [];
  await account.connect(announced);
  assert.equal(titleOf(account.state().result), "Wallet locked");
  browser.wallet.accounts = [ALICE];
  browser.wallet.onSign = () => Promise.reject(new Error("device unplugged"));
  await account.connect(announced);
  const { result } = account.state();
  assert.equal(result?.kind === "problem" && result.sentence, "The wallet could not do it. device unplugged.");
});

test("signing out ends the session at the site; the key stays for the next time", async () => {
  const browser = new FakeBrowser();
  const { account, announced } = await browser.openAt("following");
  await account.signOut();
  const { address, signedIn, wallet, profile, result } = account.state();
  assert.deepEqual([address, signedIn, wallet, profile?.isFollowedByMe], [null, false, null, false]);
  assert.match(result?.kind === "note" ? result.sentence : "", /^Signed out\. /);
  assert.equal(browser.site.session.active, null);
  assert.equal(browser.wallet.listeners(), 0);
  await account.connect(announced);
  assert.equal(account.state().key.state, "ready");
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test("looking up forgives what people paste, keeps what they typed, and says what is wrong", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.open();
  await account.lookUp(" @CyberConnect.cc ");
  assert.equal(account.state().profile?.handle, "cyberconnect");
  assert.equal(account.state().handle, " @CyberConnect.cc ");
  const cases: [typed: string, title: string | undefined][] = [
    ["nobody", "No such handle"],
    ["not a handle", "Not a handle"],
    ["", undefined],
    ["shiyu", undefined],
  ];
  for (const [typed, title] of cases) {
    await account.lookUp(typed);
    assert.equal(account.state().profileProblem?.title, title, typed);
    assert.equal(account.state().profile?.handle, typed === "shiyu" ? "shiyu" : undefined);
  }
  assert.deepEqual((await account.suggest("cy")).map(({ handle }) => handle), ["cyberconnect"]);
});

test("the newest look-up wins, however late an older one answers", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.open();
  let release = (): void => undefined;
  browser.site.once("/profiles/shiyu", async (answer) => {
    await new Promise<void>((resolve) => (release = resolve));
    return answer();
  });
  const slow = account.lookUp("shiyu");
  await account.lookUp("cyberconnect");
  release();
  await slow;
  assert.equal(account.state().profile?.handle, "cyberconnect");
});

test("no place for a key is said as soon as it is known, and again when one is needed", async () => {
  const browser = new FakeBrowser();
  browser.keyStore.broken = true;
  const { account, announced } = await browser.open();
  await account.connect(announced);
  assert.match(account.state().key.reason ?? "", /does not let the page keep a key/);
  await account.follow("shiyu");
  assert.equal(titleOf(account.state().result), "No place for a key");
  assert.equal(browser.wallet.texts.length, 1);
});

test("a session that ended is told, and signing in again goes on", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.expire();
  const following = account.follow("shiyu");
  account.typed("cyberc");
  await following;
  assert.equal(account.state().handle, "cyberc"); // half typed, and still there
  const { result, signedIn, address } = account.state();
  assert.ok(result?.kind === "problem");
  assert.deepEqual([result.sentence, result.next], ["The session has ended. Sign in.", { label: "Sign in", action: "sign-in" }]);
  assert.equal(signedIn, false);
  assert.equal(address?.toLowerCase(), ALICE.address.toLowerCase());
  assert.equal(browser.site.operations.length, 0);
  await account.act({ label: "Sign in", action: "sign-in" });
  assert.equal(account.state().handle, "cyberc");
  await account.lookUp("shiyu");
  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test("a reply of 401 in the middle of an act offers to sign in", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.once("/follow", async () => {
    browser.site.session = { active: null, addresses: [] };
    return problem("not-signed-in", 401);
  });
  await account.follow("shiyu");
  const { result } = account.state();
  assert.deepEqual(result?.kind === "problem" && result.next, { label: "Sign in", action: "sign-in" });
  assert.equal(account.state().signedIn, false);
  await account.act({ label: "Sign in", action: "sign-in" });
  assert.equal(account.state().signedIn, true);
  assert.equal(account.state().key.state, "ready");
});

test("a token that another tab changed is fetched anew once, and the act goes through", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.token++;
  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
  assert.equal(browser.site.operations.length, 1);
});

test("offline and back: said, and read again", async () => {
  const browser = new FakeBrowser();
  const { account, until } = await browser.openAt("authorised");
  account.setOnline(false);
  assert.equal(account.state().online, false);
  browser.site.profiles.get("shiyu")?.followers.add("0xother");
  account.setOnline(true);
  await until(({ profile }) => profile?.followerCount === 2);
});

test("the inspector is told of a sign-out that the site did not hear", async () => {
  const browser = new FakeBrowser();
  const { account, endings } = await browser.openAt("signed in");
  browser.site.once("/logout", () => Promise.reject(new TypeError("fetch failed")));
  await account.signOut();
  const last = endings.at(-1);
  assert.equal(last?.result?.kind === "problem" && last.result.title, "No connection");
  assert.ok(last?.cause instanceof Error);
});
