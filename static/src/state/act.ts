// One act of the user: the steps it leaves in the inspector, whom it waits for, and the point where it must stop.

import type { Clock } from "../api/server-clock.ts";
import type { Locks } from "../browser/locks.ts";
import type { Recorder, Result, Step, Waiting } from "./types.ts";
import { OTHER_TAB } from "./waits.ts";

/** Error
 *  └ Superseded    the account changed while the act was under way
 *     └ Cancelled  the visitor would not wait
 *  Whatever the act gets since then is dropped.
 */
export class Superseded extends Error {
  override name = "Superseded";
}
export class Cancelled extends Superseded {
  override name = "Cancelled";
  /** What the page says of it. */
  readonly result: Result;
  constructor(result: Result) {
    super("Cancelled on the page");
    this.result = result;
  }
}

export interface Act {
  readonly trace: string;
  /** What it is, in words: `Follow @shiyu`. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Waits for `promise`, but no longer than the act goes on. Throws Superseded where it was stopped, also meanwhile. */
  still<T>(promise: Promise<T>): Promise<T>;
  /** The same, with whom it waits for on the page for as long as it lasts. */
  waitFor<T>(waiting: Waiting, promise: Promise<T>): Promise<T>;
  /** Records a step that began at `since` (`Clock.elapsed`), or one that took no time of its own. */
  step(step: Omit<Step, "id" | "trace" | "act" | "at" | "durationMs">, since?: number): void;
}

export interface StoppableAct extends Act {
  stop(why: Superseded): void;
}

interface ActDeps {
  clock: Clock;
  record: Recorder;
  /** Shows that somebody is waited for; gives the way to end that. */
  show(waiting: Waiting): () => void;
}

export function beginAct(trace: string, name: string, { clock, record, show }: ActDeps): StoppableAct {
  const controller = new AbortController();
  const { signal } = controller;
  let steps = 0;
  let stopped: Superseded | null = null;
  const check = (): void => {
    if (stopped !== null) throw stopped;
  };
  async function still<T>(promise: Promise<T>): Promise<T> {
    let leave = (): void => {};
    const gone = new Promise<never>((_, reject) => {
      leave = () => reject(stopped);
      signal.addEventListener("abort", leave);
    });
    try {
      const value = await Promise.race(stopped === null ? [promise, gone] : [Promise.reject(stopped), promise]);
      check();
      return value;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }
  return {
    trace,
    name,
    signal,
    still,
    async waitFor(waiting, promise) {
      const end = stopped === null ? show(waiting) : () => {};
      try {
        return await still(promise);
      } finally {
        end();
      }
    },
    step(step, since) {
      const durationMs = since === undefined ? null : clock.elapsed() - since;
      record.step({ ...step, id: `${trace}-${++steps}`, trace, act: name, at: clock.now(), durationMs });
    },
    stop(why) {
      stopped ??= why;
      controller.abort();
    },
  };
}

/** Holds the lock for as long as an act goes on; while another tab has it, that is whom the act waits for. */
export async function holdFor<T>(act: Act, locks: Locks, name: string, work: () => Promise<T>): Promise<T> {
  let enter = (): void => {};
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const done = locks.hold(name, () => {
    enter();
    return act.still(Promise.resolve()).then(work);
  });
  await act.waitFor(OTHER_TAB, Promise.race([entered, done]));
  return act.still(done);
}
