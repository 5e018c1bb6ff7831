// The directory: searched as one types, without losing what is read until the next page of it is there.

import type { People } from "../api/people.ts";
import { el, find, part, setText } from "../ui/dom.ts";
import { counted, emptiness, listed, personLine } from "./rows.ts";

const TYPING_MS = 150;

interface Deps {
  /** Reads the page of the directory from the cursor on (empty, the first), or rejects with what to say. */
  read(search: string, order: string, after: string): Promise<People>;
  /** Calls `work` later, and gives the way to call it off. */
  later(work: () => void, ms: number): () => void;
}

function drawn(found: People, search: string, order: string, begins: number): Node[] {
  if (found.people.length === 0) return [emptiness(search === "" ? "Nobody has a handle yet." : `No handle begins with “${search}”.`)];
  const here = `/people?${new URLSearchParams({ order, ...(search !== "" && { search }) }).toString()}`;
  return listed(found.people.map(personLine), begins, found, here);
}

interface Directory {
  /** Reads it again from its beginning: somebody new is in it. */
  again(): void;
  /** Who looks at it now; null for nobody. Its marks are for whoever it was read for. */
  seenBy(viewer: string | null): void;
}

/** Makes the search of the template's list work as one types; the newest search wins. `viewer` is whom it was written for. */
export function mountDirectory(root: Document, viewer: string | null, { read, later }: Deps): Directory {
  const list = find(root, "#people", HTMLElement);
  const form = list.querySelector("form");
  if (form === null) return { again: () => {}, seenBy: () => {} }; // the gateway has no directory
  const search = find(form, "#search", HTMLInputElement);
  const order = find(form, "#order", HTMLSelectElement);
  const news = find(list, "#news", HTMLElement);
  const rows = part(list, "rows");
  const words = (): string => search.value.trim().toLowerCase().replace(/^@/, "");
  const wanted = (): string => `${words()} ${order.value}`;
  const query = new URLSearchParams(root.location.search);
  /** Where the page that is shown begins. */
  let after = query.get("after") ?? "";
  let begins = Number(query.get("from") ?? 1) || 1;
  let readFor = viewer;
  let newest = 0;
  let asked = `${search.value} ${order.value}`;
  let forget = (): void => {};

  const mark = (): void => void root.body.toggleAttribute("data-seen-by-another", viewer !== readFor);

  /** `typed`: the visitor waits for it, and is told what came of it. */
  async function show(typed: boolean): Promise<void> {
    forget();
    asked = wanted();
    const mine = ++newest;
    const [by, text] = [viewer, words()];
    try {
      const found = await read(text, order.value, after);
      if (mine !== newest) return;
      rows.replaceChildren(...drawn(found, text, order.value, begins));
      // While nobody is signed in here, the site may still act for whoever was.
      readFor = by ?? readFor;
      mark();
      if (!typed) return;
      setText(news, found.total === 1 ? "One profile found." : `${counted(found)} profiles found.`);
      const url = new URLSearchParams({ ...(text === "" ? {} : { search: text }), order: order.value });
      history.replaceState(null, "", `/people?${url.toString()}`);
    } catch (error) {
      if (mine !== newest || !typed) return;
      asked = "";
      setText(news, error instanceof Error ? error.message : "");
      rows.replaceChildren(el("div", { class: "empty" }, el("p", {}, error instanceof Error ? error.message : "It cannot be read now."), el("a", { class: "btn", href: "/people" }, "Try again")));
    }
  }
  function look(): void {
    forget();
    if (wanted() === asked) return;
    [after, begins] = ["", 1];
    void show(true);
  }
  search.addEventListener("input", () => {
    forget();
    forget = later(look, TYPING_MS);
  });
  order.addEventListener("change", look);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  return {
    again() {
      [after, begins] = ["", 1];
      void show(false);
    },
    seenBy(next) {
      if (next === viewer) return;
      viewer = next;
      mark();
      if (viewer !== null && viewer !== readFor) void show(false);
    },
  };
}
