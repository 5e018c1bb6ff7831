import assert from "node:assert/strict";
import { test } from "node:test";

import { composeAuthorizationText, composeMessage, digestOf, hexOf } from "../../../static/src/protocol/message.ts";
import { vectors } from "../support/vectors.ts";

interface Composed {
  operation: "follow" | "unfollow";
  address: string;
  handle: string;
  ts: number;
  text: string;
  digest: string;
}
const { compose, accept } = vectors<{ compose: Composed[]; accept: { name: string; text: string; digest: string }[] }>("messages");

for (const { operation, address, handle, ts, text, digest } of compose) {
  test(`${operation} of ${handle} at ${ts} is written to the byte as Python writes it`, async () => {
    assert.equal(composeMessage(operation, address, handle, ts), text);
    assert.equal(await digestOf(text), digest);
  });
}

test("digests of messages that others wrote are those of Python", async () => {
  for (const { name, text, digest } of accept) assert.equal(await digestOf(text), digest, name);
});

test("the authorisation text is the contract's", () => {
  const shared = vectors<{ accept: { entity: string; signingKey: string; text: string }[] }>("authorization");
  for (const { entity, signingKey, text } of shared.accept) assert.equal(composeAuthorizationText(entity, signingKey), text);
});

test("hex digits are lower case, two a byte", () => assert.equal(hexOf(Uint8Array.of(0, 1, 171, 255)), "0001abff"));
