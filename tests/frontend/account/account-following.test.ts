import assert from "node:assert/strict";
import { test } from "node:test";

import { dayOf } from "../../../static/src/text/format.ts";
import type { Result } from "../../../static/src/state/types.ts";
import { ALICE, FakeBrowser } from "../support/fake-browser.ts";
import { BASE_TIME, problem } from "../support/fake-site.ts";
import { deferred } from "../support/fakes.ts";

const statusOf = (result: Result | null): string | null => (result?.kind === "status" ? result.status : null);
const RETRY = { label: "Try again", action: "retry" } as const;

/** What the gateway answers, whatever it is sent. */
const answering = (status: string) => async () =>
  Response.json({
    status,
    tsInServer: BASE_TIME,
    exchange: { request: { method: "POST", url: "", headers: {}, body: "" }, response: { status: 200, headers: {}, body: "" }, durationMs: 1 },
  });

for (const [name, skew] of [["ten minutes slow", -600_000], ["ten minutes fast", 600_000], ["a year slow", -31_536_000_000]] as const) {
  test(`a clock that is ${name} works: one retry, seen in the inspector`, async () => {
    const browser = new FakeBrowser();
    browser.skew = skew;
    const { account, steps } = await browser.openAt("authorised");
    steps.length = 0;
    await account.follow("shiyu");
    const { result, profile } = account.state();
    assert.equal(statusOf(result), "SUCCESS");
    assert.match(result?.sentence ?? "", /clock is off/);
    assert.equal(profile?.isFollowedByMe, true);
    assert.equal(browser.site.count("POST /follow"), 2);
    assert.deepEqual(
      steps.map(({ kind, title }) => `${kind}: ${title}`),
      [
        "message: Wrote the message",
        "device-signature: Signed the message",
        "proxied-mutation: Proxied the mutation",
        "reply: Answered MESSAGE_EXPIRED",
        "message: Wrote the message again, with the gateway's time",
        "device-signature: Signed the message",
        "proxied-mutation: Proxied the mutation again",
        "reply: Answered SUCCESS",
      ],
    );
  });
}

for (const [name, lie, sent] of [
  ["ten years ahead", 315_360_000_000, 1],
  ["six minutes ahead", 360_000, 1],
  ["six minutes behind", -360_000, 1],
  ["four minutes ahead, which is believed once", 240_000, 2],
] as const) {
  test(`t41 a gateway whose clock claims to be ${name}`, async () => {
    const browser = new FakeBrowser();
    browser.skew = -600_000;
    browser.site.lie = lie;
    const { account } = await browser.openAt("authorised");
    await account.follow("shiyu");
    assert.equal(browser.site.count("POST /follow"), sent);
    assert.equal(statusOf(account.state().result), "MESSAGE_EXPIRED");
    assert.equal(account.state().profile?.isFollowedByMe, false);
    assert.match(account.state().result?.sentence ?? "", sent === 1 ? /did not sign it/ : /Signed again/);
  });
}

test("an operation of another device a moment ago asks for a later time, and blames no clock", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("following");
  await account.unfollow("shiyu"); // in the same millisecond by this computer's clock
  const { result } = account.state();
  assert.deepEqual([statusOf(result), result?.sentence], ["SUCCESS", "You no longer follow @shiyu."]);
  assert.equal(browser.site.count("POST /unfollow"), 2);
});

test("never more than one retry", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  for (let times = 0; times < 5; times++) browser.site.once("/follow", answering("MESSAGE_EXPIRED"));
  await account.follow("shiyu");
  assert.equal(browser.site.count("POST /follow"), 2);
  assert.equal(statusOf(account.state().result), "MESSAGE_EXPIRED");
});

