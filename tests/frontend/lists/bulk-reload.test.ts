// A bulk under whatever may happen to it, in any order: answers, lost requests and replies, reloads, other tabs, stops,
// keys and sessions that end. Nothing is done twice and nothing is lost.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Bulk } from "../../../static/src/lists/bulk.ts";
import type { BulkItem } from "../../../static/src/lists/bulk-progress.ts";
import type { Chance } from "../support/chance.ts";
import { chance } from "../support/chance.ts";
import type { Tab } from "../support/fake-bulk.ts";
import { FakeBrowserOfTabs, problem } from "../support/fake-bulk.ts";
import { settle } from "../support/fake-time.ts";

type Request = FakeBrowserOfTabs["requests"][number];

const anyItems = (luck: Chance): BulkItem[] => Array.from({ length: 1 + luck.below(14) }, (_, at) => ({ op: luck.oneOf(["follow", "unfollow"]), handle: `h${at}` }));

/** Requests that are on their way although nobody waits for them any more. */
type Ghosts = Request[];

async function oneEvent(browser: FakeBrowserOfTabs, ghosts: Ghosts, luck: Chance): Promise<void> {
  const request = luck.shuffled(browser.requests)[0];
  const tab = luck.shuffled(browser.tabs)[0] ?? reopened(browser);
  await settle();
  const event = luck.below(100);
  if (event < 50) {
    if (request === undefined) await browser.time.passToNext();
    else await browser.end(request);
  } else if (event < 58 && request !== undefined) {
    browser.decide(request); // and its reply is lost
    await browser.end(request, problem(luck.oneOf(["no-answer", "upstream-timeout", "internal"])));
  } else if (event < 66 && request !== undefined) {
    if (luck.happens(60)) ghosts.push(request); // it may still arrive
    await browser.end(request, problem(luck.oneOf(["no-connection", "no-answer", "unreadable"])));
  } else if (event < 70 && request !== undefined) {
    await browser.end(request, problem(luck.oneOf(["unavailable", "too-many-requests", "not-signed-in", "wrong-account"]), luck.below(9)));
  } else if (event < 74) {
    const ghost = ghosts.splice(luck.below(ghosts.length + 1), 1)[0];
    if (ghost !== undefined) browser.decide(ghost);
  } else if (event < 84) {
    ghosts.push(...browser.close(tab));
    if (luck.happens(70)) reopened(browser);
  } else if (event < 86 && browser.tabs.length < 3) {
    reopened(browser);
  } else if (event < 90) {
    tab.bulk.resume();
  } else if (event < 92) {
    await browser.time.pass(luck.oneOf([1_000, 30_000, 400_000]));
  } else if (event < 94) {
    browser.gateway.keys.set(browser.key ?? "", luck.oneOf(["expired", "revoked"]));
  } else if (event < 96) {
    renewed(browser);
    tab.bulk.resume();
  } else if (event < 98) {
    tab.bulk.stop();
  } else {
    tab.bulk.retry();
  }
  await settle();
  browser.check();
}

function reopened(browser: FakeBrowserOfTabs): Tab {
  const tab = browser.open();
  tab.bulk.restore();
  return tab;
}

function renewed(browser: FakeBrowserOfTabs): void {
  browser.key = `key-${browser.gateway.keys.size + 1}`;
  browser.gateway.keys.set(browser.key, "live");
}

/** The storm is over: one tab, and a user who does what the page asks for until there is nothing left to do. */
async function toTheEnd(browser: FakeBrowserOfTabs, ghosts: Ghosts, luck: Chance): Promise<Bulk> {
  while (browser.tabs.length > 0) ghosts.push(...browser.close(browser.tabs[0] as Tab));
  for (const ghost of luck.shuffled(ghosts)) if (luck.happens(50)) browser.decide(ghost);
  renewed(browser);
  const { bulk } = reopened(browser);
  for (let round = 0; round < 20; round++) {
    await browser.untilQuiet();
    const { phase, failed } = bulk.state();
    if (phase.is === "paused" || phase.is === "stopped") bulk.resume();
    else if (failed.some(({ canRetry }) => canRetry)) bulk.retry();
    else return bulk;
  }
  assert.fail("It does not come to an end");
}

const told = (items: readonly BulkItem[]): string[] => items.map(({ op, handle }) => `${op} ${handle}`).sort();

