import assert from "node:assert/strict";
import { test } from "node:test";

import { createMemory } from "../../../static/src/browser/memory.ts";
import type { BulkItem } from "../../../static/src/lists/bulk-progress.ts";
import { createBulkProgress, UNTOUCHED } from "../../../static/src/lists/bulk-progress.ts";
import { composeMessage } from "../../../static/src/protocol/message.ts";
import { ADDRESS } from "../support/fake-bulk.ts";
import { memoryStorage } from "../support/fakes.ts";

const ITEMS: BulkItem[] = [{ op: "follow", handle: "a" }, { op: "unfollow", handle: "b" }];
const LIST = `countersign.bulk.${ADDRESS.toLowerCase()}`;
const signed = { address: ADDRESS, handle: "a", message: composeMessage("follow", ADDRESS, "a", 5), signature: "0x00" as const, signingKey: "key" };

function parts() {
  const storage = memoryStorage();
  return { storage, progress: createBulkProgress(createMemory(() => storage), ADDRESS) };
}

test("what is kept is read again, for each account its own, in whatever spelling", () => {
  const { storage, progress } = parts();
  assert.equal(progress.read(), null);
  progress.begin(ITEMS);
  progress.keepItem("a", { ...UNTOUCHED, signed, unanswered: true });
  const again = createBulkProgress(createMemory(() => storage), ADDRESS.toLowerCase()).read();
  assert.deepEqual(again, { items: ITEMS, stopped: false, progress: new Map([["a", { ...UNTOUCHED, signed, unanswered: true }]]) });
  assert.equal(createBulkProgress(createMemory(() => storage), "0x01").read(), null);
});

test("a new run forgets the one before, and nothing of another account's", () => {
  const { storage, progress } = parts();
  storage.setItem("countersign.bulk.0x01", "other");
  progress.begin(ITEMS);
  progress.keepItem("a", { ...UNTOUCHED, status: "SUCCESS" });
  progress.begin(ITEMS);
  assert.equal(progress.read()?.progress.size, 0);
  progress.forget();
  assert.deepEqual([storage.length, storage.getItem("countersign.bulk.0x01")], [1, "other"]);
});

test("a list that is damaged is none", () => {
  const { storage, progress } = parts();
  for (const text of ["", "{", "null", "5", "[]", '{"items":{}}', '{"items":[{"op":"block","handle":"a"}]}', '{"items":[{"op":"follow","handle":"A B"}]}', '{"items":[null]}']) {
    storage.setItem(LIST, text);
    assert.equal(progress.read(), null, text);
  }
});

test("an item that is damaged counts as not begun, and a message that is not about it is never sent again", () => {
  const { storage, progress } = parts();
  progress.begin(ITEMS);
  for (const damaged of ["{", "null", "{}", '{"status":5,"changed":false,"unanswered":false,"tries":0}']) {
    storage.setItem(`${LIST}.a`, damaged);
    assert.equal(progress.read()?.progress.size, 0, damaged);
  }
  for (const other of [{ handle: "b" }, { message: composeMessage("unfollow", ADDRESS, "a", 5) }, { message: composeMessage("follow", ADDRESS, "b", 5) }, { message: "{" }, { signature: 5 }, null]) {
    progress.keepItem("a", { ...UNTOUCHED, unanswered: true, signed: other === null ? null : ({ ...signed, ...other } as typeof signed) });
    assert.deepEqual(progress.read()?.progress.get("a"), { ...UNTOUCHED, unanswered: true }, JSON.stringify(other));
  }
});

test("what was forgotten while it went on, as by a sign-out, is not written again", () => {
  const { storage, progress } = parts();
  progress.begin(ITEMS);
  const run = progress.read() ?? assert.fail("nothing is kept");
  createBulkProgress(createMemory(() => storage), ADDRESS).forget();
  progress.keepItem("a", { ...UNTOUCHED, signed, unanswered: true });
  progress.keepStopped(run);
  assert.equal(storage.length, 0);
});
