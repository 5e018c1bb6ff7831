import assert from "node:assert/strict";
import { test } from "node:test";

import type { HandleOperation, ProfileText } from "../../../static/src/protocol/handle-message.ts";
import { composeFollowerMessage, composeHandleMessage, composeProfileMessage, LONGEST_BIO, LONGEST_NAME, longestPicture, MAX_PROFILE_BYTES } from "../../../static/src/protocol/handle-message.ts";
import { digestOf } from "../../../static/src/protocol/message.ts";
import { vectors } from "../support/vectors.ts";

interface Composed {
  name: string;
  operation: HandleOperation;
  address: string;
  handle: string;
  shown: ProfileText | null;
  follower?: string;
  ts: number;
  text: string;
  digest: string;
}
const { compose, maxProfileBytes } = vectors<{ compose: Composed[]; maxProfileBytes: number }>("handle-messages");

for (const { name, operation, address, handle, shown, follower, ts, text, digest } of compose) {
  test(`${name} is written to the byte as Python writes it`, async () => {
    const written =
      operation === "profile"
        ? composeProfileMessage(address, handle, shown ?? assert.fail(), ts)
        : operation === "claim" || operation === "release"
          ? composeHandleMessage(operation, address, handle, ts)
          : composeFollowerMessage(operation, address, handle, follower ?? assert.fail(), ts);
    assert.equal(written, text);
    assert.equal(await digestOf(written), digest);
  });
}

test("the longest picture fits beside the longest texts, and nothing longer would", () => {
  assert.equal(MAX_PROFILE_BYTES, maxProfileBytes);
  const longest = (avatar: string): number => {
    const shown = { displayName: "\u{1f600}".repeat(LONGEST_NAME), bio: "\u{1f600}".repeat(LONGEST_BIO), avatar };
    return Buffer.byteLength(composeProfileMessage("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "a".repeat(20), shown, 1_795_460_676_294));
  };
  assert.equal(longest("a".repeat(longestPicture())), MAX_PROFILE_BYTES);
});
