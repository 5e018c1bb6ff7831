import assert from "node:assert/strict";
import { test } from "node:test";

import { createApi } from "../../../static/src/api/api.ts";
import { createServerClock } from "../../../static/src/api/server-clock.ts";
import { KeyStoreUnavailable } from "../../../static/src/browser/key-store.ts";
import { createLocks } from "../../../static/src/browser/locks.ts";
import { createMemory } from "../../../static/src/browser/memory.ts";
import { createBulk, deviceSigner } from "../../../static/src/lists/bulk.ts";
import type { BulkItem } from "../../../static/src/lists/bulk-progress.ts";
import type { Operation } from "../../../static/src/protocol/message.ts";
import { generateSigningKey } from "../../../static/src/protocol/signing-key.ts";
import { ADDRESS, FakeBrowserOfTabs, problem } from "../support/fake-bulk.ts";
import { BASE_TIME, FakeSite } from "../support/fake-site.ts";
import { settle } from "../support/fake-time.ts";
import { ALICE, deferred, memoryStorage, MemoryKeyStore } from "../support/fakes.ts";

const list = (count: number, op: Operation = "follow"): BulkItem[] => Array.from({ length: count }, (_, at) => ({ op, handle: `h${at}` }));

/** A browser with one tab in which a run has begun. */
async function begun(items: readonly BulkItem[], before: (browser: FakeBrowserOfTabs) => void = () => {}) {
  const browser = new FakeBrowserOfTabs();
  before(browser);
  const tab = browser.open();
  const start = tab.bulk.start(items);
  await settle();
  return { browser, tab, bulk: tab.bulk, start };
}
const first = (browser: FakeBrowserOfTabs) => browser.requests[0] ?? assert.fail("nothing is under way");

test("500 follows: each is sent once, a few at a time, and counted as what it was", async () => {
  const { browser, bulk, start } = await begun(list(500), ({ gateway }) => {
    gateway.followed.add("h1").add("h2");
    gateway.missing.add("h3");
  });
  assert.deepEqual([await start, browser.requests.length, bulk.state().phase], [true, 4, { is: "running" }]);
  await browser.untilQuiet();
  assert.deepEqual(bulk.state(), {
    phase: { is: "finished" },
    total: 500,
    done: 499,
    byStatus: { SUCCESS: 497, ALREADY_DONE: 2, HANDLE_NOT_FOUND: 1 },
    failed: [{ op: "follow", handle: "h3", status: "HANDLE_NOT_FOUND", sentence: "Nobody has the handle @h3. Check the spelling.", canRetry: false }],
    msLeft: null,
  });
  assert.deepEqual([browser.sent.length, browser.gateway.followed.size], [500, 499]);
  assert.deepEqual([bulk.statusOf("h0"), bulk.statusOf("h1"), bulk.statusOf("nobody")], ["SUCCESS", "ALREADY_DONE", null]);
});

test("with the site, the device's real key and its signatures: 500 are done and undone, and the wallet is not asked", async () => {
  const site = new FakeSite();
  site.session = { active: ALICE.address, addresses: [ALICE.address] };
  for (const { handle } of list(500)) site.profiles.set(handle, { followers: new Set(), owner: null });
  const { signingKey, keyPair } = await generateSigningKey();
  site.keys.set(ALICE.address.toLowerCase(), new Map([[signingKey, { signingKey, fingerprint: "", name: "", entity: "", registeredAt: BASE_TIME, expiresAt: BASE_TIME + 1e9, revokedAt: null, lastUsedAt: null }]]));
  const keyStore = new MemoryKeyStore();
  const row = { address: ALICE.address, signingKey, keyPair, state: "pending" as const, createdAt: BASE_TIME, confirmedAt: null };
  await keyStore.put(row);
  assert.equal(await deviceSigner(keyStore, ALICE.address), null, "nothing is signed with a key that is not confirmed");
  await keyStore.put({ ...row, state: "confirmed", confirmedAt: BASE_TIME });

  const clock = { now: () => site.now, elapsed: () => site.now };
  const serverClock = createServerClock(clock);
  const api = createApi({ fetch: site.fetch, clock, serverClock, session: site.sessionJson() });
  const storage = memoryStorage();
  const deps = { api, signer: () => deviceSigner(keyStore, ALICE.address), memory: createMemory(() => storage), locks: createLocks(undefined), clock, serverClock, pause: () => Promise.reject(new Error("nothing to wait for")) };
  const bulk = createBulk(ALICE.address, deps);
  const finished = (): Promise<void> => new Promise((resolve) => {
    const leave = bulk.subscribe(({ phase }) => phase.is === "finished" && (leave(), resolve()));
  });
  for (const op of ["follow", "unfollow"]) {
    const end = finished();
    await bulk.start(op === "follow" ? list(500) : bulk.undo());
    await end;
    assert.deepEqual(bulk.state().byStatus, { SUCCESS: 500 }, op);
    site.now += 1_000;
  }
  assert.deepEqual([site.operations.length, list(500).filter(({ handle }) => site.profiles.get(handle)?.followers.size !== 0)], [1_000, []]);
});

