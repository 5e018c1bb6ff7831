// One at a time: within a page, and between the tabs of a browser.

/** Runs `work` while no other tab of this site runs under the same name. */
export interface Locks {
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** What the tabs of a browser tell each other. Never more than where to look: the server has the truth. */
export type TabNews = { kind: "operated" | "key"; address: string } | { kind: "session" };

export interface Channel {
  post(news: TabNews): void;
  subscribe(listener: (news: TabNews) => void): () => void;
}

/** Web Locks (https://w3c.github.io/web-locks/); where a browser has none, a queue within this page. */
export function createLocks(manager: LockManager | undefined): Locks {
  if (manager !== undefined) return { hold: (name, work) => manager.request(`countersign:${name}`, work) };
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
