// The field "Handle": a combobox that suggests while one types (WAI-ARIA authoring practices, list autocomplete).

import type { Suggestion } from "../api/types.ts";
import { normaliseHandle } from "../protocol/handle.ts";
import { followers } from "../text/format.ts";
import { el, setAttribute } from "../ui/dom.ts";
import { identicon } from "../ui/identicon.ts";

const PAUSE_MS = 180;

interface Deps {
  /** Profiles whose handle starts so; none where the gateway cannot say. */
  suggest(prefix: string): Promise<readonly Suggestion[]>;
  /** The field says this now. `choosing`: it is not looked up before the visitor chooses or presses Enter. */
  typed(text: string, choosing: boolean): void;
  /** The handle is settled: show its profile. */
  settle(text: string): void;
}

/** Makes `input` and `list` of the template work. */
export function mountHandleField(input: HTMLInputElement, list: HTMLElement, deps: Deps): void {
  let timer = 0;
  let asked = 0;
  let active = -1;
  let settled = normaliseHandle(input.defaultValue);

  const options = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[role=option]")];
  const close = (): void => {
    list.hidden = true;
    active = -1;
    setAttribute(input, "aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const settle = (handle: string, anew = false): void => {
    clearTimeout(timer);
    asked++;
    close();
    if (handle === settled && !anew) return;
    settled = handle;
    deps.settle(input.value);
  };
  /** Somebody said so: what was looked up before is looked up again. */
  const choose = (handle: string): void => {
    input.value = handle;
    settle(handle, true);
  };
  const highlight = (to: number): void => {
    const all = options();
    active = (to + all.length) % all.length;
    all.forEach((option, i) => setAttribute(option, "aria-selected", String(i === active)));
    all[active]?.scrollIntoView({ block: "nearest" });
    setAttribute(input, "aria-activedescendant", all[active]?.id ?? "");
  };
  const open = (found: readonly Suggestion[]): void => {
    list.replaceChildren(
      ...found.map(({ handle, displayName, followerCount }, i) => {
        const option = el(
          "li",
          { id: `suggestion-${i}`, role: "option", "aria-selected": "false", "data-handle": handle },
          el("span", { class: "face" }, identicon(handle)),
          el("span", {}, el("b", {}, `@${handle}`), ...(displayName === "" || displayName === handle ? [] : [" ", el("span", { class: "called" }, displayName)])),
          el("small", {}, followers(followerCount)),
        );
        option.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
        option.addEventListener("click", () => choose(handle));
        return option;
      }),
    );
    list.hidden = false;
    setAttribute(input, "aria-expanded", "true");
    deps.typed(input.value, true);
  };
  const look = async (prefix: string): Promise<void> => {
    const mine = ++asked;
    const found = await deps.suggest(prefix);
    if (mine !== asked || document.activeElement !== input) return;
    const others = found.filter(({ handle }) => handle !== prefix);
    if (others.length === 0 || others.length !== found.length) settle(prefix);
    else open(others);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    asked++; // what comes of an earlier question is about another text
    close();
    deps.typed(input.value, false);
    const prefix = normaliseHandle(input.value);
    if (prefix !== "") timer = setTimeout(() => void look(prefix), PAUSE_MS) as unknown as number;
  });
  input.addEventListener("blur", () => settle(normaliseHandle(input.value)));
  input.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "Enter") choose(list.hidden ? normaliseHandle(input.value) : (all[active]?.dataset["handle"] ?? normaliseHandle(input.value)));
    else if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" && list.hidden) void look(normaliseHandle(input.value));
    else if (event.key === "ArrowDown") highlight(active + 1);
    else if (event.key === "ArrowUp" && !list.hidden) highlight(active === -1 ? all.length - 1 : active - 1);
    else return;
    event.preventDefault();
  });
  // Browsers bring back what a field said when a page is opened again, or comes whole out of their cache.
  if (input.value !== input.defaultValue) deps.typed(input.value, false);
  window.addEventListener("pageshow", () => {
    if (document.activeElement !== input) settle(normaliseHandle(input.value));
  });
}