test("a list with a handle twice is refused, and an empty one is finished", async () => {
  const { browser, bulk } = await begun([]);
  assert.deepEqual(bulk.state().phase, { is: "finished" });
  assert.throws(() => browser.open().bulk.start([...list(1), ...list(1, "unfollow")]), RangeError);
});

test("RATE_LIMITED pauses the whole run for as long as the gateway says, and says until when and how long it will take", async () => {
  const { browser, bulk } = await begun(list(30), ({ gateway }) => (gateway.quota = 10));
  while (browser.requests.length > 0) await browser.end(first(browser));
  const until = browser.time.now() + 60_000;
  assert.deepEqual(bulk.state().phase, { is: "paused", reason: "rate-limited", until });
  assert.deepEqual([bulk.state().done, bulk.state().msLeft], [10, 60_000 + 20 * 6_000]);
  const sent = browser.sent.length;
  await browser.time.pass(59_999);
  assert.equal(browser.sent.length, sent);
  await browser.time.pass(1);
  assert.deepEqual([browser.requests.length, bulk.state().phase], [4, { is: "running" }]);
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().phase, bulk.state().byStatus], [{ is: "finished" }, { SUCCESS: 30 }]);
  assert.equal(new Set(browser.sent.map(({ message }) => message)).size, 30, "what was limited goes out again in the same bytes");
  await bulk.start(bulk.undo());
  await settle();
  assert.deepEqual([bulk.state().phase.is, bulk.state().msLeft], ["running", null], "the next run has a rate of its own");
});

test("a gateway that does not say how long is asked less and less often", async () => {
  const { browser, bulk } = await begun(list(12), ({ gateway }) => ((gateway.quota = 4), (gateway.tellsRetryAfter = false)));
  const waits: number[] = [];
  let told: number | null = null;
  bulk.subscribe(({ phase }) => {
    if (phase.is === "paused" && phase.until !== null && phase.until !== told) waits.push((told = phase.until) - browser.time.now());
  });
  await browser.untilQuiet();
  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
  assert.deepEqual(bulk.state().byStatus, { SUCCESS: 12 });
});

for (const [asked, waited] of [[0, 1_000], [1e12, 3_600_000], [-5, 2_000], [Number.NaN, 2_000]] as const) {
  test(`a gateway that asks for ${asked} seconds is not believed to the letter`, async () => {
    const { browser, bulk } = await begun(list(1));
    const request = first(browser);
    browser.requests = [];
    request.answer({ ...browser.decide(request), status: "RATE_LIMITED", retryAfter: asked });
    await settle();
    const { phase } = bulk.state();
    assert.equal(phase.is === "paused" && phase.until !== null && phase.until - browser.time.now(), waited);
  });
}

test("too many requests of this network, and a busy site, are waited for as they say", async () => {
  for (const [slug, reason] of [["too-many-requests", "rate-limited"], ["unavailable", "offline"]] as const) {
    const { browser, bulk } = await begun(list(2));
    await browser.end(first(browser), problem(slug, 7));
    assert.deepEqual(bulk.state().phase, { is: "paused", reason, until: browser.time.now() + 7_000 });
    await browser.untilQuiet();
    assert.deepEqual(bulk.state().byStatus, { SUCCESS: 2 });
  }
});

