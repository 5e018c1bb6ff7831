import assert from "node:assert/strict";
import { test } from "node:test";

import { createMemory, WORK_KEPT_MS } from "../../../static/src/browser/memory.ts";
import type { BulkItem } from "../../../static/src/lists/bulk-progress.ts";
import { createBulkProgress, unfinished, UNTOUCHED } from "../../../static/src/lists/bulk-progress.ts";
import { composeMessage } from "../../../static/src/protocol/message.ts";
import { ADDRESS } from "../support/fake-bulk.ts";
import { memoryStorage } from "../support/fakes.ts";

const ITEMS: BulkItem[] = [{ op: "follow", handle: "a" }, { op: "unfollow", handle: "b" }];
const LIST = `countersign.bulk.${ADDRESS.toLowerCase()}`;
const NOW = Date.UTC(2026, 10, 27, 9);
const now = (): number => NOW;
const signed = { address: ADDRESS, handle: "a", message: composeMessage("follow", ADDRESS, "a", 5), signature: "0x00" as const, signingKey: "key" };

function parts() {
  const storage = memoryStorage();
  return { storage, progress: createBulkProgress(createMemory(() => storage), ADDRESS, now) };
}

test("what is kept is read again, for each account its own, in whatever spelling", () => {
  const { storage, progress } = parts();
  assert.equal(progress.read(), null);
  progress.begin(ITEMS);
  progress.keepItem("a", { ...UNTOUCHED, signed, unanswered: true });
  const again = createBulkProgress(createMemory(() => storage), ADDRESS.toLowerCase(), now).read();
  assert.deepEqual(again, { items: ITEMS, stopped: false, progress: new Map([["a", { ...UNTOUCHED, signed, unanswered: true }]]) });
  assert.equal(createBulkProgress(createMemory(() => storage), "0x01", now).read(), null);
});

test("a new run forgets the one before, and nothing of another account's", () => {
  const { storage, progress } = parts();
  const other = `{"at":${NOW}}`;
  storage.setItem("countersign.bulk.0x01", other);
  progress.begin(ITEMS);
  progress.keepItem("a", { ...UNTOUCHED, status: "SUCCESS" });
  progress.begin(ITEMS);
  assert.equal(progress.read()?.progress.size, 0);
  progress.forget();
  assert.deepEqual([storage.length, storage.getItem("countersign.bulk.0x01")], [1, other]);
});

test("a run is kept for a week since it was begun or taken up, and then forgotten with all that was signed for it", () => {
  const { storage, progress } = parts();
  progress.begin(ITEMS);
  progress.keepItem("a", { ...UNTOUCHED, signed, unanswered: true });
  const at = (ms: number) => createBulkProgress(createMemory(() => storage), ADDRESS, () => NOW + ms);
  const run = at(WORK_KEPT_MS).read();
  assert.notEqual(run, null);
  at(5_000).keepStopped({ items: ITEMS, stopped: true, progress: new Map() });
  assert.equal(at(WORK_KEPT_MS + 5_000).read()?.progress.size, 1);
  assert.equal(at(WORK_KEPT_MS + 5_001).read(), null);
  assert.equal(storage.length, 0);
});

test("whoever comes here forgets what others left behind too long ago, and what does not say when", () => {
  const { storage, progress } = parts();
  for (const [name, work] of [["0x01", { at: NOW - WORK_KEPT_MS - 1 }], ["0x02", { at: NOW - WORK_KEPT_MS }], ["0x03", {}], ["0x04", null]] as const) {
    storage.setItem(`countersign.bulk.${name}`, JSON.stringify(work));
    storage.setItem(`countersign.bulk.${name}.a`, "{}");
  }
  storage.setItem("countersign.bulk.0x05", "{");
  assert.equal(progress.read(), null);
  assert.deepEqual(createMemory(() => storage).names("").toSorted(), ["countersign.bulk.0x02", "countersign.bulk.0x02.a"]);
});

test("whose work is not over is told, and nobody's that was stopped, has ended or is too old", () => {
  const { storage, progress } = parts();
  const memory = createMemory(() => storage);
  assert.deepEqual(unfinished(memory, now), []);
  progress.begin(ITEMS);
  progress.keepItem("a", { ...UNTOUCHED, status: "SUCCESS" });
  assert.deepEqual(unfinished(memory, now), [ADDRESS.toLowerCase()]);
  assert.deepEqual(unfinished(memory, () => NOW + WORK_KEPT_MS + 1), []);
  progress.begin(ITEMS);
  progress.keepStopped({ items: ITEMS, stopped: true, progress: new Map() });
  assert.deepEqual(unfinished(memory, now), []);
  progress.begin(ITEMS);
  for (const { handle } of ITEMS) progress.keepItem(handle, { ...UNTOUCHED, status: "SUCCESS" });
  assert.deepEqual(unfinished(memory, now), []);
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
  createBulkProgress(createMemory(() => storage), ADDRESS, now).forget();
  progress.keepItem("a", { ...UNTOUCHED, signed, unanswered: true });
  progress.keepStopped(run);
  assert.equal(storage.length, 0);
});