test("a double click is one operation", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  await Promise.all([account.toggle("shiyu"), account.toggle("shiyu"), account.follow("shiyu")]);
  assert.equal(browser.site.count("POST /follow"), 1);
  assert.equal(browser.site.count("POST /unfollow"), 0);
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test("a follow clicked while the page still reads its key waits for it, and asks no wallet", async () => {
  const browser = new FakeBrowser();
  await browser.openAt("authorised");
  const prompts = browser.wallet.texts.length;
  const gate = deferred();
  browser.site.once("/signing-keys", async (answer) => {
    await gate.promise;
    return answer();
  });
  const { account, choices } = browser.opening();
  const following = account.follow("shiyu");
  gate.resolve();
  await following;
  assert.equal(statusOf(account.state().result), "SUCCESS");
  assert.deepEqual([browser.wallet.texts.length, choices()], [prompts, 0]);
});

for (const [name, lose] of [
  ["the connection breaks", () => Promise.reject(new TypeError("fetch failed"))],
  ["the gateway's answer is late", async () => problem("upstream-timeout", 504)],
  ["the gateway's disk failed", async () => problem("outcome-unknown", 503)],
  ["a proxy answers with a page", async () => new Response("<html>", { status: 200 })],
] as const) {
  test(`lost reply, ${name}: the profile tells what became of it`, async () => {
    const browser = new FakeBrowser();
    const { account, steps } = await browser.openAt("authorised");
    browser.site.once("/follow", async (answer) => {
      await answer();
      return lose();
    });
    await account.follow("shiyu");
    const last = steps.at(-1);
    assert.deepEqual([last?.kind, last?.exchange?.request.url], ["failure", "/api/follow"]);
    assert.deepEqual(account.state().result, { kind: "note", sentence: "The reply was lost, but the gateway has it: you follow @shiyu.", next: null });
    assert.equal(account.state().profile?.isFollowedByMe, true);
  });
}

test("lost reply, and the profile cannot be read: the same bytes again, and ALREADY_DONE is good news", async () => {
  const browser = new FakeBrowser();
  const { account, steps } = await browser.openAt("authorised");
  browser.site.once("/follow", async (answer) => {
    await answer();
    throw new TypeError("fetch failed");
  });
  browser.site.once("/profiles/shiyu", () => Promise.reject(new TypeError("fetch failed")));
  await account.follow("shiyu");
  const { result, profileProblem, profile } = account.state();
  assert.ok(result?.kind === "problem");
  assert.equal(result.title, "No connection");
  assert.equal(profileProblem?.title, "No connection");
  assert.equal(profile?.handle, "shiyu");

  browser.site.now += 3_600_000; // long past the window: only the same message is still taken
  await account.act(RETRY);
  const after = account.state();
  assert.equal(statusOf(after.result), "ALREADY_DONE");
  assert.match(after.result?.sentence ?? "", /first attempt had arrived/);
  assert.equal(after.profile?.isFollowedByMe, true);
  assert.equal(after.profileProblem, null);
  const bodies = browser.site.received.filter(({ path }) => path === "/follow").map(({ body }) => body);
  assert.deepEqual(bodies[0], bodies[1]);
  assert.ok(steps.some(({ title }) => title === "Sent the same signed message again"));
});

test("a request that never arrived is made again with the same message, and succeeds", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.once("/follow", () => Promise.reject(new TypeError("fetch failed")));
  await account.follow("shiyu");
  assert.equal(account.state().result?.kind, "problem");
  assert.equal(account.state().profile?.isFollowedByMe, false);
  await account.act(RETRY);
  assert.equal(statusOf(account.state().result), "SUCCESS");
  assert.equal(browser.site.operations.length, 1);
});

test("gateway down: said with the request's id; the button keeps the last truth, the handle stays typed", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.once("/follow", async () => problem("upstream-unreachable", 502));
  browser.site.once("/profiles/shiyu", async () => problem("upstream-unreachable", 502));
  await account.follow("shiyu");
  const { result, profile, handle, busy } = account.state();
  assert.ok(result?.kind === "problem");
  assert.deepEqual([result.title, result.requestId], ["Gateway not reached", "req-1"]);
  assert.deepEqual([profile?.isFollowedByMe, handle, busy], [false, "shiyu", null]);
});

test("looking up another handle leaves no way to try again for the one before", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.once("/follow", async () => problem("upstream-unreachable", 502));
  await account.follow("shiyu");
  assert.equal(account.state().result?.kind, "problem");
  await account.lookUp("nobody");
  assert.equal(account.state().result, null);
});

test("a success whose profile cannot be read back shows what the gateway answered", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.once("/profiles/shiyu", async () => problem("upstream-unreachable", 502));
  await account.follow("shiyu");
  assert.equal(account.state().profile?.isFollowedByMe, true);
  assert.equal(account.state().profileProblem?.next?.action, "reload");
  await account.reload();
  assert.deepEqual([account.state().profileProblem, account.state().profile?.followerCount], [null, 2]);
});

test("a refusal leaves the button as the server tells it", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  browser.site.profiles.get("shiyu")?.followers.add(ALICE.address.toLowerCase());
  await account.follow("shiyu");
  assert.equal(statusOf(account.state().result), "ALREADY_DONE");
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test("an expired key is said with its day; authorising again makes a new one", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const first = account.state().key.fingerprint;
  browser.site.now += 31 * 86_400_000;
  await account.follow("shiyu");
  const { result, key } = account.state();
  assert.equal(statusOf(result), "EXPIRED_SIGNING_KEY");
  assert.equal(result?.sentence, `This device's key ran out on ${dayOf(BASE_TIME + 30 * 86_400_000)}. Authorise it again.`);
  assert.equal(key.state, "expired");
  await account.act({ label: "Authorise again", action: "authorise" });
  assert.equal(account.state().key.state, "ready");
  assert.notEqual(account.state().key.fingerprint, first);
  await account.follow("shiyu");
  assert.equal(statusOf(account.state().result), "SUCCESS");
});

test("a key that the gateway calls expired is, though this browser's clock has it last a moment longer", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const first = account.state().key.fingerprint;
  browser.site.once("/follow", answering("EXPIRED_SIGNING_KEY"));
  await account.follow("shiyu");
  assert.equal(account.state().key.state, "expired");
  await account.act({ label: "Authorise again", action: "authorise" });
  assert.notEqual(account.state().key.fingerprint, first);
  assert.equal(account.state().key.state, "ready");
});

test("a key that was revoked elsewhere is dropped; one click makes another", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  for (const record of browser.site.keys.get(ALICE.address.toLowerCase())?.values() ?? []) record.revokedAt = browser.site.now;
  await account.follow("shiyu");
  const { result, key } = account.state();
  assert.equal(statusOf(result), "INVALID_SIGNING_KEY");
  assert.deepEqual(result?.kind === "status" && result.next, { label: "Authorise again", action: "authorise" });
  assert.deepEqual([key.state, key.reason], ["lost", "This device's key was revoked."]);
  assert.equal(browser.keyStore.rows.size, 0);
  await account.authorise();
  await account.follow("shiyu");
  assert.equal(statusOf(account.state().result), "SUCCESS");
});
