import assert from "node:assert/strict";
import { test } from "node:test";

import { verdictOf } from "../../../static/src/program/verdict.ts";

const CASES: readonly (readonly [number, string, string | null, string, string])[] = [
  [200, '{"data":{"follow":{"status":"SUCCESS","tsInServer":1}}}', "follow", "SUCCESS", "success"],
  [200, '{"data":{"unfollow":{"status":"ALREADY_DONE"}}}', "unfollow", "ALREADY_DONE", ""],
  [200, '{"data":{"follow":{"status":"INVALID_SIGNATURE"}}}', "follow", "INVALID_SIGNATURE", "refused"],
  [200, '{"data":{"profileByHandle":{"followerCount":1}}}', "profileByHandle", "HTTP 200", ""],
  [200, '{"data":{"profileByHandle":null}}', "profileByHandle", "null", ""],
  [400, '{"errors":[{"message":"Cannot query field \\"a\\""}]}', null, 'Cannot query field "a"', "refused"],
  [429, '{"errors":[{"message":"Too many"}],"data":null}', null, "Too many", "refused"],
  [502, "<html>", null, "HTTP 502", "refused"],
  [200, "[]", null, "HTTP 200", ""],
  [200, '{"data":{}}', null, "HTTP 200", ""],
];
for (const [status, body, field, word, tone] of CASES) {
  test(`what ${body.slice(0, 50)} comes to`, () => assert.deepEqual(verdictOf(status, body), { field, word, tone }));
}
