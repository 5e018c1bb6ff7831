import assert from "node:assert/strict";
import { test } from "node:test";

import type { Ask, Told } from "../../../static/src/embed/messages.ts";
import { READY } from "../../../static/src/embed/messages.ts";
import type { Heard } from "../../../static/src/embed/opened.ts";
import { openFor } from "../../../static/src/embed/opened.ts";

const SITE = "https://follow.example";
const TOLD: Told = { countersign: "told", handle: "shiyu", status: "SUCCESS", following: true };

/** A page that opened the window for @shiyu, and all that it can hear. */
function page({ blocked = false } = {}) {
  const urls: string[] = [];
  const sent: [Ask, string][] = [];
  const news: unknown[] = [];
  const other = { closed: false, focus: () => {}, postMessage: (message: Ask, origin: string) => void sent.push([message, origin]) };
  let hears: ((message: Heard) => void) | null = null;
  let looks: (() => void) | null = null;
  const opened = openFor(
    "shiyu",
    {
      site: SITE,
      open(url) {
        urls.push(url);
        return blocked ? null : other;
      },
      listen(hear) {
        hears = hear;
        return () => (hears = null);
      },
      every(_, look) {
        looks = look;
        return () => (looks = null);
      },
    },
    (each) => news.push(each),
  );
  return {
    urls, sent, news, other, opened,
    hear: (data: unknown, from: Partial<Heard> = {}) => hears?.({ data, origin: SITE, source: other, ...from }),
    look: () => looks?.(),
    listens: () => hears !== null || looks !== null,
  };
}

test("a press opens the site's window for the handle, and asks once that can hear", () => {
  const { urls, sent, hear } = page();
  assert.deepEqual(urls, [`${SITE}/embed/follow?handle=shiyu`]);
  assert.deepEqual(sent, []);
  hear(READY);
  hear(READY); // it was loaded again
  assert.deepEqual(sent, Array(2).fill([{ countersign: "ask", handle: "shiyu" }, SITE]));
});

test("what the window tells is news, also more than once, until it closes", () => {
  const { news, hear, look, other, listens } = page();
  hear(READY);
  hear({ ...TOLD, status: "RATE_LIMITED", following: false });
  hear(TOLD);
  other.closed = true;
  look();
  assert.deepEqual(news, [
    { kind: "told", told: { ...TOLD, status: "RATE_LIMITED", following: false } },
    { kind: "told", told: TOLD },
    { kind: "over" },
  ]);
  assert.equal(listens(), false);
});

for (const [who, from] of [
  ["another origin in the same window", { origin: "https://evil.example" }],
  ["another window", { source: {} }],
  ["another window of the site's own origin, such as its frame in the page", { source: null }],
  ["plain http", { origin: "http://follow.example" }],
] as const) {
  test(`e4 nothing of ${who} is heard`, () => {
    const { news, sent, hear } = page();
    hear(READY, from);
    hear(TOLD, from);
    assert.deepEqual([news, sent], [[], []]);
  });
}

for (const data of [null, "told", 1, [], {}, { ...TOLD, handle: "mallory" }, { ...TOLD, status: "<b>" }, { ...TOLD, status: 1 }, { ...TOLD, following: "yes" }]) {
  test(`what is no answer about the handle is no news: ${JSON.stringify(data)}`, () => {
    const { news, hear } = page();
    hear(data);
    assert.deepEqual(news, []);
  });
}

test("a window that is blocked, closed early, or cut off is told apart", () => {
  assert.deepEqual(page({ blocked: true }).news, [{ kind: "blocked" }]);
  for (const heard of [true, false]) {
    const { news, hear, look, other } = page();
    if (heard) hear(READY);
    look();
    assert.deepEqual(news, []);
    other.closed = true;
    look();
    look();
    assert.deepEqual(news, [{ kind: "closed", heard }]);
  }
});

test("what a window told last is news, also where it is known to be closed before that comes", () => {
  const { news, hear, look, other } = page();
  hear(READY);
  other.closed = true;
  look();
  hear(TOLD);
  look();
  assert.deepEqual(news, [{ kind: "told", told: TOLD }, { kind: "over" }]);
});

test("a press while the window is open brings it to the front, and once it is closed finds that out first", () => {
  const { opened, other, news } = page();
  assert.equal(opened?.focus(), true);
  other.closed = true;
  assert.equal(opened?.focus(), false);
  assert.deepEqual(news, [{ kind: "closed", heard: false }]);
});

test("a button that turned to another handle hears no more of the window", () => {
  const { opened, listens } = page();
  opened?.leave();
  assert.equal(listens(), false);
});