test("the longest of several waits counts", async () => {
  const { browser, bulk } = await begun(list(3));
  const until = browser.time.now() + 30_000;
  await browser.end(first(browser), problem("unavailable", 30));
  await browser.end(first(browser), problem("unavailable", 5));
  await browser.end(first(browser), problem("no-connection"));
  assert.deepEqual(bulk.state().phase, { is: "paused", reason: "offline", until });
});

test("a longer wait that is told later is waited for to its end", async () => {
  const { browser } = await begun(list(9));
  await browser.end(first(browser), problem("unavailable", 5));
  await browser.end(first(browser), problem("unavailable", 30));
  while (browser.requests.length > 0) await browser.end(first(browser));
  await browser.time.pass(29_999);
  assert.equal(browser.requests.length, 0);
  await browser.time.pass(1);
  assert.equal(browser.requests.length, 4);
});

test("what only the visitor can end is no wait that ends by itself, in whatever order they are told", async () => {
  for (const order of ["wait first", "wait last"]) {
    const { browser, bulk } = await begun(list(9));
    const told = [problem("unavailable", 7), problem("not-signed-in")];
    for (const error of order === "wait first" ? told : told.reverse()) await browser.end(first(browser), error);
    while (browser.requests.length > 0) await browser.end(first(browser));
    await browser.time.pass(60_000);
    assert.deepEqual([bulk.state().phase, browser.sent.length], [{ is: "paused", reason: "session", until: null }, 4], order);
    bulk.resume();
    await browser.untilQuiet();
    assert.deepEqual(bulk.state().byStatus, { SUCCESS: 9 });
  }
});

test("the time left is told from a few items on, by the rate so far", async () => {
  const { browser, bulk } = await begun(list(20));
  const told: (number | null)[] = [];
  for (let done = 1; done <= 10; done++) {
    await browser.time.pass(100);
    await browser.end(first(browser));
    told.push(bulk.state().msLeft);
  }
  assert.deepEqual(told, [null, null, null, null, 1_500, 1_400, 1_300, 1_200, 1_100, 1_000]);
});

test("a key that runs out half-way pauses the run, and with a renewed one it goes on where it was", async () => {
  const { browser, bulk } = await begun(list(100));
  for (let done = 0; done < 50; done++) await browser.end(first(browser));
  browser.gateway.keys.set("key-1", "expired");
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().phase, bulk.state().done], [{ is: "paused", reason: "key", until: null }, 50]);
  assert.equal(browser.sent.length, 54, "only what was under way");

  bulk.resume();
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().phase, bulk.state().done], [{ is: "paused", reason: "key", until: null }, 50]);
  browser.gateway.keys.set("key-2", "live");
  browser.key = "key-2";
  bulk.resume();
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().phase, bulk.state().byStatus], [{ is: "finished" }, { SUCCESS: 100 }]);
  assert.equal(browser.gateway.accepted.length, 100);
});

test("a message of a key that is no more is not sent after a reload, but signed anew", async () => {
  const { browser, tab } = await begun(list(6));
  browser.close(tab);
  browser.gateway.keys.set("key-1", "expired").set("key-2", "live");
  browser.key = "key-2";
  const { bulk } = browser.open();
  bulk.restore();
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().byStatus, browser.sent.length], [{ SUCCESS: 6 }, 4 + 6]);
});

test("whoever renews the key while the last of its messages are under way goes on as fast as before", async () => {
  const { browser, bulk } = await begun(list(20));
  browser.gateway.keys.set("key-1", "expired");
  for (const request of browser.requests.slice(1)) await browser.end(request);
  browser.gateway.keys.set("key-2", "live");
  browser.key = "key-2";
  bulk.resume();
  await browser.end(first(browser));
  assert.equal(browser.requests.length, 4);
  await browser.untilQuiet();
  assert.deepEqual(bulk.state().byStatus, { SUCCESS: 20 });
});

