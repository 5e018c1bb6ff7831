// A profile that could not be read is read again by itself: often at first, then ever more seldom.

import type { PageState } from "../state/page-state.ts";
import type { ProfileReader } from "./profile-reader.ts";
import { mayRecover } from "./profile-reader.ts";

const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;

/** Begins wherever the page's profile cannot be read for now, and ends where it can. Returns the way to stop. */
export function keepReading(page: PageState, profile: ProfileReader, pause: (ms: number) => Promise<void>): () => void {
  let going = false;
  let stopped = false;
  const wanting = (): boolean => !stopped && mayRecover(page.get().profileProblem);

  async function go(): Promise<void> {
    going = true;
    for (let ms = FIRST_MS; wanting(); ms = Math.min(2 * ms, LONGEST_MS)) {
      await pause(ms);
      // An act reads it at its end; without a network there is nothing to read.
      if (wanting() && page.get().online && !page.running()) await profile.again();
    }
    going = false;
  }
  const look = (): void => {
    if (!going && wanting()) void go();
  };
  const leave = page.subscribe(look);
  look();
  return () => {
    stopped = true;
    leave();
  };
}
