import assert from "node:assert/strict";
import { test } from "node:test";

import { createLocks } from "../../../static/src/browser/locks.ts";
import { deferred } from "../support/fakes.ts";

const KINDS: [name: string, manager: LockManager | undefined][] = [
  ["Web Locks", navigator.locks],
  ["a browser without Web Locks", undefined],
];
for (const [name, manager] of KINDS) {
  test(`${name}: one holder of a name at a time, in order, and a failure frees it`, async () => {
    const locks = createLocks(manager);
    const seen: string[] = [];
    const first = deferred();
    const one = locks.hold("a", async () => {
      seen.push("one in");
      await first.promise;
      seen.push("one out");
      throw new Error("one failed");
    });
    const two = locks.hold("a", async () => seen.push("two"));
    await locks.hold("b", async () => seen.push("another name"));
    first.resolve();
    await assert.rejects(one, { message: "one failed" });
    await two;
    assert.deepEqual(seen, ["one in", "another name", "one out", "two"]);
    assert.equal(await locks.hold("a", async () => 42), 42);
  });
}