async function storm(seed: number): Promise<void> {
  const luck = chance(seed);
  const browser = new FakeBrowserOfTabs();
  const { gateway } = browser;
  const items = anyItems(luck);
  const isSo = new Set(items.filter(() => luck.happens(20)).map(({ handle }) => handle));
  for (const { op, handle } of items) {
    if (isSo.has(handle) === (op === "follow")) gateway.followed.add(handle);
    if (luck.happens(5)) gateway.missing.add(handle);
  }
  gateway.quota = luck.oneOf([Infinity, Infinity, 5, 2]);
  gateway.tellsRetryAfter = luck.happens(50);
  await browser.open().bulk.start(items);

  const ghosts: Ghosts = [];
  for (let events = luck.below(60); events > 0; events--) {
    await oneEvent(browser, ghosts, luck);
    for (const { bulk } of browser.tabs) {
      const { total, done, failed, byStatus } = bulk.state();
      assert.ok(done + failed.length + (byStatus["not-sent"] ?? 0) <= total, "more are told than there are");
    }
  }
  const bulk = await toTheEnd(browser, ghosts, luck);

  const { total, done, failed } = bulk.state();
  assert.deepEqual([total, done + failed.length], [items.length, items.length], "nothing is lost");
  assert.deepEqual(failed.map(({ handle }) => handle).sort(), [...gateway.missing].sort(), "and what failed could not be done");
  const wished = items.filter(({ handle }) => !gateway.missing.has(handle));
  for (const { op, handle } of wished) assert.equal(gateway.followed.has(handle), op === "follow", `${op} ${handle} is done`);

  const changes = wished.filter(({ handle }) => !isSo.has(handle));
  assert.deepEqual(told(gateway.accepted), told(changes), "each is done once, and nothing else");

  // What was so before may count as changed where an answer was lost: nobody can tell then.
  const sentTwice = new Set(items.map(({ handle }) => handle).filter((handle) => browser.sent.filter((sent) => sent.handle === handle).length > 1));
  const undone = told(bulk.undo().map(({ op, handle }) => ({ op: op === "follow" ? "unfollow" : "follow", handle })));
  for (const change of told(changes)) assert.ok(undone.includes(change), `${change} can be undone`);
  for (const item of wished) assert.ok(!isSo.has(item.handle) || sentTwice.has(item.handle) || !undone.includes(told([item])[0] ?? ""), `${item.handle} was so`);
}

for (const [from, to] of [[1, 400], [401, 800], [801, 1_200]] as const) {
  test(`whatever happens, in any order, nothing is done twice and nothing is lost (${from} to ${to})`, async () => {
    for (let seed = from; seed <= to; seed++) {
      try {
        await storm(seed);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
}

test("a reload at every single point of a run, with the requests under way lost or arriving: each is done once", async () => {
  for (const arrives of [false, true]) {
    for (let after = 0; after <= 9; after++) {
      const browser = new FakeBrowserOfTabs();
      const items = Array.from({ length: 9 }, (_, at): BulkItem => ({ op: "follow", handle: `h${at}` }));
      let tab = browser.open();
      await tab.bulk.start(items);
      await settle();
      for (let answers = 0; answers < after; answers++) await browser.end(browser.requests[0] as Request);
      const ghosts = browser.close(tab);
      if (arrives) for (const ghost of ghosts) browser.decide(ghost);
      tab = reopened(browser);
      await browser.untilQuiet();
      assert.deepEqual([tab.bulk.state().done, browser.gateway.accepted.length, tab.bulk.undo().length], [9, 9, 9], `after ${after}`);
      assert.equal(new Set(browser.sent.map(({ message }) => message)).size, 9, "what was under way was sent again in the same bytes");
    }
  }
});

test("500 follows, reloaded every 60 answers while the quota is used up again and again", async () => {
  const browser = new FakeBrowserOfTabs();
  browser.gateway.quota = 60;
  const items = Array.from({ length: 500 }, (_, at): BulkItem => ({ op: "follow", handle: `h${at}` }));
  let tab = browser.open();
  await tab.bulk.start(items);
  let answers = 0;
  await browser.untilQuiet(async (request) => {
    await browser.end(request);
    if (++answers % 60 !== 0) return;
    for (const ghost of browser.close(tab)) browser.decide(ghost);
    tab = reopened(browser);
    await settle();
  });
  assert.deepEqual([tab.bulk.state().byStatus["SUCCESS"], tab.bulk.state().done, browser.gateway.accepted.length], [500 - (tab.bulk.state().byStatus["ALREADY_DONE"] ?? 0), 500, 500]);
  assert.deepEqual(told(tab.bulk.undo()), told(items.map(({ handle }) => ({ op: "unfollow", handle }))));
});
