import assert from "node:assert/strict";
import { test } from "node:test";

import type { KnownProfile, ProfileSource } from "../../../static/src/lists/preview.ts";
import { failuresOf, previewOf, previewSentence } from "../../../static/src/lists/preview.ts";
import { readText } from "../../../static/src/lists/reading.ts";

const HOST = "countersign.example";
const ADDRESS = "0x803f69ae5f5d839071fcd712e25bf3c8c35b2664";
const NOBODY = "0x0000000000000000000000000000000000000001";

/** Profiles by what their handles begin with: `new…`, `old…` (followed) and `my…`. */
function source(primary: Record<string, string> = {}): ProfileSource & { asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    async profiles(handles) {
      asked.push(handles.length);
      const known = handles.filter((handle) => /^(?:new|old|my)/.test(handle));
      return known.reverse().map((handle): KnownProfile => ({ handle, isFollowedByMe: handle.startsWith("old"), isMine: handle.startsWith("my") }));
    },
    async primaryHandles(addresses) {
      asked.push(addresses.length);
      return new Map(addresses.flatMap((address) => (primary[address] === undefined ? [] : [[address, primary[address]]])));
    },
  };
}
const list = (...accounts: string[]) => readText(JSON.stringify(accounts), HOST);

test("new, followed already, unknown and one's own are told apart, in the list's order, before anything is signed", async () => {
  const preview = await previewOf(list("new2", "nobody", "old1", "new1", "bob@other.example", "my", "!", NOBODY), source());
  assert.deepEqual(preview, {
    fresh: ["new2", "new1"],
    already: ["old1"],
    own: ["my"],
    unknown: [
      { at: 2, text: "nobody", reason: "no-such-handle" },
      { at: 5, text: "bob@other.example", reason: "elsewhere" },
      { at: 8, text: NOBODY, reason: "no-primary-profile" },
    ],
    unread: [{ at: 7, text: "!", reason: "not-an-account" }],
    duplicates: 0,
  });
  assert.equal(previewSentence(preview), "2 new, 1 already, 3 unknown, 1 your own, 1 unreadable");
  assert.deepEqual(failuresOf(preview).map(({ account }) => account), ["nobody", "bob@other.example", "!", NOBODY]);
  for (const { reason } of failuresOf(preview)) assert.match(reason, /^[A-Z].+\.$/);
});

test("an address stands for its primary profile, once with the profile's handle", async () => {
  const preview = await previewOf(list("new1", ADDRESS, "new1"), source({ [ADDRESS]: "new1" }));
  assert.deepEqual([preview.fresh, preview.duplicates], [["new1"], 2]);
  assert.equal(previewSentence(preview), "1 new, 0 already, 0 unknown, 2 duplicates");
  const gone = await previewOf(list(ADDRESS), source({ [ADDRESS]: "gone" }));
  assert.deepEqual(gone.unknown.map(({ reason }) => reason), ["no-such-handle"]);
});

test("a hundred are asked for at a time", async () => {
  const asking = source();
  const handles = Array.from({ length: 1_204 }, (_, at) => (at < 1_198 ? `new${at}` : at < 1_202 ? `old${at}` : `x${at}`));
  assert.equal(previewSentence(await previewOf(list(...handles), asking)), "1,198 new, 4 already, 2 unknown");
  assert.deepEqual(asking.asked, [...Array.from({ length: 12 }, () => 100), 4]);
});

test("nothing more is asked once nobody waits for it", async () => {
  const asking = source();
  const waiting = new AbortController();
  const { profiles } = asking;
  asking.profiles = (handles) => (waiting.abort(), profiles(handles));
  await assert.rejects(previewOf(list(...Array.from({ length: 300 }, (_, at) => `new${at}`)), asking, waiting.signal), { name: "AbortError" });
  assert.deepEqual(asking.asked, [100]);
});