test("a key that was renewed while its last messages were under way needs nobody", async () => {
  const { browser, bulk } = await begun(list(8));
  browser.gateway.keys.set("key-1", "revoked").set("key-2", "live");
  browser.key = "key-2";
  await browser.untilQuiet();
  assert.deepEqual(bulk.state().byStatus, { SUCCESS: 8 });
});

test("no key, or a browser that does not give it out, pauses the run before anything is sent", async () => {
  const { browser, bulk } = await begun(list(2), (without) => (without.key = null));
  assert.deepEqual([bulk.state().phase, browser.sent], [{ is: "paused", reason: "key", until: null }, []]);
  const storage = memoryStorage();
  const deps = { clock: browser.time, serverClock: { ...browser.time, now: () => browser.time.now(), observe: () => {} }, memory: createMemory(() => storage), locks: createLocks(undefined), pause: browser.time.pause };
  const blocked = createBulk(ADDRESS, { ...deps, api: { operate: () => assert.fail("sent") } as never, signer: () => Promise.reject(new KeyStoreUnavailable("blocked")) });
  await blocked.start(list(1));
  await settle();
  assert.deepEqual(blocked.state().phase, { is: "paused", reason: "key", until: null });
});

for (const [slug, reason] of [["not-signed-in", "session"], ["csrf", "session"], ["cookies-blocked", "session"], ["wrong-account", "account"]] as const) {
  test(`a session that ended, or is another account's (${slug}), pauses the run until somebody resumes it, with what was not sent kept`, async () => {
    const { browser, bulk, tab } = await begun(list(20));
    await browser.end(first(browser));
    await browser.untilQuiet((request) => browser.end(request, problem(slug)));
    assert.deepEqual([bulk.state().phase, bulk.state().done], [{ is: "paused", reason, until: null }, 1]);
    browser.close(tab);
    const next = browser.open().bulk;
    next.restore();
    await browser.untilQuiet();
    assert.deepEqual([next.state().byStatus, next.undo().length], [{ SUCCESS: 20 }, 20]);
  });
}

test("without a connection it tries again by itself, less and less often, and at once where it is told to", async () => {
  const { browser, bulk } = await begun(list(6));
  const start = browser.time.now();
  await browser.end(first(browser));
  while (browser.requests.length > 0) await browser.end(first(browser), problem("no-connection"));
  assert.deepEqual(bulk.state().phase, { is: "paused", reason: "offline", until: start + 2_000 });
  await browser.time.pass(2_000);
  while (browser.requests.length > 0) await browser.end(first(browser), problem("no-connection"));
  assert.deepEqual(bulk.state().phase, { is: "paused", reason: "offline", until: start + 6_000 });
  bulk.resume();
  await settle();
  assert.deepEqual([browser.requests.length, bulk.state().phase], [4, { is: "running" }]);
  await browser.untilQuiet();
  assert.deepEqual(bulk.state().byStatus, { SUCCESS: 6 });
  assert.equal(new Set(browser.sent.map(({ message }) => message)).size, 6);
});

test("a signature that comes after a pause or a stop has begun does not leave", async () => {
  for (const why of ["pause", "stop"]) {
    const { browser, bulk } = await begun(list(8));
    const hand = deferred();
    browser.signing = hand.promise;
    await browser.end(first(browser));
    if (why === "pause") await browser.end(first(browser), problem("unavailable", 7));
    else bulk.stop();
    hand.resolve();
    await settle();
    assert.equal(browser.sent.length, 4, why);
  }
});

test("nor does one with the gateway's time", async () => {
  const { browser, bulk } = await begun(list(8), (wrong) => (wrong.clockOff = -400_000 + 150_000));
  browser.clockOff = 0;
  await browser.time.pass(100_000);
  const hand = deferred();
  browser.signing = hand.promise;
  await browser.end(first(browser));
  bulk.stop();
  hand.resolve();
  await settle();
  assert.deepEqual([browser.sent.length, browser.gateway.accepted.length], [4, 0]);
});

