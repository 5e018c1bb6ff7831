import assert from "node:assert/strict";
import { test } from "node:test";

import type { Reading } from "../../../static/src/lists/reading.ts";
import { ListRefused, MOST_BYTES, MOST_ROWS, readFile, readText, unreadSentence } from "../../../static/src/lists/reading.ts";

const HOST = "countersign.example";
const ADDRESS = "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664";
const HEADER = "Account address\n";

const names = ({ entries }: Reading): string[] => entries.map((entry) => (entry.kind === "handle" ? entry.handle : entry.address));
const read = (text: string): string[] => names(readText(text, HOST));
const refusal = (reason: string) => (error: unknown): boolean => error instanceof ListRefused && error.reason === reason && /^The .+\.$/.test(error.message);

test("the file that Mastodon exports is read, each account with its line, other columns left aside", () => {
  const file = `Account address,Show boosts,Notify on new posts,Languages\nshiyu@${HOST},true,false,\nalice@${HOST},true,false,"en, de"\n`;
  assert.deepEqual(readText(file, HOST), {
    form: "csv",
    entries: [
      { at: 2, text: `shiyu@${HOST}`, kind: "handle", handle: "shiyu" },
      { at: 3, text: `alice@${HOST}`, kind: "handle", handle: "alice" },
    ],
    unread: [],
    duplicates: 0,
  });
});

for (const [name, text] of [
  ["commas", "Account address,x\nshiyu,1\nalice,2\n"],
  ["semicolons", "Account address;x\nshiyu;1\nalice;2\n"],
  ["tabs", "Account address\tx\nshiyu\t1\nalice\t2\n"],
  ["one column", "Account address\nshiyu\nalice\n"],
  ["CRLF", "Account address,x\r\nshiyu,1\r\nalice,2\r\n"],
  ["CR", "Account address,x\rshiyu,1\ralice,2\r"],
  ["no line end at the end", "Account address,x\nshiyu,1\nalice,2"],
  ["a byte order mark", "\ufeffAccount address,x\nshiyu,1\nalice,2\n"],
  ["quoted fields", '"Account address","x"\n"shiyu","1"\n"alice","2"\n'],
  ["a byte order mark and quotes", '\ufeff"Account address";"x"\n"shiyu";"1"\n"alice";"2"\n'],
  ["line ends, separators and doubled quotes within quotes", 'Account address,x\nshiyu,"a\n""b"",c\r\n"\nalice,2\n'],
  ["quotes in the middle of a field", 'Account address,x\nshiyu,5" wide\nalice,2\n'],
  ["empty lines", "\nAccount address\n\nshiyu\n  \nalice\n\n"],
  ["another letter case in the header", "account Address\nshiyu\nalice\n"],
] as const) {
  test(`CSV with ${name}`, () => {
    const reading = readText(text, HOST);
    assert.deepEqual(names(reading), ["shiyu", "alice"]);
    assert.deepEqual(reading.unread, []);
  });
}

test("a row's line is the one on which it begins, whatever the quotes before it hold", () => {
  const { entries, unread } = readText('Account address,x\r\nshiyu,"a\r\nb\rc\nd"\r\n!,1\r\nalice,2', HOST);
  assert.deepEqual([entries.map(({ at }) => at), unread.map(({ at }) => at)], [[2, 7], [6]]);
});

for (const [field, account] of [
  ["shiyu", "shiyu"],
  ["@shiyu", "shiyu"],
  [`shiyu@${HOST}`, "shiyu"],
  [`@shiyu@${HOST.toUpperCase()}`, "shiyu"],
  [" @Shiyu.cc ", "shiyu"],
  ["0xshiyu", "0xshiyu"],
  [ADDRESS, ADDRESS.toLowerCase()],
  [ADDRESS.toLowerCase(), ADDRESS.toLowerCase()],
  [`0x${ADDRESS.slice(2).toUpperCase()}`, ADDRESS.toLowerCase()],
  [`eip155:1:${ADDRESS}`, ADDRESS.toLowerCase()],
  [`eip155:137:${ADDRESS}`, ADDRESS.toLowerCase()],
] as const) {
  test(`the field ${JSON.stringify(field)} means ${account}`, () => {
    assert.deepEqual(read(HEADER + field), [account]);
    assert.deepEqual(read(JSON.stringify([field])), [account]);
  });
}

test("a host's port belongs to it", () => {
  const { entries, unread } = readText(`${HEADER}a@localhost:8000\nb@localhost\n`, "localhost:8000");
  assert.deepEqual([entries.length, unread.map(({ reason }) => reason)], [1, ["elsewhere"]]);
});

for (const [field, reason] of [
  ["shiyu@mastodon.example", "elsewhere"],
  ["@Foo.Bar@mastodon.example", "elsewhere"],
  [`shiyu@${HOST}.evil.example`, "elsewhere"],
  ["-shiyu", "not-an-account"],
  ["@@shiyu", "not-an-account"],
  ["shiyu@", "not-an-account"],
  ["a.b", "not-an-account"],
  ["a23456789012345678901", "not-an-account"],
  [ADDRESS.slice(0, -1), "not-an-account"],
  ["https://countersign.example/@shiyu", "not-an-account"],
  [ADDRESS.replace("F", "f"), "checksum"],
  [`eip155:1:${ADDRESS.replace("F", "f")}`, "checksum"],
  ["eip155:1:shiyu@there", "not-an-account"],
  ["cosmos:cosmoshub-3:cosmos1t2uflqwqe0fsj0shcfkrvpukewcw40yjj6hdc0", "another-chain"],
] as const) {
  test(`the field ${JSON.stringify(field)} is kept as unreadable: ${reason}`, () => {
    assert.deepEqual(readText(`${HEADER}shiyu\n${field}\n`, HOST).unread, [{ at: 3, text: field, reason }]);
    assert.deepEqual(readText(JSON.stringify({ following: [field] }), HOST).unread, [{ at: 1, text: field, reason }]);
    assert.match(unreadSentence(reason), /^[A-Z].+\.$/);
  });
}

