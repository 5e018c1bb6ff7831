import assert from "node:assert/strict";
import { test } from "node:test";

import { createMemory } from "../../../static/src/browser/memory.ts";
import { memoryStorage } from "../support/fakes.ts";

test("what is remembered is there for the next page", () => {
  const storage = memoryStorage();
  createMemory(() => storage).set("a", "1");
  assert.equal(createMemory(() => storage).get("a"), "1");
  createMemory(() => storage).set("a", null);
  assert.equal(createMemory(() => storage).get("a"), null);
});

test("a browser that blocks storage remembers for as long as the page is open", () => {
  const memory = createMemory(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  assert.equal(memory.get("a"), null);
  memory.set("a", "1");
  assert.equal(memory.get("a"), "1");
  memory.set("a", null);
  assert.equal(memory.get("a"), null);
});

test("names are found by how they begin, also where storage is blocked", () => {
  const storage = memoryStorage();
  const blocked = createMemory(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  for (const memory of [createMemory(() => storage), blocked]) {
    for (const name of ["a.1", "a.2", "b.1"]) memory.set(name, "x");
    assert.deepEqual([...memory.names("a.")].sort(), ["a.1", "a.2"]);
  }
  assert.deepEqual([...createMemory(() => storage).names("b.")], ["b.1"]);
});

test("what another page forgot is forgotten here too, and where storage is full the newest counts", () => {
  const storage = memoryStorage();
  const memory = createMemory(() => storage);
  memory.set("a", "1");
  createMemory(() => storage).set("a", null);
  assert.deepEqual([memory.get("a"), memory.names("a")], [null, []]);
  memory.set("a", "1");
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  memory.set("a", "2");
  assert.equal(memory.get("a"), "2");
});
