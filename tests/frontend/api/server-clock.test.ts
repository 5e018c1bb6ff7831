import assert from "node:assert/strict";
import { test } from "node:test";

import { BELIEF_MS, createServerClock, isBelievable } from "../../../static/src/api/server-clock.ts";

const SITE_TIME = Date.UTC(2026, 10, 23, 20, 0, 0);
const DATE = new Date(SITE_TIME).toUTCString();

test("until the site has been heard, this computer's clock is all there is", () => {
  assert.equal(createServerClock({ now: () => 5, elapsed: () => 0 }).now(), 5);
});

for (const [name, off] of [["ten minutes slow", -600_000], ["ten minutes fast", 600_000], ["set to 1970", -SITE_TIME]] as const) {
  test(`a computer's clock that is ${name} does not move what we believe`, () => {
    let elapsed = 1_000;
    const clock = createServerClock({ now: () => SITE_TIME + off, elapsed: () => elapsed });
    clock.observe(DATE, 1_000, 1_200);
    elapsed = 61_100;
    assert.equal(clock.now(), SITE_TIME + 500 + 60_000);
  });
}

test("a reply without a date, or with none that can be read, teaches nothing", () => {
  const clock = createServerClock({ now: () => 7, elapsed: () => 0 });
  clock.observe(null, 0, 0);
  clock.observe("yesterday", 0, 0);
  assert.equal(clock.now(), 7);
});

const BELIEFS: [ts: number, believable: boolean][] = [
  [SITE_TIME, true],
  [SITE_TIME + BELIEF_MS, true],
  [SITE_TIME - BELIEF_MS, true],
  [SITE_TIME + BELIEF_MS + 1, false],
  [SITE_TIME - BELIEF_MS - 1, false],
  [SITE_TIME + 10 * 365 * 86_400_000, false],
  [Number.NaN, false],
  [Number.POSITIVE_INFINITY, false],
  [SITE_TIME + 0.5, false],
];
for (const [ts, believable] of BELIEFS) {
  test(`t41 a time that the gateway names, ${ts}, is ${believable ? "" : "not "}believed`, () => assert.equal(isBelievable(ts, SITE_TIME), believable));
}
