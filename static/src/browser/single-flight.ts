// One at a time: within a page, and between the tabs of a browser.

import type { Act } from "../state/act.ts";
import { OTHER_TAB } from "../state/waits.ts";

/** Runs `work` while no other tab of this site runs under the same name. */
export interface Locks {
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** What the tabs of a browser tell each other. Never more than where to look: the server has the truth. */
export type TabNews = { kind: "operated" | "key"; address: string } | SessionNews;

/** A tab changed who is signed in, and how: what happened without such a message, no tab did. */
export interface SessionNews {
  kind: "session";
  change: "signed in" | "signed out" | "switched" | "looked";
}

export interface Channel {
  post(news: TabNews): void;
  subscribe(listener: (news: TabNews) => void): () => void;
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

/** The tabs' channel, over BroadcastChannel or anything shaped like it. */
export function createChannel(channel: BroadcastChannel): Channel {
  return {
    post: (news) => channel.postMessage(news),
    subscribe(listener) {
      const hear = (event: MessageEvent<TabNews>): void => listener(event.data);
      channel.addEventListener("message", hear);
      return () => channel.removeEventListener("message", hear);
    },
  };
}

/** For a browser without a channel: a tab that comes to the front looks whether something changed meanwhile. */
export function lookingChannel(document: Document): Channel {
  return {
    post: () => {},
    subscribe(listener) {
      const look = (): void => {
        if (document.visibilityState !== "visible") return;
        listener({ kind: "session", change: "looked" });
        listener({ kind: "operated", address: "" });
      };
      document.addEventListener("visibilitychange", look);
      return () => document.removeEventListener("visibilitychange", look);
    },
  };
}
