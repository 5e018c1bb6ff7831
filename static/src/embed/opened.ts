// The window that a press opens, as the page that opened it can know it: whether it hears, what it tells, whether it is
// gone.

import type { Ask, Told } from "./messages.ts";
import { isReady, readTold } from "./messages.ts";

/** What a page may do with a window of another origin. */
export interface OtherWindow {
  readonly closed: boolean;
  focus(): void;
  postMessage(message: Ask, origin: string): void;
}

export interface Heard {
  readonly data: unknown;
  readonly origin: string;
  readonly source: unknown;
}

interface Deps {
  /** The origin of the site that the window is of. */
  site: string;
  /** Null where the browser opens none. */
  open(url: string): OtherWindow | null;
  /** Both return what ends it. */
  listen(hear: (message: Heard) => void): () => void;
  every(ms: number, look: () => void): () => void;
}

/** `closed`: before anything was told; `heard`: whether it was there at all, for all that this page can know. */
type News = { kind: "told"; told: Told } | { kind: "blocked" } | { kind: "closed"; heard: boolean } | { kind: "over" };

export interface Opened {
  /** Brings it to the front; false where it is closed by now. */
  focus(): boolean;
  /** Hears no more of it. */
  leave(): void;
}

/** No event tells that a window of another origin was closed. */
const LOOK_MS = 400;

/** Opens the window for `handle`, and `tell`s what comes of it; null where the browser opens none. */
export function openFor(handle: string, { site, open, listen, every }: Deps, tell: (news: News) => void): Opened | null {
  const other = open(`${site}/embed/follow?${new URLSearchParams({ handle }).toString()}`);
  if (other === null) {
    tell({ kind: "blocked" });
    return null;
  }
  let heard = false;
  let answered = false;
  const stopHearing = listen(({ data, origin, source }) => {
    if (source !== other || origin !== site) return;
    if (isReady(data)) {
      heard = true;
      other.postMessage({ countersign: "ask", handle }, site);
      return;
    }
    const told = readTold(data, handle);
    if (told === null) return;
    answered = true;
    tell({ kind: "told", told });
  });
  const leave = (): void => {
    stopHearing();
    stopLooking();
  };
  const end = (): void => {
    leave();
    tell(answered ? { kind: "over" } : { kind: "closed", heard });
  };
  let gone = false;
  const look = (): void => {
    if (!other.closed) return;
    // What it told last can still be on its way: that it is closed is known sooner.
    if (answered || gone) end();
    gone = true;
  };
  const stopLooking = every(LOOK_MS, look);
  return {
    focus() {
      if (other.closed) end();
      else other.focus();
      return !other.closed;
    },
    leave,
  };
}
