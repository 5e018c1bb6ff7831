// The entry of the documentation's pages, which are whole without it: it adds "Copy" to blocks of code.

import "../css/docs.css";

import { button, copyFrom, find } from "./ui/dom.ts";
import { mountTheme } from "./ui/theme.ts";

mountTheme(find(document, "#theme", HTMLButtonElement));

for (const figure of document.querySelectorAll("figure.code")) {
  const text = find(figure, "code", HTMLElement).textContent ?? "";
  const copy = button("Copy", "btn small", () => void copyFrom(copy, text));
  find(figure, "figcaption", HTMLElement).append(copy);
}

/** What scrolls sideways is reached by Tab; what fits needs no stop on the way. */
const boxes = document.querySelectorAll<HTMLElement>(".table, .code pre");
const watch = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    if (!(target instanceof HTMLElement) || target === document.activeElement) continue;
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const box of boxes) watch.observe(box);
