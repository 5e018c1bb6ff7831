// Who follows somebody: a follow from this page, or another tab, is in the list at once, and an unfollow out of it.

import type { Followers } from "../api/people.ts";
import type { State } from "../state/types.ts";
import { el } from "../ui/dom.ts";
import { drawPictures } from "../ui/pictures.ts";
import { emptiness, followerLine, listed } from "./rows.ts";

/** Reads a page of followers, or rejects. */
export type ReadFollowers = (search: string, after: string) => Promise<Followers>;

/**
 * Keeps the template's list of followers true to the profile's count, which was `count` when the list was written, and
 * `shown` the page's query. Where the template shows another list, or none, there is nothing to keep.
 */
export function mountFollowers(root: ParentNode, handle: string, count: number | null, shown: URLSearchParams, read: ReadFollowers): (state: State) => void {
  const list = root.querySelector<HTMLElement>('[data-list="followers"] [data-part="rows"]');
  const search = shown.get("search") ?? "";
  const begins = Number(shown.get("from") ?? 1) || 1;
  const here = `/@${handle}`;
  let newest = 0;

  function drawn(found: Followers): Node[] {
    const rows = found.rows ?? [];
    if (rows.length > 0) return listed(rows.map(followerLine), begins, found, search === "" ? here : `${here}?${new URLSearchParams({ search }).toString()}`);
    if (search === "") return [emptiness(`Nobody follows @${handle} yet. Be the first.`)];
    return [emptiness(`Nobody is found by “${search}”.`, el("a", { class: "btn", href: here }, "All"))];
  }
  async function again(rows: HTMLElement): Promise<void> {
    const mine = ++newest;
    const found = await read(search, shown.get("after") ?? "").catch(() => null);
    // What cannot be read now stays as it is, as true as when it was read.
    if (mine !== newest || found === null || found.rows === null) return;
    rows.replaceChildren(...drawn(found));
    drawPictures(rows);
  }
  return ({ profile }) => {
    if (list === null || profile === null || profile.followerCount === count) return;
    count = profile.followerCount;
    // An owner's rows say what they did about each, and how to take it back.
    if (!profile.isMine) void again(list);
  };
}
