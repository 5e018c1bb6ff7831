// A list that draws what is seen: of thousands of rows, those in view and a few around them are in the page.

import { setAttribute } from "./dom.ts";

/** Rows beyond what is seen, so that the next one is there for the Tab key and for a quick finger. */
const SPARE = 8;

interface WindowList<T> {
  /** Shows these; rows of the same key stay the elements that they are, with their focus. */
  show(items: readonly T[]): void;
  /** Draws anew what is in view. */
  refresh(): void;
}

/**
 * Takes over `list`, whose rows are all `height` CSS pixels high. `draw` makes a row, or brings an earlier one of the
 * same key up to date.
 */
export function mountWindowList<T>(list: HTMLElement, height: number, key: (item: T) => string, draw: (item: T, earlier: HTMLElement | null) => HTMLElement): WindowList<T> {
  let items: readonly T[] = [];
  let drawn = new Map<string, HTMLElement>();
  let from = -1;
  let to = -1;

  const range = (): [number, number] => {
    const { top } = list.getBoundingClientRect();
    const first = Math.floor(-top / height) - SPARE;
    const last = Math.ceil((window.innerHeight - top) / height) + SPARE;
    const within = (n: number): number => Math.max(0, Math.min(items.length, n));
    return [within(first), within(last)];
  };

  function render(): void {
    [from, to] = range();
    const next = new Map<string, HTMLElement>();
    for (let at = from; at < to; at++) {
      const item = items[at];
      if (item === undefined) continue;
      const row = draw(item, drawn.get(key(item)) ?? null);
      setAttribute(row, "aria-setsize", String(items.length));
      setAttribute(row, "aria-posinset", String(at + 1));
      next.set(key(item), row);
    }
    const focused = [...drawn].find(([, row]) => row.contains(document.activeElement));
    // Whoever scrolls away from the row that has the focus keeps it, where it was.
    if (focused !== undefined && !next.has(focused[0]) && items.some((item) => key(item) === focused[0])) next.set(...focused);
    list.style.paddingBlock = `${from * height}px ${Math.max(0, items.length - to) * height}px`;
    const wanted = [...next.values()];
    for (const row of [...list.children]) if (!wanted.includes(row as HTMLElement)) row.remove();
    wanted.forEach((row, i) => {
      if (list.children[i] !== row) list.insertBefore(row, list.children[i] ?? null);
    });
    drawn = next;
  }

  let asked = false;
  const look = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      const [first, last] = range();
      if (first !== from || last !== to) render();
    });
  };
  window.addEventListener("scroll", look, { passive: true });
  window.addEventListener("resize", look);

  return {
    show(next) {
      items = next;
      render();
    },
    refresh: render,
  };
}
