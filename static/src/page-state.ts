// The page's state, and the rule by which it changes: one act at a time, and none outlives the account it began with.

import type { Act } from "./act.ts";
import { beginAct, Superseded } from "./act.ts";
import { resultOf } from "./results.ts";
import type { Clock } from "./server-clock.ts";
import type { Busy, Recorder, Result, State } from "./types.ts";

type Work = (act: Act) => Promise<Result | null>;

export interface PageState {
  get(): State;
  set(patch: Partial<State>): void;
  subscribe(listener: (state: State) => void): () => void;
  /** Runs an act that the user asked for, under the name that the inspector shows. While one runs, asking for another gives the one that runs. */
  run(name: string, busy: Exclude<Busy, null>, retry: () => Promise<void>, work: Work): Promise<void>;
  /** Learns something that every act has to know before it begins, such as this account's key. */
  settle(work: Work): Promise<void>;
  /** Drops whatever is under way: the account changed. */
  supersede(): void;
  running(): boolean;
  /** Does again what failed last. */
  retry(): Promise<void>;
}

/** `mend` runs after an act that failed, before its result shows. */
export function createPageState(
  first: State,
  { clock, record }: { clock: Clock; record: Recorder },
  mend: (error: unknown, act: Act) => Promise<void>,
): PageState {
  const listeners = new Set<(state: State) => void>();
  let state = first;
  let tenure = new AbortController();
  let running: Promise<void> | null = null;
  let settling: Promise<void> = Promise.resolve();
  let again: () => Promise<void> = async () => {};
  let traces = 0;

  const set = (patch: Partial<State>): void => {
    state = { ...state, ...patch };
    for (const listener of listeners) listener(state);
  };
  const begin = (name: string): Act => beginAct(`act-${++traces}`, name, tenure.signal, clock, record);

  async function perform(act: Act, busy: Exclude<Busy, null>, work: Work): Promise<void> {
    const began = clock.elapsed();
    const ended = (result: Result | null): void =>
      record.ended({ trace: act.trace, name: act.name, at: clock.now(), durationMs: clock.elapsed() - began, result });
    let result: Result | null = null;
    try {
      set({ busy, result: null, act: act.name });
      await act.still(settling);
      result = await work(act);
    } catch (error) {
      if (error instanceof Superseded) return ended(null);
      result = resultOf(error);
      await mend(error, act);
    }
    ended(act.signal.aborted ? null : result);
    if (act.signal.aborted) return;
    running = null;
    set({ busy: null, result });
  }

  async function learn(act: Act, work: Work): Promise<void> {
    if (state.busy === null) set({ busy: "loading" });
    try {
      const result = await work(act);
      if (result !== null && !act.signal.aborted) set({ result, act: null });
    } catch (error) {
      if (error instanceof Superseded) return;
      // Trying again is about this, and not about an act of before, which another account may have begun.
      again = () => settle(work);
      set({ result: resultOf(error), act: null });
    } finally {
      if (!act.signal.aborted && state.busy === "loading") set({ busy: null });
    }
  }

  function settle(work: Work): Promise<void> {
    settling = learn(begin("Read from the site"), work);
    return settling;
  }

  return {
    get: () => state,
    set,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    run(name, busy, retry, work) {
      if (running !== null) return running;
      again = retry;
      running = perform(begin(name), busy, work);
      return running;
    },
    settle,
    supersede() {
      tenure.abort();
      tenure = new AbortController();
      running = null;
      set({ busy: null });
    },
    running: () => running !== null,
    retry: () => again(),
  };
}