test("a reload before a message is signed with the gateway's time finds nothing newer than its own", async () => {
  const { browser, tab } = await begun(list(1));
  const { signed } = first(browser);
  // Another device, whose clock is ahead, and which changed nothing in the end.
  for (const [op, ahead] of [["follow", 20_000], ["unfollow", 20_001]] as const) {
    const message = JSON.stringify({ op, address: ADDRESS, handle: "h0", ts: browser.time.now() + ahead });
    assert.equal(browser.gateway.decide(op, { ...signed, message, signature: `0xkey-1/${message}` }).status, "SUCCESS");
  }
  browser.signing = new Promise(() => {});
  await browser.end(first(browser));
  browser.close(tab);
  browser.signing = Promise.resolve();
  const { bulk } = browser.open();
  bulk.restore();
  await browser.untilQuiet();
  assert.deepEqual(bulk.state().byStatus, { SUCCESS: 1 });
});

test("what the site surely did not do is not taken for done when it turns out to be so", async () => {
  for (const slug of ["unavailable", "not-signed-in"]) {
    const { browser, bulk } = await begun(list(1), ({ gateway }) => gateway.followed.add("h0"));
    await browser.end(first(browser), problem(slug));
    bulk.resume();
    await browser.untilQuiet();
    assert.deepEqual([bulk.state().byStatus, bulk.undo()], [{ ALREADY_DONE: 1 }, []], slug);
  }
});

test("the waits of its own are a minute at most", async () => {
  const { browser } = await begun(list(1));
  const at: number[] = [];
  for (let tries = 0; tries < 8; tries++) {
    at.push(browser.time.now());
    await browser.end(first(browser), problem("no-connection"));
    await browser.time.passToNext();
  }
  assert.deepEqual(at.map((time, index) => time - (at[index - 1] ?? time)), [0, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test("a message whose answer was lost is sent again in the same bytes, and what it did counts as this run's", async () => {
  const { browser, bulk } = await begun(list(1));
  const lost = first(browser);
  browser.decide(lost);
  await browser.time.pass(20_000);
  await browser.end(lost, problem("no-answer"));
  await browser.untilQuiet();
  assert.deepEqual(browser.sent.map(({ message }) => message), [lost.signed.message, lost.signed.message]);
  assert.deepEqual([bulk.state().byStatus, browser.gateway.accepted.length, bulk.undo()], [{ ALREADY_DONE: 1 }, 1, [{ op: "unfollow", handle: "h0" }]]);
});

test("what was kept over night is too old, and is signed anew with the gateway's time, once", async () => {
  const { browser, tab } = await begun(list(2));
  browser.decide(first(browser)); // one arrived, the other did not
  browser.close(tab);
  await browser.time.pass(12 * 3_600_000);
  const { bulk } = browser.open();
  bulk.restore();
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().byStatus, browser.gateway.accepted.length], [{ ALREADY_DONE: 1, SUCCESS: 1 }, 2]);
  assert.equal(new Set(browser.sent.map(({ message }) => message)).size, 3);
});

test("what the account has signed since about the handle stands, until somebody asks for the item again", async () => {
  const { browser, tab } = await begun(list(1));
  const [lost] = browser.close(tab);
  assert.ok(lost !== undefined);
  browser.decide(lost);
  await browser.time.pass(1_000);
  const message = JSON.stringify({ op: "unfollow", address: ADDRESS, handle: "h0", ts: browser.time.now() });
  browser.gateway.decide("unfollow", { ...lost.signed, message, signature: `0xkey-1/${message}` });
  const { bulk } = browser.open();
  bulk.restore();
  await browser.untilQuiet();
  assert.deepEqual(bulk.state().failed.map(({ status, canRetry }) => [status, canRetry]), [["newer-operation", true]]);
  assert.equal(browser.gateway.followed.size, 0);
  bulk.retry();
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().byStatus, browser.gateway.followed.size], [{ SUCCESS: 1 }, 1]);
});

test("a computer whose clock is wrong signs with the gateway's time, unless that is not to be believed", async () => {
  for (const [off, byStatus] of [[-200_000, { SUCCESS: 3 }], [120_000, { SUCCESS: 3 }], [-900_000, { "disbelieved-time": 3 }]] as const) {
    const { browser, bulk } = await begun(list(3), (wrong) => (wrong.clockOff = off));
    await browser.untilQuiet();
    assert.deepEqual(bulk.state().byStatus, byStatus);
    for (const { sentence } of bulk.state().failed) assert.match(sentence, /did not sign it\.$/);
  }
});

