import assert from "node:assert/strict";
import { test } from "node:test";

import type { Group } from "../../../static/src/record/groups.ts";
import { keep, KEPT, kept } from "../../../static/src/record/kept.ts";
import { memoryStorage } from "../support/fakes.ts";

const group = (name: string, more: Partial<Group> = {}): Group => ({
  id: name,
  name,
  account: "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664",
  from: "here",
  steps: [{ id: "1", trace: name, act: name, actor: "device", kind: "message", title: "Wrote the message", at: 1, durationMs: null, parts: [{ label: "Message", text: "{}", kind: "json" }] }],
  outcome: { words: "SUCCESS", tone: "good", durationMs: 41 },
  ...more,
});

test("a reload brings the exchanges back in their order, with whose they were, and not as done just now", () => {
  const storage = memoryStorage();
  assert.equal(keep(() => storage, [group("Unfollow @shiyu"), group("Follow @shiyu", { outcome: null })]), true);
  const found = kept(() => storage);
  assert.deepEqual(
    found.map(({ id, name, from, outcome }) => [id, name, from, outcome?.words]),
    [["kept-1", "Unfollow @shiyu", "kept", "SUCCESS"], ["kept-2", "Follow @shiyu", "kept", undefined]],
  );
  assert.equal(found[0]?.account, group("x").account);
  assert.equal(found[0]?.steps[0]?.parts[0]?.text, "{}");
});

test("a stranger's exchange, which came by a link, is not kept", () => {
  const storage = memoryStorage();
  keep(() => storage, [group("Follow @mallory", { from: "link" })]);
  assert.equal(storage.length, 0);
});

test("cleared, nothing is left in the browser", () => {
  const storage = memoryStorage();
  keep(() => storage, [group("Follow @shiyu")]);
  keep(() => storage, []);
  assert.equal(storage.length, 0);
});

test("the oldest are given up where there is no room", () => {
  const storage = memoryStorage();
  const large = group("Large", { steps: group("x").steps.map((step) => ({ ...step, parts: [{ label: "Text", text: "a".repeat(90_000), kind: "text" }] })) });
  keep(() => storage, [group("Newest"), large, large, large, large, large, group("Oldest")]);
  assert.deepEqual(kept(() => storage).map(({ name }) => name), ["Newest", "Large", "Large", "Large", "Large"]);
});

test("what is damaged is left out, and the rest stays", () => {
  const storage = memoryStorage();
  keep(() => storage, [group("Follow @shiyu")]);
  const good = (storage.getItem(KEPT) ?? "").slice(1, -1);
  for (const text of ["", "{", "null", "{}", "12", '[{"name":1}]']) {
    storage.setItem(KEPT, text);
    assert.deepEqual(kept(() => storage), []);
  }
  storage.setItem(KEPT, `[null,${good},{"name":"x"}]`);
  assert.deepEqual(kept(() => storage).map(({ name }) => name), ["Follow @shiyu"]);
});

test("a browser that forbids storage keeps nothing, and says so by keeping quiet about it", () => {
  const blocked = (): Storage => {
    throw new DOMException("blocked", "SecurityError");
  };
  assert.equal(keep(blocked, [group("Follow @shiyu")]), false);
  assert.deepEqual(kept(blocked), []);
});
