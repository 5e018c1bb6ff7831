// Time that passes when a test says so.

import type { Clock } from "../../../static/src/api/server-clock.ts";

/** Lets everything run that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class FakeTime implements Clock {
  #now: number;
  #timers: { at: number; over: () => void }[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  readonly pause = (ms: number): Promise<void> => new Promise((over) => this.#timers.push({ at: this.#now + ms, over }));

  /** Whether somebody waits for time to pass. */
  get isAwaited(): boolean {
    return this.#timers.length > 0;
  }

  /** Time passes, and who waited for less goes on, one after the other. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.sort((one, other) => one.at - other.at);
      if (next === undefined || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.shift();
      next.over();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** As much time passes as the next one waits for. */
  async passToNext(): Promise<void> {
    const next = Math.min(...this.#timers.map(({ at }) => at));
    if (Number.isFinite(next)) await this.pass(Math.max(0, next - this.#now));
  }
}
