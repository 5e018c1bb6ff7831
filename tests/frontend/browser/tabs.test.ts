import assert from "node:assert/strict";
import { test } from "node:test";

import type { TabNews } from "../../../static/src/browser/tabs.ts";
import { createChannel } from "../../../static/src/browser/tabs.ts";
import { deferred } from "../support/fakes.ts";

test("tabs hear each other, not themselves, until they stop listening", async () => {
  const ends = [new BroadcastChannel("tabs-test"), new BroadcastChannel("tabs-test")] as const;
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
