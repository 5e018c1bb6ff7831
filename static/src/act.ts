// One act of the user: the steps it leaves in the inspector, and the point where it must stop because the account changed.

import type { Clock } from "./server-clock.ts";
import type { Recorder, Step } from "./types.ts";

/** The account changed while the act was under way: whatever it got since then is dropped. */
export class Superseded extends Error {
  override name = "Superseded";
}

export interface Act {
  readonly trace: string;
  /** What it is, in words: `Follow @shiyu`. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Waits for `promise`, but no longer than the account stays. Throws Superseded, also where it changed meanwhile. */
  still<T>(promise: Promise<T>): Promise<T>;
  /** Records a step that began at `since` (`Clock.elapsed`), or one that took no time of its own. */
  step(step: Omit<Step, "id" | "trace" | "act" | "at" | "durationMs">, since?: number): void;
}

export function beginAct(trace: string, name: string, signal: AbortSignal, clock: Clock, record: Recorder): Act {
  let steps = 0;
  const check = (): void => {
    if (signal.aborted) throw new Superseded("The account changed");
  };
  return {
    trace,
    name,
    signal,
    async still(promise) {
      let leave = (): void => {};
      const gone = new Promise<never>((_, reject) => {
        leave = () => reject(new Superseded("The account changed"));
        signal.addEventListener("abort", leave);
      });
      try {
        check();
        const value = await Promise.race([promise, gone]);
        check();
        return value;
      } finally {
        signal.removeEventListener("abort", leave);
      }
    },
    step(step, since) {
      const durationMs = since === undefined ? null : clock.elapsed() - since;
      record.step({ ...step, id: `${trace}-${++steps}`, trace, act: name, at: clock.now(), durationMs });
    },
  };
}
