// The directory: searched as one types, without losing what is read until the next page of it is there.

import type { People } from "../api/people.ts";
import { el, find, part, setText } from "../ui/dom.ts";
import { personLine } from "./rows.ts";

const TYPING_MS = 150;

interface Deps {
  /** Reads the first page of the directory, or rejects with what to say. */
  read(search: string, order: string): Promise<People>;
  /** Calls `work` later, and gives the way to call it off. */
  later(work: () => void, ms: number): () => void;
}

const counted = ({ total, orMore }: People): string => `${total.toLocaleString("en")}${orMore ? " or more" : ""}`;

function drawn(found: People, search: string, order: string): Node[] {
  const { people, after } = found;
  if (people.length === 0) {
    const words = search === "" ? "Nobody has a handle yet." : `No handle begins with “${search}”.`;
    return [el("div", { class: "empty" }, el("span", { class: "pale-seal" }), el("p", {}, words))];
  }
  const next = new URLSearchParams({ order, search, after: after ?? "", from: String(people.length + 1) });
  return [
    el("ol", { class: "rows" }, ...people.map(personLine)),
    el(
      "nav",
      { class: "pages", "aria-label": "Pages" },
      el("span", {}, `1 to ${people.length.toLocaleString("en")} of ${counted(found)}`),
      after !== null && el("a", { class: "btn", rel: "next", href: `/people?${next.toString()}` }, "Older"),
    ),
  ];
}

/** Makes the search of the template's list work as one types; the newest search wins. */
export function mountDirectory(root: ParentNode, { read, later }: Deps): void {
  const list = find(root, "#people", HTMLElement);
  const form = list.querySelector("form");
  if (form === null) return; // the gateway has no directory
  const search = find(form, "#search", HTMLInputElement);
  const order = find(form, "#order", HTMLSelectElement);
  const news = find(list, "#news", HTMLElement);
  const rows = part(list, "rows");
  let newest = 0;
  let asked = `${search.value} ${order.value}`;
  let forget = (): void => {};

  async function look(): Promise<void> {
    forget();
    const words = search.value.trim().toLowerCase().replace(/^@/, "");
    const wanted = `${words} ${order.value}`;
    if (wanted === asked) return;
    asked = wanted;
    const mine = ++newest;
    try {
      const found = await read(words, order.value);
      if (mine !== newest) return;
      rows.replaceChildren(...drawn(found, words, order.value));
      setText(news, found.total === 1 ? "One profile found." : `${counted(found)} profiles found.`);
      const url = new URLSearchParams({ ...(words === "" ? {} : { search: words }), order: order.value });
      history.replaceState(null, "", `/people?${url.toString()}`);
    } catch (error) {
      if (mine !== newest) return;
      asked = "";
      setText(news, error instanceof Error ? error.message : "");
      rows.replaceChildren(el("div", { class: "empty" }, el("p", {}, error instanceof Error ? error.message : "It cannot be read now."), el("a", { class: "btn", href: "/people" }, "Try again")));
    }
  }
  search.addEventListener("input", () => {
    forget();
    forget = later(() => void look(), TYPING_MS);
  });
  order.addEventListener("change", () => void look());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void look();
  });
}
