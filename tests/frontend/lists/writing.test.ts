import assert from "node:assert/strict";
import { test } from "node:test";

import { readText } from "../../../static/src/lists/reading.ts";
import { failuresCsv, followingsCsv, followingsJson } from "../../../static/src/lists/writing.ts";
import type { Chance } from "../support/chance.ts";
import { chance } from "../support/chance.ts";

const HOST = "countersign.example";

function anyHandle(luck: Chance): string {
  const letters = [..."abcxyz019-_"] as [string, ...string[]];
  const first = luck.oneOf([..."abcxyz019"] as [string, ...string[]]);
  return first + Array.from({ length: luck.below(20) }, () => luck.oneOf(letters)).join("");
}

/** Text with everything in it that CSV or a spreadsheet takes for something. */
function anyText(luck: Chance): string {
  const pieces = ["=", "+", "-", "@", "\t", "\r", "\n", "\r\n", '"', ",", ";", " ", "'", "a", "shiyu", HOST, "other.example", "é"] as const;
  return Array.from({ length: luck.below(6) }, () => luck.oneOf(pieces)).join("");
}

test("an export says whose accounts they are", () => {
  assert.equal(followingsCsv(["shiyu", "alice"], HOST), `Account address\r\nshiyu@${HOST}\r\nalice@${HOST}\r\n`);
  assert.deepEqual(JSON.parse(followingsJson(["shiyu", "alice"], HOST)), { followings: [`shiyu@${HOST}`, `alice@${HOST}`] });
});

test("whatever is exported imports again to the same list in the same order, here and nowhere else", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const luck = chance(seed);
    const handles = [...new Set(Array.from({ length: luck.below(60) }, () => anyHandle(luck)))];
    const host = luck.oneOf([HOST, "localhost:8000", "127.0.0.1"]);
    for (const text of [followingsCsv(handles, host), followingsJson(handles, host)]) {
      const { entries, unread, duplicates } = readText(text, host);
      assert.deepEqual(entries.map((entry) => entry.kind === "handle" && entry.handle), handles, `seed ${seed}`);
      assert.deepEqual([unread, duplicates], [[], 0], `seed ${seed}`);
      assert.equal(readText(text, "another.example").entries.length, 0, `seed ${seed}`);
    }
  }
});

test("failures come with their reasons, import again, and start no formula in a spreadsheet", () => {
  const failures = [
    { account: "@shiyu", reason: "@shiyu is yours." },
    { account: "bob@other.example", reason: "An account of another site." },
    { account: '=HYPERLINK("https://evil.example")', reason: "Not an account." },
    { account: "-bob", reason: "Not an account." },
  ];
  assert.equal(
    failuresCsv(failures),
    'Account address,Reason\r\nshiyu,\'@shiyu is yours.\r\nbob@other.example,An account of another site.\r\n"\'=HYPERLINK(""https://evil.example"")",Not an account.\r\n\'-bob,Not an account.\r\n',
  );
  assert.deepEqual(readText(failuresCsv(failures), HOST).unread.map(({ reason }) => reason), ["elsewhere", "not-an-account", "not-an-account"]);
});

test("whatever failed is read again as the same account, or as unreadable for the same reason", () => {
  for (let seed = 1; seed <= 2_000; seed++) {
    const luck = chance(seed);
    const account = anyText(luck);
    const before = readText(JSON.stringify([account]), HOST);
    const file = failuresCsv([{ account, reason: anyText(luck) }]);
    const after = readText(file, HOST);
    const told = ({ entries, unread }: typeof before): unknown => [entries.map((entry) => entry.kind === "handle" && entry.handle), unread.map(({ reason }) => reason)];
    assert.deepEqual(told(after), told(before), `seed ${seed}: ${JSON.stringify([account, file])}`);
    for (const { text } of after.unread) assert.doesNotMatch(text, /^[=+\-@\t\r\n]/, `seed ${seed}`);
  }
});
