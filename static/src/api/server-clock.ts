// What time it is by our own site, whatever this computer's clock says: the belief that `tsInServer` is held against.

/** The browser's two clocks: one that tells the time and may be wrong, one that only runs (`performance.now`). */
export interface Clock {
  /** Milliseconds since the Unix epoch, by this computer. */
  now(): number;
  /** Milliseconds since some moment; never set, never jumps. */
  elapsed(): number;
}

export interface ServerClock {
  /** Learns from a reply of our own site: its `Date` header, and when the request left and the reply came. */
  observe(date: string | null, sent: number, received: number): void;
  /** The time by our site; by this computer, until the site has been heard. */
  now(): number;
}

/** How far a `tsInServer` may be from what we believe before we refuse to sign it. */
export const BELIEF_MS = 300_000;
const HALF_A_SECOND = 500;

export function createServerClock(clock: Clock): ServerClock {
  let offset: number | null = null;
  return {
    observe(date, sent, received) {
      const ms = date === null ? Number.NaN : Date.parse(date);
      // `Date` counts whole seconds, and was written somewhere between sending and receiving.
      if (!Number.isNaN(ms)) offset = ms + HALF_A_SECOND - (sent + received) / 2;
    },
    now: () => (offset === null ? clock.now() : offset + clock.elapsed()),
  };
}

/** Whether a time that the gateway named is near enough to what we believe to be signed. */
export function isBelievable(tsInServer: number, belief: number): boolean {
  return Number.isSafeInteger(tsInServer) && Math.abs(tsInServer - belief) <= BELIEF_MS;
}