test("a row without an account, and one whose quotes do not match, are kept, and the rows after them are read", () => {
  const { entries, unread } = readText('Account address,x\n,1\n"shiyu"x,2\nbob,"a"b\nalice,3\n', HOST);
  assert.deepEqual(entries.map(({ at }) => at), [5]);
  assert.deepEqual(unread, [
    { at: 2, text: "", reason: "empty" },
    { at: 3, text: '"shiyu"x,2', reason: "quotes" },
    { at: 4, text: 'bob,"a"b', reason: "quotes" },
  ]);
});

test("a quotation mark that is never closed makes the rest of the file one row, which is kept", () => {
  const { entries, unread } = readText('Account address,x\nalice,1\nshiyu,"2\nbob,3\n', HOST);
  assert.deepEqual([entries.length, unread], [1, [{ at: 3, text: 'shiyu,"2\nbob,3\n', reason: "quotes" }]]);
});

test("each account comes once, as it came first, and the others are counted", () => {
  const reading = readText(`${HEADER}b\n@a\nB@${HOST}\n${ADDRESS}\neip155:1:${ADDRESS.toLowerCase()}\n`, HOST);
  assert.deepEqual([names(reading), reading.duplicates], [["b", "a", ADDRESS.toLowerCase()], 2]);
});

for (const [name, value] of [
  ["an array of accounts", ["shiyu", ADDRESS]],
  ["an array of objects", [{ handle: "shiyu", x: 1 }, { address: ADDRESS }]],
  ["an object with followings", { followings: ["shiyu", { handle: null, address: ADDRESS }] }],
  ["an object with following", { following: ["shiyu", { address: ADDRESS }] }],
] as const) {
  test(`JSON: ${name}`, () => {
    const text = `\ufeff\n ${JSON.stringify(value)}\n`;
    assert.deepEqual(read(text), ["shiyu", ADDRESS.toLowerCase()]);
    assert.equal(readText(text, HOST).form, "json");
  });
}

test("JSON: what is no account is kept with its place and its text", () => {
  assert.deepEqual(readText('["a", 1, null, {"name": "b"}, ["c"], {"handle": 5}]', HOST).unread, [
    { at: 2, text: "1", reason: "not-an-account" },
    { at: 3, text: "null", reason: "not-an-account" },
    { at: 4, text: '{"name":"b"}', reason: "not-an-account" },
    { at: 5, text: '["c"]', reason: "not-an-account" },
    { at: 6, text: '{"handle":5}', reason: "not-an-account" },
  ]);
});

for (const [name, text, reason] of [
  ["an empty file", "", "no-header"],
  ["a file without a header", "shiyu\nalice\n", "no-header"],
  ["accounts in another column", "Name,Account address\nx,shiyu\n", "no-header"],
  ["a header whose quotes do not match", '"Account address"x,y\nshiyu,1\n', "no-header"],
  ["half a JSON file", '["shiyu", ', "not-json"],
  ["JSON without a list", '{"followers": ["shiyu"]}', "no-list"],
  ["JSON with a list of another kind", '{"followings": {"shiyu": 1}}', "no-list"],
  ["too many rows", HEADER + "shiyu\n".repeat(MOST_ROWS + 1), "too-many-rows"],
  ["too many in JSON", JSON.stringify(Array.from({ length: MOST_ROWS + 1 }, () => "shiyu")), "too-many-rows"],
] as const) {
  test(`${name} is refused, with the reason`, () => {
    assert.throws(() => readText(text, HOST), refusal(reason));
  });
}

test("the limits are told, and what reaches them is read", () => {
  assert.throws(() => readText(HEADER + "shiyu\n".repeat(MOST_ROWS + 1), HOST), { message: "The file has 10,001 rows. Expected at most 10,000." });
  assert.deepEqual(readText(HEADER + "shiyu\n".repeat(MOST_ROWS), HOST).duplicates, MOST_ROWS - 1);
});

test("a file is read in UTF-8, and as UTF-16 where its byte order mark says so", async () => {
  const text = "\ufeffAccount address\tx\nshiyu\t€\n";
  const little = Buffer.from(text, "utf16le");
  for (const bytes of [Buffer.from(text), little, Buffer.from(little).swap16()]) {
    assert.deepEqual(names(await readFile(new Blob([bytes]), HOST)), ["shiyu"]);
  }
});

test("a file that is too large, or no text, is refused", async () => {
  await assert.rejects(readFile(new Blob([new Uint8Array(MOST_BYTES + 1)]), HOST), refusal("too-large"));
  await assert.rejects(readFile(new Blob([Uint8Array.of(0x50, 0x4b, 3, 4, 0xff)]), HOST), refusal("not-text"));
});
