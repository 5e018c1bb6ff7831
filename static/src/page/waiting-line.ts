// The line that names who is waited for, with "Cancel" beside it. What is quick never shows it.

import type { Waiting } from "../state/types.ts";
import { button, el, setText } from "../ui/dom.ts";

/** After how long a wait is worth a word. */
const LONG_MS = 700;

const waitingWords = ({ who, hint }: Waiting): string => `Waiting for ${who}. ${hint}`.trim();

/** Says in `place` whom `promise` waits for, as long as that takes long. */
export async function namingWait<T>(place: HTMLElement, waiting: Waiting, promise: Promise<T>): Promise<T> {
  const timer = setTimeout(() => setText(place, waitingWords(waiting)), LONG_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    setText(place, "");
  }
}

/** `show` puts the line where it belongs. What comes after it takes its place. Returns a function that takes who is waited for now; null ends it. */
export function waitingLine(cancel: () => void, show: (line: HTMLElement) => void): (waiting: Waiting | null, going: boolean) => void {
  const words = el("p");
  const line = el("div", { class: "hushed" }, words, button("Cancel", "btn small", cancel));
  let timer = 0;

  return (waiting, going) => {
    if (waiting !== null) setText(words, waitingWords(waiting));
    if (going && waiting !== null && timer === 0) timer = window.setTimeout(() => show(line), LONG_MS);
    if (going) return;
    clearTimeout(timer);
    timer = 0;
  };
}
