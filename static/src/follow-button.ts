// One button, one name: "Follow" or "Unfollow". While following it reads "Following" at rest, and "Unfollow" where the
// pointer or the keyboard's focus is, because that is what a press would do.

import { find, setAttribute, setText } from "./dom.ts";

export interface FollowButton {
  /** `primary`: pressing it is what the page is about now. `busy`: an operation is on its way and further clicks count for nothing. */
  render(shown: { following: boolean; busy: boolean; visible: boolean; primary: boolean }): void;
}

/** How long the new state stays to be read under the pointer that just made it. */
const READING_MS = 1_500;

/** Takes over the template's button; `press` is called for a click that counts. */
export function mountFollowButton(button: HTMLButtonElement, press: () => void): FollowButton {
  // What the button does is its name; the word at rest is for eyes alone.
  const name = find(button, "[aria-label]", HTMLElement);
  const seen = find(button, "[aria-hidden]", HTMLElement);
  let following = button.dataset["following"] === "true";
  let fresh = 0;

  const word = (): void => {
    const asking = following && fresh === 0 && button.matches(":hover, :focus-visible");
    button.toggleAttribute("data-asking", asking);
    setText(seen, following && !asking ? "Following" : following ? "Unfollow" : "Follow");
    setAttribute(name, "aria-label", following ? "Unfollow" : "Follow");
  };
  const settle = (): void => {
    clearTimeout(fresh);
    fresh = 0;
    word();
  };
  for (const event of ["pointerenter", "focus"]) button.addEventListener(event, word);
  for (const event of ["pointerleave", "blur"]) button.addEventListener(event, settle);
  button.addEventListener("click", (event) => {
    if (event.detail > 1) return; // the second click of a double click may come after the first has been answered
    if (button.getAttribute("aria-disabled") !== "true") press();
  });

  return {
    render(shown) {
      if (shown.following !== following) {
        settle();
        following = shown.following;
        if (following) fresh = window.setTimeout(settle, READING_MS);
      }
      button.hidden = !shown.visible;
      button.classList.toggle("primary", shown.primary && !following);
      setAttribute(button, "data-following", String(following));
      setAttribute(button, "aria-disabled", String(shown.busy));
      word();
    },
  };
}
