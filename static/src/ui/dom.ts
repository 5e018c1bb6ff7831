// Building and finding elements. Text is only ever set as text, so no data can become markup.

type Child = Node | string | null | false;
type Attributes = Readonly<Record<string, string | number | boolean | null>>;

function dress<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return element;
}

/** A new HTML element. `true` sets an empty attribute; `null` and `false` set none. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return dress(document.createElement(tag), attributes, children);
}

/** A new SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** One of the symbols of the page's sprite. */
export function icon(name: string): SVGSVGElement {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));
}

/** A button with a word on it; it never submits anything. */
export function button(words: string, look: string, act: () => void): HTMLButtonElement {
  const made = el("button", { type: "button", class: look }, words);
  made.addEventListener("click", act);
  return made;
}

/** The element that the template promises; an absent one is a fault of ours, told at once. */
export function find<E extends Element>(root: ParentNode, selector: string, kind: new () => E): E {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The template has no ${kind.name} at ${selector}`);
  return found;
}

/** The element inside `root` that the template marks with `data-part`. */
export function part<E extends Element = HTMLElement>(
  root: ParentNode,
  name: string,
  kind: new () => E = HTMLElement as unknown as new () => E,
): E {
  return find(root, `[data-part="${name}"]`, kind);
}

/** Sets text where it differs, so that a live region speaks only of news. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute where it differs. */
export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Copies text and says so on the button itself, aloud too, for as long as it takes to read. Nothing beside it moves. */
export async function copyFrom(source: HTMLButtonElement, text: string): Promise<void> {
  const words = source.dataset["words"] ?? source.textContent ?? "";
  source.dataset["words"] = words;
  source.style.minInlineSize = `${source.getBoundingClientRect().width}px`;
  source.setAttribute("aria-live", "polite");
  try {
    await navigator.clipboard.writeText(text);
    source.textContent = "Copied";
  } catch {
    source.textContent = "The browser refused";
  }
  setTimeout(() => {
    source.textContent = words;
  }, 1600);
}
