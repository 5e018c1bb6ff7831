// One button, one name: "Follow" or "Unfollow". While following it reads "Following" until pointer or focus asks for
// more, which CSS does; here is only what it says and that a click counts once.

import { find, setAttribute, setText } from "./dom.ts";

export interface FollowButton {
  /** `busy`: an operation is on its way and further clicks count for nothing. */
  render(shown: { following: boolean; busy: boolean; visible: boolean }): void;
}

/** Takes over the template's button; `press` is called for a click that counts. */
export function mountFollowButton(button: HTMLButtonElement, press: () => void): FollowButton {
  const name = find(button, ".name", HTMLElement);

  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") press();
  });
  // The pointer still rests on the button that was just pressed: "Unfollow" there would read as an answer.
  const settle = (): void => {
    delete button.dataset["fresh"];
  };
  button.addEventListener("pointerleave", settle);
  button.addEventListener("blur", settle);

  return {
    render({ following, busy, visible }) {
      button.hidden = !visible;
      if (following && button.dataset["following"] === "false" && button.matches(":hover, :focus")) {
        button.dataset["fresh"] = "";
      }
      if (!following) settle();
      button.dataset["following"] = String(following);
      setText(name, following ? "Unfollow" : "Follow");
      setAttribute(button, "aria-disabled", String(busy));
    },
  };
}
