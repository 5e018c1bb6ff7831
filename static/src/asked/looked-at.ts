// Whether somebody can have seen this window before they pressed. Whoever opened it can bring it under a click that was
// meant for another window, or put another profile into it at the last moment.

/** How long it has to have been in front, as it is now. */
const SEEN_MS = 700;

interface LookedAt {
  /** The window is in front from now on, or what it shows has changed. */
  seen(): void;
  /** Something else is in front. */
  away(): void;
  /** Whether a press now is meant for what is shown. */
  counts(): boolean;
  /** In how many milliseconds one will be; null while something else is in front. */
  left(): number | null;
}

export function createLookedAt(now: () => number): LookedAt {
  let since: number | null = null;
  const left = (): number | null => (since === null ? null : Math.max(0, since + SEEN_MS - now()));
  return {
    seen() {
      since = now();
    },
    away() {
      since = null;
    },
    counts: () => left() === 0,
    left,
  };
}