test("a gateway that refuses its own time as well is not asked a third time", async () => {
  const { browser, bulk } = await begun(list(1));
  await browser.untilQuiet(async (request) => {
    browser.requests = [];
    request.answer({ ...browser.decide(request), status: "MESSAGE_EXPIRED" });
    await settle();
  });
  assert.deepEqual([browser.sent.length, bulk.state().failed.map(({ status, canRetry }) => [status, canRetry])], [2, [["MESSAGE_EXPIRED", true]]]);
  assert.match(bulk.state().failed[0]?.sentence ?? "", /still refused/);
});

test("an item to which only nonsense comes back is given up after three times, and the others are done", async () => {
  for (const [error, status] of [[problem("internal"), "internal"], [problem("unreadable"), "unreadable"], [problem("invalid-request"), "invalid-request"]] as const) {
    const { browser, bulk } = await begun(list(6));
    const answer = (request: (typeof browser.requests)[number]): Promise<void> => browser.end(request, request.signed.handle === "h1" ? error : undefined);
    await browser.untilQuiet(answer);
    assert.deepEqual(bulk.state().byStatus, { SUCCESS: 5, [status]: 1 });
    const [failure] = bulk.state().failed;
    assert.match(failure?.sentence ?? "", /^[A-Z].+\.$/);
    bulk.retry();
    let nonsense = 2;
    await browser.untilQuiet((request) => browser.end(request, nonsense-- > 0 ? error : undefined));
    const messages = browser.sent.flatMap(({ handle, message }) => (handle === "h1" ? [message] : []));
    assert.deepEqual([bulk.state().byStatus, messages.length, new Set(messages).size], [{ SUCCESS: 6 }, 6, 1]);
  }
});

test("a fault of the page fails its item and no other", async (t) => {
  t.mock.method(console, "error", () => {});
  const { browser, bulk } = await begun(list(5));
  await browser.untilQuiet((request) => browser.end(request, request.signed.handle === "h2" ? new TypeError("x is undefined") : undefined));
  assert.deepEqual(bulk.state().byStatus, { SUCCESS: 4, fault: 1 });
  assert.match(bulk.state().failed[0]?.sentence ?? "", /Reload the page/);
});

test("Stop: nothing more is sent, what was under way is counted, and the rest can be taken up later", async () => {
  const { browser, bulk } = await begun(list(50));
  for (let done = 0; done < 10; done++) await browser.end(first(browser));
  bulk.stop();
  assert.deepEqual(bulk.state().phase, { is: "stopped" });
  await browser.end(first(browser), problem("no-answer"));
  await browser.untilQuiet();
  assert.deepEqual([browser.sent.length, bulk.state().byStatus], [14, { SUCCESS: 13, "no-answer": 1, "not-sent": 36 }]);
  assert.deepEqual([bulk.state().phase, bulk.undo().length], [{ is: "stopped" }, 13]);
  const [failure] = bulk.state().failed;
  assert.deepEqual([failure?.status, failure?.canRetry], ["no-answer", true]);
  bulk.retry();
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().phase, bulk.state().byStatus], [{ is: "stopped" }, { SUCCESS: 14, "not-sent": 36 }]);
  bulk.resume();
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().phase, bulk.state().byStatus], [{ is: "finished" }, { SUCCESS: 50 }]);
});

test("who goes on at once after a stop loses nothing, nor does a reload stop the run again", async () => {
  const { browser, bulk, tab } = await begun(list(20));
  bulk.stop();
  bulk.resume();
  await browser.end(first(browser));
  while (bulk.state().phase.is !== "running") await browser.end(first(browser));
  assert.equal(browser.requests.length, 4);
  for (const ghost of browser.close(tab)) browser.decide(ghost);
  const next = browser.open().bulk;
  next.restore();
  await browser.untilQuiet();
  assert.deepEqual([next.state().phase, next.state().done, next.undo().length], [{ is: "finished" }, 20, 20]);
});

