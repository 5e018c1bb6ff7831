// The account in the page's head: short address, and behind it the whole one, "Copy address" and "Sign out".

import { copyFrom, el, find, part, setAttribute, setText } from "./dom.ts";
import { shortAddress } from "./format.ts";
import { identicon } from "./identicon.ts";
import type { State } from "./types.ts";

/** Takes over the template's chip and menu. */
export function mountAccountChip(root: HTMLElement, signOut: () => void): (state: Pick<State, "address" | "signedIn">) => void {
  const chip = find(root, "#chip", HTMLButtonElement);
  const menu = find(root, "#account-menu", HTMLElement);
  const copy = part(menu, "copy", HTMLButtonElement);
  let drawn: string | null = null;

  const fold = (open: boolean): void => {
    menu.hidden = !open;
    setAttribute(chip, "aria-expanded", String(open));
  };
  chip.addEventListener("click", () => fold(menu.hidden !== false));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    fold(false);
    chip.focus();
  });
  root.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !root.contains(event.relatedTarget)) fold(false);
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !root.contains(event.target)) fold(false);
  });
  copy.addEventListener("click", () => {
    if (drawn !== null) void copyFrom(copy, drawn);
  });
  part(menu, "sign-out").addEventListener("click", () => {
    fold(false);
    signOut();
  });

  return ({ address, signedIn }) => {
    const shown = signedIn ? address : null;
    root.hidden = shown === null;
    if (shown === drawn || shown === null) {
      drawn = shown;
      return;
    }
    drawn = shown;
    find(chip, ".face", HTMLElement).replaceChildren(identicon(shown.toLowerCase()));
    part(chip, "short").replaceChildren(el("span", { class: "mono", title: shown }, shortAddress(shown)));
    setText(part(menu, "address"), shown);
  };
}
