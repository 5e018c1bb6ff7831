import assert from "node:assert/strict";
import { test } from "node:test";

import { findAsker } from "../../../static/src/asked/asker.ts";
import { FakeTime } from "../support/fake-time.ts";

const DOCS = "https://docs.example";
const ASK = { countersign: "ask", handle: "shiyu" };
const NEWS = { handle: "shiyu", status: "SUCCESS", following: true };

/** The window for @shiyu, as it hears of whoever opened it. */
function opened(by: "a page" | "nothing" = "a page") {
  const sent: unknown[] = [];
  const opener = { postMessage: (message: unknown, origin: string) => void sent.push([message, origin]) };
  const time = new FakeTime(0);
  let hears = (_: { data: unknown; origin: string; source: unknown }): void => {};
  const asking = findAsker("shiyu", { opener: by === "a page" ? opener : null, listen: (hear) => (hears = hear), pause: time.pause }, () => {});
  return { asking, sent, time, hear: (data: unknown, origin: string, source: unknown = opener) => hears({ data, origin, source }) };
}

test("whoever opened the window is told that it hears, and asks; the browser names its origin", () => {
  const { asking, sent, hear } = opened();
  assert.deepEqual(sent, [[{ countersign: "ready" }, "*"]]);
  assert.deepEqual(asking.asker(), { kind: "waiting" });
  hear(ASK, DOCS);
  assert.deepEqual(asking.asker(), { kind: "known", origin: DOCS });
});

test("e5 what came of it is for exactly the origin that asked, whatever stands in its window by now", () => {
  const { asking, sent, hear } = opened();
  asking.tell(NEWS); // nobody has asked
  hear(ASK, DOCS);
  hear(ASK, "https://evil.example"); // the opener went elsewhere
  assert.deepEqual(asking.asker(), { kind: "known", origin: DOCS });
  asking.tell(NEWS);
  assert.deepEqual(sent.slice(1), [[{ countersign: "told", ...NEWS }, DOCS]]);
});

for (const [what, data, origin, source] of [
  ["a window that did not open this one", ASK, DOCS, {}],
  ["a frame without an origin", ASK, "null", undefined],
  ["another handle than the window's", { ...ASK, handle: "mallory" }, DOCS, undefined],
  ["an origin that a message claims", { ...ASK, countersign: "told", origin: "https://bank.example" }, DOCS, undefined],
  ["something else", "ask", DOCS, undefined],
] as const) {
  test(`e3 nobody asks by ${what}`, async () => {
    const { asking, hear, time } = opened();
    hear(data, origin, source);
    assert.deepEqual(asking.asker(), { kind: "waiting" });
    await time.passToNext();
    assert.deepEqual(asking.asker(), { kind: "silent" });
  });
}

test("a window that nothing opened, or that was cut off from it, has nobody to ask", () => {
  const { asking, sent } = opened("nothing");
  assert.deepEqual(asking.asker(), { kind: "none" });
  asking.tell(NEWS);
  assert.deepEqual(sent, []);
});

test("who asks late is heard all the same", async () => {
  const { asking, hear, time } = opened();
  await time.passToNext();
  hear(ASK, DOCS);
  assert.deepEqual(asking.asker(), { kind: "known", origin: DOCS });
});
