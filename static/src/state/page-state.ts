// The page's state, and the rule by which it changes: one act at a time, and none outlives the account it began with.

import type { Clock } from "../api/server-clock.ts";
import type { Act, StoppableAct } from "./act.ts";
import { beginAct, Cancelled, Superseded } from "./act.ts";
import { resultOf } from "./results.ts";
import { TRY_AGAIN } from "./status-words.ts";
import type { Busy, NextStep, Recorder, Result, State, Waiting } from "./types.ts";

type Work = (act: Act) => Promise<Result | null>;

const READ_AGAIN: NextStep = { label: "Try again", action: "reload" };

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
  /** Drops whatever is under way: the visitor will not wait. The page is free at once. */
  cancel(): void;
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
  const underWay = new Set<StoppableAct>();
  const waits = new Set<{ readonly waiting: Waiting }>();
  let state = first;
  let running: Promise<void> | null = null;
  let settling: Promise<void> = Promise.resolve();
  let again: () => Promise<void> = async () => {};
  let traces = 0;

  const set = (patch: Partial<State>): void => {
    state = { ...state, ...patch };
    for (const listener of listeners) listener(state);
  };
  const showWaits = (): void => {
    const waiting = [...waits].pop()?.waiting ?? null;
    if (waiting !== state.waiting) set({ waiting });
  };
  const show = (waiting: Waiting): (() => void) => {
    const wait = { waiting };
    waits.add(wait);
    showWaits();
    return () => {
      if (waits.delete(wait)) showWaits();
    };
  };
  const begin = (name: string): StoppableAct => {
    const act = beginAct(`act-${++traces}`, name, { clock, record, show });
    underWay.add(act);
    return act;
  };
  const stop = (why: Superseded, patch: Partial<State>): void => {
    for (const act of underWay) act.stop(why);
    underWay.clear();
    waits.clear();
    running = null;
    set({ busy: null, waiting: null, ...patch });
  };

  async function perform(act: StoppableAct, busy: Exclude<Busy, null>, work: Work): Promise<void> {
    const ended = (result: Result | null): void =>
      record.ended({ trace: act.trace, name: act.name, at: clock.now(), result, cause });
    let cause: unknown;
    let result: Result | null = null;
    try {
      set({ busy, result: null, act: act.name });
      await act.still(settling);
      result = await work(act);
    } catch (error) {
      if (error instanceof Superseded) {
        ended(error instanceof Cancelled ? error.result : null);
        if (!act.signal.aborted) stop(error, {}); // nobody stopped it: it found out by itself
        return;
      }
      cause = error;
      result = resultOf(error);
      await mend(error, act);
    } finally {
      underWay.delete(act);
    }
    ended(act.signal.aborted ? null : result);
    if (act.signal.aborted) return;
    running = null;
    set({ busy: null, result });
  }

  async function learn(act: StoppableAct, work: Work): Promise<void> {
    if (state.busy === null) set({ busy: "loading" });
    try {
      const result = await work(act);
      if (result !== null && !act.signal.aborted) set({ result, act: null });
    } catch (error) {
      if (error instanceof Superseded) return;
      // Trying again is about this, and not about an act of before, which another account may have begun.
      again = () => settle(work);
      const result = resultOf(error);
      record.ended({ trace: act.trace, name: act.name, at: clock.now(), result, cause: error });
      set({ result, act: null });
    } finally {
      underWay.delete(act);
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
    supersede: () => stop(new Superseded("The account changed"), {}),
    cancel() {
      if (underWay.size === 0) return;
      const next = running === null ? READ_AGAIN : TRY_AGAIN;
      const result: Result = { kind: "cancelled", sentence: state.waiting?.cancelled ?? "Cancelled.", next };
      stop(new Cancelled(result), { result });
    },
    running: () => running !== null,
    retry: () => again(),
  };
}
