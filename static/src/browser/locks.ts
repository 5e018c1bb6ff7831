// One at a time: within a page, and between the tabs of a browser.

/** Runs `work` while no other tab of this site runs under the same name. */
export interface Locks {
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** One after the other within this page. */
function createQueue(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    hold<T>(name: string, work: () => Promise<T>): Promise<T> {
      const run = (tails.get(name) ?? Promise.resolve()).then(work, work);
      tails.set(name, run);
      const forget = (): void => {
        if (tails.get(name) === run) tails.delete(name);
      };
      run.then(forget, forget);
      return run;
    },
  };
}

/** Web Locks (https://w3c.github.io/web-locks/); where a browser has none or refuses them, a queue within this page. */
export function createLocks(manager: LockManager | undefined): Locks {
  const queue = createQueue();
  if (manager === undefined) return queue;
  return {
    async hold(name, work) {
      let entered = false;
      try {
        return await manager.request(`countersign:${name}`, () => {
          entered = true;
          return work();
        });
      } catch (error) {
        if (entered) throw error;
        return queue.hold(name, work);
      }
    },
  };
}
