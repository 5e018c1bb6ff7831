// Who asked for this window: the page that opened it, whose origin the browser vouches for with its message. What an
// address or a referrer says of it could be chosen by that page, or left out.

import { isAskFor, READY } from "../embed/messages.ts";
import type { Told } from "../embed/messages.ts";

/** What this page may do with the window that opened it, whatever origin that is of by now. */
interface Opener {
  postMessage(message: typeof READY | Told, origin: string): void;
}

interface Heard {
  readonly data: unknown;
  readonly origin: string;
  readonly source: unknown;
}

/** `none`: nothing opened this page, or the browser cut the tie; `silent`: whatever did does not ask for this handle. */
export type Asker = { kind: "waiting" } | { kind: "none" } | { kind: "silent" } | { kind: "known"; origin: string };

interface Deps {
  opener: Opener | null;
  listen(hear: (message: Heard) => void): void;
  pause(ms: number): Promise<void>;
}

interface Asking {
  asker(): Asker;
  /** Tells the page that asked, and no page that may stand in its place by now. */
  tell(told: Omit<Told, "countersign">): void;
}

/** How long the page that opened the window may take to ask. */
const PATIENCE_MS = 5_000;
/** The origin of frames without one: any of them could be meant, so that none can be told anything. */
const OPAQUE = "null";

/** Finds out who asks for a follow of `handle`; the first who does is the only one. */
export function findAsker(handle: string, { opener, listen, pause }: Deps, changed: () => void): Asking {
  let asker: Asker = { kind: opener === null ? "none" : "waiting" };
  const become = (next: Asker): void => {
    asker = next;
    changed();
  };
  if (opener !== null) {
    listen(({ data, origin, source }) => {
      if (source !== opener || asker.kind === "known" || origin === OPAQUE || !isAskFor(data, handle)) return;
      become({ kind: "known", origin });
    });
    opener.postMessage(READY, "*");
    void pause(PATIENCE_MS).then(() => asker.kind === "waiting" && become({ kind: "silent" }));
  }
  return {
    asker: () => asker,
    tell(told) {
      if (asker.kind === "known") opener?.postMessage({ countersign: "told", ...told }, asker.origin);
    },
  };
}
