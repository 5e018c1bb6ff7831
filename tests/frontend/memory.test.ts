import assert from "node:assert/strict";
import { test } from "node:test";

import { createMemory } from "../../static/src/memory.ts";
import { memoryStorage } from "./fakes.ts";

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
