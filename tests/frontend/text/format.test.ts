import assert from "node:assert/strict";
import { test } from "node:test";

import { dayOf, duration, followers, moment, relativeTime, roughly, shortAddress } from "../../../static/src/text/format.ts";

test("an address keeps its ends", () => {
  assert.equal(shortAddress("0x803F69aE5f5D839071fcD712e25BF3c8c35B2664"), "0x803F…2664");
});

for (const [count, words] of [[0, "0 followers"], [1, "1 follower"], [1284, "1,284 followers"]] as const) {
  test(`${count} is "${words}"`, () => assert.equal(followers(count), words));
}

test("a day of another year says which", () => {
  const now = new Date(2026, 10, 24).getTime();
  assert.equal(dayOf(new Date(2026, 11, 23).getTime(), now), "23 December");
  assert.equal(dayOf(new Date(2027, 0, 2).getTime(), now), "2 January 2027");
});

for (const [ms, words] of [[0.4, "<1 ms"], [41.2, "41 ms"], [1_380, "1.4 s"], [125_000, "2 min"]] as const) {
  test(`${ms} ms reads "${words}"`, () => assert.equal(duration(ms), words));
}

for (const [ms, words] of [
  [0, "less than a second"],
  [414, "less than a second"],
  [500, "about 1 second"],
  [8_200, "about 8 seconds"],
  [59_400, "about 59 seconds"],
  [59_500, "about 1 minute"],
  [125_000, "about 2 minutes"],
  [3_569_400, "about 59 minutes"],
  [3_569_500, "about 1 hour"],
  [9_000_000, "about 3 hours"],
] as const) {
  test(`a wait of ${ms} ms is ${words}`, () => assert.equal(roughly(ms), words));
}

test("a moment is written as the site's own pages write it", () => {
  assert.deepEqual(moment(Date.UTC(2026, 8, 5, 7, 46, 16, 497)), { day: "5 Sep 2026", exact: "5 Sep 2026, 07:46:16 UTC", machine: "2026-09-05T07:46:16Z" });
  assert.equal(moment(Number.MAX_SAFE_INTEGER).day, "31 Dec 9999");
});

for (const [ms, words] of [[0, "now"], [-45_000, "45 seconds ago"], [-7_200_000, "2 hours ago"], [30 * 86_400_000, "in 30 days"]] as const) {
  test(`${ms} ms from now reads "${words}"`, () => assert.equal(relativeTime(1e12 + ms, 1e12), words));
}
