// What the tabs of one browser tell each other.

/** Never more than where to look: the server has the truth. */
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
