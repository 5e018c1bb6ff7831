// The browser's own parts, in the shapes that the modules of the page take.

import type { AccountDeps } from "./account.ts";
import { createApi } from "./api.ts";
import { createKeyStore } from "./key-store.ts";
import { createMemory } from "./memory.ts";
import { createServerClock } from "./server-clock.ts";
import { createChannel, createLocks } from "./single-flight.ts";
import type { Bootstrap } from "./types.ts";

export type BrowserParts = Omit<AccountDeps, "wallets" | "chooseWallet" | "record">;

/** Everything that `createAccount` needs but the page's own dialogs, inspector and wallet list. */
export function browserParts(window: Window & typeof globalThis, bootstrap: Bootstrap): BrowserParts {
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  const serverClock = createServerClock(clock);
  return {
    api: createApi({ fetch: (...request) => window.fetch(...request), clock, serverClock, session: bootstrap, origin: window.location.origin }),
    keyStore: createKeyStore(() => window.indexedDB),
    memory: createMemory(() => window.localStorage),
    clock,
    serverClock,
    // Typed as always there; a page that is no secure context has none.
    locks: createLocks(window.navigator.locks as LockManager | undefined),
    channel: createChannel(new BroadcastChannel("countersign")),
    bootstrap,
    origin: window.location.origin,
    pause: (ms) => new Promise((resolve) => window.setTimeout(resolve, ms)),
  };
}
