// How many followers each handle has, as the site tells everybody: one request for all the buttons of a page.

interface Deps {
  site: string;
  fetch(url: string, how: RequestInit): Promise<Response>;
  /** Long enough for the buttons of a page to come one after the other. */
  gather(send: () => void): void;
}

/** The count; null where nobody has the handle, undefined where it cannot be had. */
type Count = number | null | undefined;

export interface Counts {
  /** `anew`: past what the browser keeps of it. */
  of(handle: string, anew?: boolean): Promise<Count>;
}

/** As many as the site takes in one request. */
const MOST = 20;

function read(reply: unknown): Map<string, number> {
  const { profiles } = reply as { profiles: { handle: string; followerCount: number }[] };
  return new Map(profiles.map(({ handle, followerCount }) => [handle, followerCount]));
}

export function createCounts({ site, fetch, gather }: Deps): Counts {
  let waiting = new Map<string, ((count: Count) => void)[]>();

  async function ask(handles: readonly string[], cache: RequestCache): Promise<(handle: string) => Count> {
    const query = new URLSearchParams(handles.map((handle) => ["handle", handle]));
    try {
      // Nobody's cookie goes along, and the site does not learn on which page the button is.
      const reply = await fetch(`${site}/embed/profiles?${query.toString()}`, { credentials: "omit", referrerPolicy: "no-referrer", cache });
      if (!reply.ok) return () => undefined;
      const counts = read(await reply.json());
      return (handle) => counts.get(handle) ?? null;
    } catch {
      return () => undefined; // no connection, or the page's policy forbids it: the button works without
    }
  }

  async function send(): Promise<void> {
    const asked = waiting;
    waiting = new Map();
    const handles = [...asked.keys()];
    for (let at = 0; at < handles.length; at += MOST) {
      const some = handles.slice(at, at + MOST);
      const count = await ask(some, "default");
      for (const handle of some) for (const give of asked.get(handle) ?? []) give(count(handle));
    }
  }

  return {
    async of(handle, anew = false) {
      if (anew) return (await ask([handle], "reload"))(handle);
      return new Promise((give) => {
        if (waiting.size === 0) gather(() => void send());
        waiting.set(handle, [...(waiting.get(handle) ?? []), give]);
      });
    },
  };
}
