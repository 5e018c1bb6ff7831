// What the device signs beside follows from the page's card, and how its answer is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { aboutHandle } from "../../../static/src/follow/operation.ts";
import type { Signable } from "../../../static/src/follow/operation.ts";
import type { Address } from "../../../static/src/protocol/address.ts";
import { composeMessage } from "../../../static/src/protocol/message.ts";
import { ALICE, FakeBrowser } from "../support/fake-browser.ts";
import { deferred } from "../support/fakes.ts";

const follow = (address: Address): Signable => aboutHandle("follow", address, "shiyu", (ts) => composeMessage("follow", address, "shiyu", ts));

test("whatever is missing comes first, and the answer is told once it has been read back", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const [asked, read] = [deferred(), deferred()];
  const signing = account.sign("Do it", follow, async (status) => {
    asked.resolve();
    await read.promise;
    return { sentence: `It is ${status}.`, next: null };
  });
  await asked.promise;
  assert.deepEqual([account.state().busy, account.state().result], ["signing", null]);
  assert.equal(account.state().waiting?.who, "the gateway");
  read.resolve();
  await signing;
  const { busy, result, act } = account.state();
  assert.deepEqual([busy, act, result?.kind, result?.sentence], [null, "Do it", "status", "It is SUCCESS."]);
  assert.ok(browser.site.profiles.get("shiyu")?.followers.has(ALICE.address.toLowerCase()));
});

test("reading back can be cancelled: what was signed stays signed", async () => {
  const browser = new FakeBrowser();
  const { account } = await browser.openAt("authorised");
  const asked = deferred();
  const signing = account.sign("Do it", follow, () => {
    asked.resolve();
    return new Promise(() => {});
  });
  await asked.promise;
  account.cancel();
  await signing;
  assert.deepEqual([account.state().busy, account.state().result?.kind], [null, "cancelled"]);
  assert.equal(browser.site.count("POST /follow"), 1);
});
