import assert from "node:assert/strict";
import { test } from "node:test";

import { createLookedAt } from "../../../static/src/asked/looked-at.ts";

test("e2 a press counts only once the window has been in front for a while, as it is now", () => {
  let now = 0;
  const looked = createLookedAt(() => now);
  assert.deepEqual([looked.counts(), looked.left()], [false, null]);
  looked.seen();
  now = 699;
  assert.deepEqual([looked.counts(), looked.left()], [false, 1]);
  now = 700;
  assert.equal(looked.counts(), true);
  looked.away(); // another window was put before it
  now = 5_000;
  assert.equal(looked.counts(), false);
  looked.seen(); // and taken away, under a double click
  now = 5_200;
  assert.equal(looked.counts(), false);
  now = 5_700;
  assert.equal(looked.counts(), true);
  looked.seen(); // something else is shown
  assert.equal(looked.counts(), false);
});
