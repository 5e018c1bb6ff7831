// The page before an audience: one button that makes this browser a newcomer's again.

import { part } from "../ui/dom.ts";
import { askFirst } from "./dialogs.ts";

const QUESTION = {
  title: "Reset the demo?",
  words: "This browser forgets the sandbox wallet's identities, its signing keys and the exchanges in the inspector, and signs out. What was signed stays in the gateway's log.",
  yes: "Reset",
};

/** Brings the presenter's button to life. */
export function mountPresenter(root: ParentNode, reset: () => Promise<void>): void {
  const button = part(root, "reset", HTMLButtonElement);
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (await askFirst(QUESTION)) await reset();
  });
}
