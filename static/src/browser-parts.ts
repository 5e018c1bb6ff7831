// The browser's own parts, in the shapes that the modules of the page take. Each may be missing or refused: old
// browsers, plain http, private windows, what visitors block. Where the page cannot do without one, the module that
// needs it says so: `key-store.ts` for storage, `signing-key.ts` for WebCrypto, `api.ts` for cookies.

import type { AccountDeps } from "./account/account.ts";
import { createApi } from "./api/api.ts";
import { createServerClock } from "./api/server-clock.ts";
import type { Bootstrap } from "./api/types.ts";
import { createKeyStore } from "./browser/key-store.ts";
import { createLocks } from "./browser/locks.ts";
import { createMemory } from "./browser/memory.ts";
import type { Channel } from "./browser/tabs.ts";
import { createChannel } from "./browser/tabs.ts";

type BrowserParts = Omit<AccountDeps, "wallets" | "chooseWallet" | "record">;

type Browser = Window & typeof globalThis;

/** For a browser without a channel: a tab that comes to the front looks whether something changed meanwhile. */
function lookingChannel(document: Document): Channel {
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

/** What the tabs tell each other; where the browser has no way for that, each looks for itself when it comes to the front. */
export function openChannel(window: Browser): Channel {
  try {
    return createChannel(new window.BroadcastChannel("countersign"));
  } catch {
    return lookingChannel(window.document);
  }
}

function lockManager({ navigator }: Browser): LockManager | undefined {
  try {
    return navigator.locks;
  } catch {
    return undefined; // refused, as storage is
  }
}

/** Everything that `createAccount` needs but the page's own dialogs, inspector and wallet list. */
export function browserParts(window: Browser, bootstrap: Bootstrap): BrowserParts {
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  const serverClock = createServerClock(clock);
  return {
    api: createApi({ fetch: (...request) => window.fetch(...request), clock, serverClock, session: bootstrap, origin: window.location.origin }),
    keyStore: createKeyStore(() => window.indexedDB),
    memory: createMemory(() => window.localStorage),
    clock,
    serverClock,
    locks: createLocks(lockManager(window)),
    channel: openChannel(window),
    bootstrap,
    origin: window.location.origin,
    pause: (ms) => new Promise((resolve) => window.setTimeout(resolve, ms)),
  };
}
