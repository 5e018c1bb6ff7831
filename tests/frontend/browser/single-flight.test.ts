import assert from "node:assert/strict";
import { test } from "node:test";

import { createChannel, createLocks } from "../../../static/src/browser/single-flight.ts";
import type { TabNews } from "../../../static/src/browser/single-flight.ts";
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

test("tabs hear each other, not themselves, until they stop listening", async () => {
  const ends = [new BroadcastChannel("single-flight-test"), new BroadcastChannel("single-flight-test")] as const;
  const [mine, theirs] = [createChannel(ends[0]), createChannel(ends[1])];
  const heard: TabNews[] = [];
  mine.subscribe((news) => heard.push({ ...news }));
  const arrived = deferred();
  const stop = theirs.subscribe((news) => {
    heard.push(news);
    arrived.resolve();
  });
  mine.post({ kind: "key", address: "0xa" });
  await arrived.promise;
  assert.deepEqual(heard, [{ kind: "key", address: "0xa" }]);
  stop();
  for (const end of ends) end.close();
});
