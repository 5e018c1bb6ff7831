import assert from "node:assert/strict";
import { test } from "node:test";

import { openDB } from "../../../static/src/program/idb.ts";

test("what was put is there until it is deleted, and another opening knows nothing of it", async () => {
  const store = await openDB();
  await store.put("store", "value", "a");
  await store.put("store", "other", "b");
  assert.equal(await store.get("store", "a"), "value");
  await store.delete("store", "a");
  assert.equal(await store.get("store", "a"), undefined);
  await store.clear("store");
  assert.equal(await store.get("store", "b"), undefined);
  assert.equal(await (await openDB()).get("store", "b"), undefined);
});
