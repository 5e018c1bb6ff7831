import assert from "node:assert/strict";
import { test } from "node:test";

import { createCounts } from "../../../static/src/embed/counts.ts";

const SITE = "https://follow.example";

/** A site with so many followers for each, and what it is asked. */
function site(known: Readonly<Record<string, number>>, reply?: () => Promise<Response>) {
  const asked: [URL, RequestInit][] = [];
  let send = (): void => {};
  const counts = createCounts({
    site: SITE,
    async fetch(url, how) {
      asked.push([new URL(url), how]);
      if (reply !== undefined) return reply();
      const handles = new URL(url).searchParams.getAll("handle").filter((handle) => handle in known);
      return Response.json({ profiles: handles.map((handle) => ({ handle, followerCount: known[handle] })) });
    },
    gather: (gathered) => (send = gathered),
  });
  return { counts, asked, send: () => send() };
}

test("all the buttons of a page are one request, without cookies and without the page's address", async () => {
  const { counts, asked, send } = site({ shiyu: 5, cyberconnect: 4 });
  const all = Promise.all(["shiyu", "cyberconnect", "nobody", "shiyu"].map((handle) => counts.of(handle)));
  send();
  assert.deepEqual(await all, [5, 4, null, 5]);
  const [[url, how] = []] = asked;
  assert.equal(asked.length, 1);
  assert.equal(url?.href, `${SITE}/embed/profiles?handle=shiyu&handle=cyberconnect&handle=nobody`);
  assert.deepEqual([how?.credentials, how?.referrerPolicy], ["omit", "no-referrer"]);
});

test("more than the site takes at once are asked for in parts", async () => {
  const handles = Array.from({ length: 45 }, (_, i) => `h${i}`);
  const { counts, asked, send } = site(Object.fromEntries(handles.map((handle, i) => [handle, i])));
  const all = Promise.all(handles.map((handle) => counts.of(handle)));
  send();
  assert.deepEqual(await all, handles.map((_, i) => i));
  assert.deepEqual(asked.map(([url]) => url.searchParams.getAll("handle").length), [20, 20, 5]);
});

test("after a follow a count is read past what the browser keeps", async () => {
  const { counts, asked } = site({ shiyu: 6 });
  assert.equal(await counts.of("shiyu", true), 6);
  assert.equal(asked[0]?.[1].cache, "reload");
});

for (const [why, reply] of [
  ["the page's policy forbids it", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["the site is busy", async () => new Response("{}", { status: 503 })],
  ["something else answers", async () => new Response("<html>")],
  ["it says something else", async () => Response.json({ profiles: null })],
] as const) {
  test(`no count is known where ${why}, which is not that nobody has the handle`, async () => {
    const { counts, send } = site({}, reply);
    const count = counts.of("shiyu");
    send();
    assert.equal(await count, undefined);
  });
}
