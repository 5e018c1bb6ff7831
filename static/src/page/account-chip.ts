// The account in the page's head, and the rule that every page keeps: it is the wallet's account, or the session's, and
// whenever either may have changed unheard, it is asked again.

import type { Account } from "../account/types.ts";
import type { State } from "../state/types.ts";
import { shortAddress } from "../text/format.ts";
import { copyFrom, el, find, part, setAttribute, setText } from "../ui/dom.ts";
import { identicon } from "../ui/identicon.ts";

/** Takes over the template's chip and menu: short address, and behind it the whole one, "Copy address" and "Sign out". */
function mountChip(root: HTMLElement, signOut: () => void): (state: State) => void {
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
    chip.focus();
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

/** Shows who the page is locked to, and has the account hear of what happened while the page was away. */
export function mountAccount(root: Document, account: Account): void {
  const chip = mountChip(find(root, "#account", HTMLElement), () => void account.signOut());
  account.subscribe(chip);
  chip(account.state());
  for (const event of ["online", "offline"]) {
    window.addEventListener(event, () => account.setOnline(navigator.onLine));
  }
  account.setOnline(navigator.onLine);
  // Back from the browser's cache of whole pages: as it was put away, and the session may have ended since.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) void account.reload();
  });
  root.addEventListener("visibilitychange", () => {
    if (root.visibilityState === "visible") void account.lookAgain();
  });
  void account.start();
}
