// The inspector's groups in this tab's storage, so that they survive a reload. They go with the tab: two tabs never mix,
// and a computer that others use keeps nothing of them. No secrets: what is kept is what may be shared.

import { readGroup, shareable } from "./group-text.ts";
import type { Group } from "./groups.ts";

/** Where in this tab's storage; nothing else of ours is there. */
export const KEPT = "countersign.inspector";
/** In characters of JSON; a tab's storage takes about five million. */
const MOST_TEXT = 400_000;

/** Keeps the newest that there is room for; what came by a link is not ours to keep. False where the browser refuses. */
export function keep(storage: () => Storage, groups: readonly Group[]): boolean {
  const texts: string[] = [];
  let size = 0;
  for (const group of groups) {
    if (group.from === "link") continue;
    const text = JSON.stringify(shareable(group));
    size += text.length;
    if (size > MOST_TEXT) break;
    texts.push(text);
  }
  try {
    if (texts.length === 0) storage().removeItem(KEPT);
    else storage().setItem(KEPT, `[${texts.join()}]`);
    return true;
  } catch {
    return false; // blocked or full
  }
}

/** What an earlier load of this page kept, newest first. What is damaged is left out, quietly. */
export function kept(storage: () => Storage): Group[] {
  try {
    const found: unknown = JSON.parse(storage().getItem(KEPT) ?? "[]");
    if (!Array.isArray(found)) return [];
    return found.flatMap((value, i) => {
      try {
        return [readGroup(value, `kept-${i + 1}`, "kept")];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
