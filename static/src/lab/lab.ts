// The way to the lesson, which is loaded once it is seen, entered or pressed.

import { find, part } from "../ui/dom.ts";

/** How much of the rows is seen by whoever looks at them: most visitors have something else to do first. */
const MUCH = 0.3;

interface Lab {
  /** Earns the status, and shows the answer. */
  show(status: string): void;
}

/** Makes the buttons work; `load` may fail, and is tried again by the next press. `asked`: the status that a link is to. */
export function mountLab(root: HTMLElement, load: () => Promise<Lab>, asked: string | null): void {
  let loading: Promise<Lab> | null = null;
  const open = (): Promise<Lab> => (loading ??= load().catch((error: unknown) => ((loading = null), Promise.reject(error as Error))));
  const quietly = (): void => void open().catch(() => undefined);

  root.addEventListener("click", ({ target }) => {
    const status = target instanceof Element ? target.closest<HTMLElement>("[data-status]")?.dataset["status"] : undefined;
    if (status === undefined) return;
    open().then(
      (lab) => lab.show(status),
      () => (part(root, "answer").textContent = "The lesson cannot be loaded. Check the connection, then reload the page."),
    );
  });
  root.addEventListener("focusin", quietly);
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    seen.disconnect();
    quietly();
  }, { threshold: MUCH });
  seen.observe(find(root, "ul", HTMLElement));
  const linked = [...root.querySelectorAll<HTMLElement>("[data-status]")].find(({ dataset }) => dataset["status"] === asked);
  if (linked === undefined) return;
  linked.click();
  // When the page has come whole, the browser goes to where the link's `#` leads, and takes the focus away.
  const focus = (): void => void requestAnimationFrame(() => requestAnimationFrame(() => linked.focus()));
  if (root.ownerDocument.readyState === "complete") focus();
  else window.addEventListener("load", focus, { once: true });
}
