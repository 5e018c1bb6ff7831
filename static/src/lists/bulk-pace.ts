// When a bulk may send: not while somebody asked it to wait. And how long the rest will take.

import type { ProblemError } from "../api/api.ts";
import type { Clock } from "../api/server-clock.ts";
import type { PauseReason } from "./bulk-state.ts";

interface Hold {
  reason: PauseReason;
  /** In milliseconds since the Unix epoch; null where nothing but `resume` ends it. */
  until: number | null;
}

interface Pace {
  /** Why nothing is to be sent now; null where it is. */
  held(): Hold | null;
  /** Holds for so long, or with null until it is resumed. Of several holds the longest counts. */
  hold(reason: PauseReason, ms: number | null): void;
  /** Holds where nobody says for how long: longer each time, until something is answered. */
  backOff(reason: PauseReason): void;
  resume(): void;
  /** Waits while there is a hold that ends by itself. */
  ready(): Promise<void>;
  /** An item was answered by the gateway, and whether it has ended. */
  heard(hasEnded: boolean): void;
  /** Begins to measure, with nothing held. */
  begin(): void;
  /** How long `open` items will take, in milliseconds; null where nothing can be told. */
  msLeft(open: number): number | null;
}

/** The first wait where nobody says how long; each one after it is twice as long. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;
/** The longest wait that is granted; a browser's timer takes no more than 24 days. */
const LONGEST_ASKED_MS = 3_600_000;
/** From how many items on a rate is told. */
const MEASURED_FROM = 5;

/** The wait that somebody asks for in seconds; null where that is no time to wait. */
export function waitMs(seconds: number | null | undefined): number | null {
  if (typeof seconds !== "number" || !(seconds >= 0)) return null;
  // At least a second: in a part of one the same answer would come again.
  return Math.min(Math.max(seconds * 1_000, 1_000), LONGEST_ASKED_MS);
}

/** The wait that the reply of a refused request asks for, in milliseconds; null where it asks for none. */
export function pauseAsked({ exchange }: ProblemError): number | null {
  return waitMs(Number(exchange?.response?.headers["retry-after"] ?? Number.NaN));
}

export function createPace({ clock, pause, changed }: { clock: Clock; pause(ms: number): Promise<void>; changed(): void }): Pace {
  let held: Hold | null = null;
  let sleepers: (() => void)[] = [];
  let setbacks = 0;
  let began = 0;
  let ended = 0;
  /** Measured over whole rounds of the quota, each with the wait at its end. */
  let msPerItem: number | null = null;

  function wake(): void {
    for (const go of sleepers) go();
    sleepers = [];
  }
  function resume(): void {
    held = null;
    wake();
    changed();
  }
  function hold(reason: PauseReason, ms: number | null): void {
    const until = ms === null ? null : clock.now() + ms;
    if (held !== null && (held.until === null || (until !== null && until <= held.until))) return;
    const mine = { reason, until };
    held = mine;
    if (reason === "rate-limited" && ms !== null && ended > 0) msPerItem = (clock.elapsed() - began + ms) / ended;
    if (ms === null) wake();
    else void pause(ms).then(() => held === mine && resume());
    changed();
  }
  return {
    held: () => held,
    hold,
    backOff(reason) {
      // What several requests met at the same moment is one setback.
      if (held === null) hold(reason, Math.min(FIRST_WAIT_MS * 2 ** setbacks++, LONGEST_WAIT_MS));
    },
    resume,
    async ready() {
      while (held !== null && held.until !== null) await new Promise<void>((go) => sleepers.push(go));
    },
    heard(hasEnded) {
      setbacks = 0;
      if (hasEnded) ended++;
    },
    begin() {
      held = null;
      setbacks = 0;
      began = clock.elapsed();
      ended = 0;
      msPerItem = null;
    },
    msLeft(open) {
      if (held !== null && held.until === null) return null;
      const each = msPerItem ?? (ended < MEASURED_FROM ? null : (clock.elapsed() - began) / ended);
      return each === null ? null : Math.round(Math.max(0, (held?.until ?? 0) - clock.now()) + open * each);
    },
  };
}
