// The browser's own parts, in the shapes that the modules of the page take. Each may be missing or refused: old
// browsers, plain http, private windows, what visitors block. Where the page cannot do without one, the module that
// needs it says so: `key-store.ts` for storage, `signing-key.ts` for WebCrypto, `api.ts` for cookies.

import type { AccountDeps } from "../account/account.ts";
import { createApi } from "../api/api.ts";
import { createKeyStore } from "./key-store.ts";
import { createMemory } from "./memory.ts";
import { hexOf } from "../protocol/message.ts";
import { createServerClock } from "../api/server-clock.ts";
import type { Channel } from "./single-flight.ts";
import { createChannel, createLocks, lookingChannel } from "./single-flight.ts";
import type { Bootstrap } from "../types.ts";

export type BrowserParts = Omit<AccountDeps, "wallets" | "chooseWallet" | "record">;

type Browser = Window & typeof globalThis;

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

/** A random UUID (RFC 9562, version 4). `crypto.randomUUID` is not there over plain http. */
export function randomUuid(): string {
  const hex = hexOf(crypto.getRandomValues(new Uint8Array(16)));
  const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
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