test("Stop in a pause ends the run at once, whatever it waited for", async () => {
  for (const pause of ["rate-limited", "key"] as const) {
    const { browser, bulk } = await begun(list(5), ({ gateway }) => (pause === "key" ? gateway.keys.set("key-1", "expired") : (gateway.quota = 0)));
    while (browser.requests.length > 0) await browser.end(first(browser));
    assert.equal(bulk.state().phase.is, "paused");
    bulk.stop();
    await settle();
    assert.deepEqual([bulk.state().phase, bulk.state().byStatus], [{ is: "stopped" }, { "not-sent": 5 }], pause);
    const sent = browser.sent.length;
    await browser.untilQuiet();
    assert.equal(browser.sent.length, sent);
  }
});

test("a limit that is told after a stop holds nothing up", async () => {
  const { browser, bulk } = await begun(list(9));
  bulk.stop();
  browser.gateway.quota = 0;
  while (browser.requests.length > 0) await browser.end(first(browser));
  assert.deepEqual([bulk.state().byStatus, browser.time.isAwaited], [{ "not-sent": 9 }, false]);
});

test("a page that was left while it stopped shows the run as stopped, and sends nothing", async () => {
  const { browser, tab, bulk } = await begun(list(9));
  await browser.end(first(browser));
  bulk.stop();
  browser.close(tab);
  const sent = browser.sent.length;
  const next = browser.open().bulk;
  next.restore();
  await browser.untilQuiet();
  assert.deepEqual([next.state().phase, next.state().byStatus], [{ is: "stopped" }, { SUCCESS: 1, "no-answer": 4, "not-sent": 4 }]);
  assert.equal(browser.sent.length, sent);
});

test("Retry failed takes what can succeed, and nothing else", async () => {
  const { browser, bulk } = await begun(list(6), ({ gateway }) => gateway.missing.add("h0"));
  await browser.untilQuiet(async (request) => {
    if (request.signed.handle !== "h1") return browser.end(request);
    browser.requests = browser.requests.filter((other) => other !== request);
    request.answer({ ...browser.decide({ ...request, signed: { ...request.signed, signature: "0x" } }) });
    await settle();
  });
  assert.deepEqual(bulk.state().failed.map(({ handle, status, canRetry }) => [handle, status, canRetry]), [["h0", "HANDLE_NOT_FOUND", false], ["h1", "INVALID_SIGNATURE", true]]);
  const sent = browser.sent.length;
  bulk.retry();
  await browser.untilQuiet();
  assert.deepEqual(browser.sent.slice(sent).map(({ handle }) => handle), ["h1"]);
  assert.deepEqual(bulk.state().byStatus, { SUCCESS: 5, HANDLE_NOT_FOUND: 1 });
  assert.equal(bulk.undo().length, 5);
});

test("Undo takes back what this run changed, the last first, and not what was so before", async () => {
  const { browser, bulk } = await begun([...list(3), { op: "unfollow", handle: "x" }, { op: "unfollow", handle: "y" }], ({ gateway }) => gateway.followed.add("h1").add("x"));
  await browser.untilQuiet();
  const back = bulk.undo();
  assert.deepEqual(back, [{ op: "follow", handle: "x" }, { op: "unfollow", handle: "h2" }, { op: "unfollow", handle: "h0" }]);
  assert.equal(await bulk.start(back), true);
  await browser.untilQuiet();
  assert.deepEqual([[...browser.gateway.followed].sort(), bulk.state().byStatus], [["h1", "x"], { SUCCESS: 3 }]);
});

test("while another tab works for the account nothing is sent here, and its list is finished before mine begins", async () => {
  const { browser, bulk } = await begun(list(8));
  const other = browser.open();
  other.bulk.restore();
  await settle();
  assert.deepEqual([other.bulk.state().phase, other.bulk.state().total], [{ is: "paused", reason: "other-tab", until: null }, 8]);
  const third = browser.open().bulk;
  const mine = third.start([{ op: "follow", handle: "mine" }]);
  await settle();
  assert.deepEqual(third.state().phase, { is: "paused", reason: "other-tab", until: null });
  await browser.untilQuiet();
  assert.deepEqual([await mine, bulk.state().done, other.bulk.state().done, third.state().done], [true, 8, 8, 1]);
  assert.equal(browser.sent.length, 9);
});

