// The focus is never lost: where the element that has it is hidden or taken away, it goes to the nearest place that is
// still there. First to the same button drawn anew, then to what comes next in that region, then to the page's main act.

const FOCUSABLE = "button, a[href], input, select, textarea, summary, [tabindex]";

const isThere = (element: Element): boolean => element.isConnected && element.closest("[hidden], dialog:not([open])") === null;
const isShown = (element: Element): boolean => isThere(element) && element.getClientRects().length > 0;

function nextIn(place: Element, gone: HTMLElement): HTMLElement | undefined {
  const all = [...place.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(isShown);
  const called = (element: HTMLElement): string => element.getAttribute("aria-label") ?? element.textContent ?? "";
  return (
    all.find((each) => called(each) !== "" && called(each) === called(gone)) ??
    all.find((each) => each.matches(".btn.primary")) ??
    all.find((each) => each.matches(".btn"))
  );
}

/** Watches over the focus in `root`; what is outside of `<main>`, such as a dialog, hands on to the main act. */
export function keepFocus(root: Document): void {
  const main = root.querySelector<HTMLElement>("main");
  let last: HTMLElement | null = null;
  /** What it stood in, nearest first: it may be cut off from there when it goes. */
  let places: Element[] = [];

  const check = (): void => {
    if (main === null || last === null || isThere(last)) return;
    const { activeElement } = root;
    if (activeElement !== null && activeElement !== root.body && isThere(activeElement)) return;
    const gone = last;
    const within = places.includes(main) ? places.slice(0, places.indexOf(main)).filter(isShown) : [];
    const next = [...within, main].map((place) => nextIn(place, gone)).find((found) => found !== undefined) ?? main;
    next.focus();
    next.closest(".step")?.scrollIntoView({ block: "nearest" }); // with its heading, however much folded above it
  };

  root.addEventListener("focusin", ({ target }) => {
    last = target instanceof HTMLElement ? target : null;
    places = [];
    for (let place = last?.parentElement ?? null; place !== null; place = place.parentElement) places.push(place);
  });
  const left = (): void => {
    // Left on purpose, such as by a click beside everything.
    if (root.activeElement === root.body && last !== null && isThere(last)) last = null;
    else check();
  };
  root.addEventListener("focusout", ({ target }) => {
    // A dialog that Escape closes gives the focus back after this, and knows better where to.
    if (target instanceof Element && target.closest("dialog") !== null) setTimeout(left);
    else queueMicrotask(left);
  });
  new MutationObserver(check).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["hidden"] });
}
