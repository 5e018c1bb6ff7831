// What docs/embedding.md tells a page to write is typed. tsc reads it; that it is heard is tried here.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { FollowButton, FollowDetail } from "../../../static/src/embed/follow-button.d.ts";

/** As on the page, and with its types: no name here is said what it is. */
function listen(page: Document): FollowDetail[] {
  const heard: FollowDetail[] = [];
  page.addEventListener("follow-button", ({ detail }) => heard.push(detail));
  return heard;
}

/** Never run: a handle is text, and whether they follow is for reading. */
export function change(page: Document): boolean | undefined {
  const button: FollowButton | null = page.querySelector("follow-button");
  if (button !== null) button.handle = "shiyu";
  return button?.following;
}

test("a document's listener is told what came of a press", () => {
  const page = new EventTarget() as Document;
  const heard = listen(page);
  const detail: FollowDetail = { handle: "shiyu", status: "SUCCESS", following: true };
  page.dispatchEvent(new CustomEvent("follow-button", { detail }));
  assert.deepEqual(heard, [detail]);
});