test("a run that another tab left unfinished goes on before a new one can begin", async () => {
  const { browser, tab } = await begun(list(8));
  browser.close(tab);
  const { bulk } = browser.open();
  assert.equal(await bulk.start([{ op: "follow", handle: "mine" }]), false);
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().total, bulk.state().done], [8, 8]);
  assert.equal(await bulk.start([{ op: "follow", handle: "mine" }]), true);
});

test("while a run is under way a second start is refused, and nothing is retried or forgotten", async () => {
  const { browser, bulk } = await begun(list(8));
  assert.equal(await bulk.start(list(3, "unfollow")), false);
  bulk.retry();
  bulk.forget();
  bulk.restore();
  assert.deepEqual([bulk.state().phase, bulk.state().total, browser.storage.length], [{ is: "running" }, 8, 1 + 4]);
  await browser.untilQuiet();
  assert.deepEqual(bulk.state().byStatus, { SUCCESS: 8 });
});

test("an account that is not signed in any more sends nothing more, whatever else it waited for, and goes on when it returns", async () => {
  const { browser, tab, bulk } = await begun(list(8));
  const waiting = browser.open().bulk;
  waiting.restore();
  waiting.suspend();
  for (const request of [...browser.requests].slice(1)) await browser.end(request);
  await browser.end(first(browser), problem("unavailable", 30));
  bulk.suspend();
  const sent = browser.sent.length;
  await browser.untilQuiet();
  assert.deepEqual([browser.sent.length, bulk.state().phase], [sent, { is: "paused", reason: "session", until: null }]);
  browser.close(tab);
  browser.open().bulk.restore();
  await browser.untilQuiet();
  assert.deepEqual(browser.gateway.accepted.map(({ handle }) => handle).sort(), list(8).map(({ handle }) => handle));
});

test("who will not wait for another tab stops waiting, and the other goes on", async () => {
  const { browser } = await begun(list(6));
  const other = browser.open().bulk;
  const mine = other.start([{ op: "follow", handle: "mine" }]);
  await settle();
  other.stop();
  assert.deepEqual(other.state().phase, { is: "idle" });
  await browser.untilQuiet();
  assert.deepEqual([await mine, browser.gateway.followed.size, browser.gateway.followed.has("mine")], [false, 6, false]);
});

test("a run that waits for a key can go on in another tab, and the first one sees that it has", async () => {
  const { browser, bulk } = await begun(list(6), ({ gateway }) => gateway.keys.set("key-1", "expired"));
  await browser.untilQuiet();
  browser.gateway.keys.set("key-2", "live");
  browser.key = "key-2";
  const other = browser.open().bulk;
  other.restore();
  await browser.untilQuiet();
  assert.deepEqual(other.state().byStatus, { SUCCESS: 6 });
  bulk.stop();
  await browser.untilQuiet();
  assert.deepEqual([bulk.state().phase, bulk.state().byStatus], [{ is: "finished" }, { SUCCESS: 6 }]);
});

test("a finished run is shown again after a reload, until it is forgotten", async () => {
  const { browser, tab } = await begun(list(3));
  await browser.untilQuiet();
  browser.close(tab);
  const { bulk } = browser.open();
  bulk.restore();
  assert.deepEqual([bulk.state().phase, bulk.state().done, bulk.undo().length], [{ is: "finished" }, 3, 3]);
  bulk.forget();
  assert.deepEqual([bulk.state().phase, browser.storage.length], [{ is: "idle" }, 0]);
});

test("every change gives another state, and an earlier one stays as it was", async () => {
  const { browser, bulk } = await begun(list(30));
  const seen: [object, string][] = [];
  const leave = bulk.subscribe((state) => seen.push([state, JSON.stringify(state)]));
  await browser.untilQuiet();
  leave();
  assert.equal(new Set(seen.map(([state]) => state)).size, seen.length);
  for (const [state, text] of seen) assert.equal(JSON.stringify(state), text);
  assert.equal(bulk.state(), seen.at(-1)?.[0]);
});
