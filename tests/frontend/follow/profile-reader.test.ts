import assert from "node:assert/strict";
import { test } from "node:test";

import { hindrance } from "../../../static/src/follow/profile-reader.ts";

test("the card of one handle says why it can do nothing while the field says another", () => {
  for (const [typed, choosing, why] of [
    ["shiyu", false, null],
    [" @Shiyu.cc", true, null],
    ["alice", false, "Looking up @alice"],
    ["@Alice", true, "Press Enter to look up @alice"],
    ["shiy", false, "Looking up @shiy"],
    ["", false, "Type a handle"],
    ["no handle", false, "That is no handle"],
  ] as const) {
    assert.equal(hindrance(typed, "shiyu", choosing), why);
  }
});
