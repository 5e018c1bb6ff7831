// One button, one name: "Follow" or "Unfollow". While following it reads "Following" at rest, and "Unfollow" where a
// pointer hovers or the keyboard's focus is, because that is what a press would do.

import { find, setAttribute, setText } from "../ui/dom.ts";

interface FollowButton {
  /**
   * `primary`: pressing it is what the page is about now. `disabled`: a press counts for nothing. `why`: the id of the
   * element that says why it can do nothing.
   */
  render(shown: { following: boolean; disabled: boolean; why: string | null; visible: boolean; primary: boolean }): void;
}

/** Takes over the template's button; `press` is called for a click that counts. */
export function mountFollowButton(button: HTMLButtonElement, press: () => void): FollowButton {
  // What the button does is its name; the word at rest is for eyes alone.
  const name = find(button, "[aria-label]", HTMLElement);
  const seen = find(button, "[aria-hidden]", HTMLElement);
  let following = button.dataset["following"] === "true";
  // A finger leaves `:hover` behind where it was, so the pointer is asked what it is.
  let hovered = false;
  // The pointer, or the focus, that was here when the state came: it is to read the state, not to be offered its end.
  let pointerReads = false;
  let focusReads = false;

  const word = (): void => {
    const hovers = hovered && !pointerReads && button.matches(":hover");
    const asking = following && (hovers || (!focusReads && button.matches(":focus-visible")));
    button.toggleAttribute("data-asking", asking);
    setText(seen, following && !asking ? "Following" : following ? "Unfollow" : "Follow");
    setAttribute(name, "aria-label", following ? "Unfollow" : "Follow");
  };
  const hover = (is: boolean): void => {
    hovered = is;
    if (!is) pointerReads = false;
    word();
  };
  const read = (reads: boolean): void => {
    focusReads = reads;
    word();
  };
  button.addEventListener("pointerenter", ({ pointerType }) => hover(pointerType !== "touch"));
  button.addEventListener("pointerleave", () => hover(false));
  // From nowhere: the page itself brought the focus here, away from what has just gone.
  button.addEventListener("focus", ({ relatedTarget }) => read(relatedTarget === null));
  button.addEventListener("blur", () => read(false));
  button.addEventListener("keyup", ({ key }) => key === "Tab" && read(false));
  button.addEventListener("keydown", (event) => {
    // A key held down is one press: it must not undo what it has just done.
    if (event.repeat && event.key === "Enter") event.preventDefault();
    else read(false);
  });
  button.addEventListener("click", (event) => {
    if (event.detail > 1) return; // the second click of a double click may come after the first has been answered
    if (button.getAttribute("aria-disabled") !== "true") press();
  });

  return {
    render(shown) {
      if (shown.following !== following) {
        following = shown.following;
        pointerReads = hovered;
        focusReads = document.activeElement === button;
      }
      button.hidden = !shown.visible;
      button.classList.toggle("primary", shown.primary && !following);
      setAttribute(button, "data-following", String(following));
      setAttribute(button, "aria-disabled", String(shown.disabled));
      if (shown.why === null) button.removeAttribute("aria-describedby");
      else setAttribute(button, "aria-describedby", shown.why);
      word();
    },
  };
}
