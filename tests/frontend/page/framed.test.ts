import assert from "node:assert/strict";
import { test } from "node:test";

import { missingInFrame } from "../../../static/src/page/framed.ts";

const yes = async (): Promise<boolean> => true;
const no = async (): Promise<boolean> => false;
const never = (): Promise<never> => new Promise(() => undefined);
const ALL = { secure: true, keepsSession: yes, keepsKeys: yes, patience: never };

test("where a browser keeps session and keys, the frame works", async () => {
  assert.equal(await missingInFrame(ALL), null);
});

for (const [refused, changes] of [
  ["https", { secure: false, keepsSession: no, keepsKeys: no }],
  ["session", { keepsSession: no }],
  ["keys", { keepsKeys: no }],
] as const) {
  test(`a frame that a browser forbids says what is missing: ${refused}`, async () => {
    assert.match((await missingInFrame({ ...ALL, ...changes })) ?? "", new RegExp(`^This browser .*${refused}.*\\.$`));
  });
}

test("a frame whose browser never answers for its storage shows the way out as well", async () => {
  const missing = await missingInFrame({ ...ALL, keepsKeys: never, patience: async () => undefined });
  assert.match(missing ?? "", /keeps no keys/);
});
