// The account as every page has it: the browser's own parts, the wallets that announce themselves, and the dialogs.

import { createAccount } from "./account/account.ts";
import type { Account } from "./account/types.ts";
import type { Bootstrap } from "./api/types.ts";
import { browserParts } from "./browser-parts.ts";
import { forgetOldWork } from "./browser/memory.ts";
import { piece } from "./browser/piece.ts";
import type { Recorder } from "./state/types.ts";
import { looksLike } from "./text/plain-text.ts";
import { discoverWallets } from "./wallet/discovery.ts";
import { lastWallet } from "./wallet/reconnect.ts";
import type { SandboxWallet } from "./wallet/sandbox-wallet.ts";
import { announceSandboxWallet } from "./wallet/sandbox-wallet.ts";
import type { AnnouncedWallet, WalletDiscovery } from "./wallet/types.ts";

/** Loaded when they are first shown: a page's first look needs none. */
const dialogs = () => piece(() => import("./page/dialogs.ts"));
const MAINNET = 1;
const IDLE_MS = 2_000;
const DAY_MS = 86_400_000;

interface Opened {
  account: Account;
  parts: ReturnType<typeof browserParts>;
  wallets: WalletDiscovery;
  sandbox: SandboxWallet;
  chooseWallet(): Promise<AnnouncedWallet | null>;
}

/** Whether the gateway is part of this site, and so has no address of its own that the site would use. */
export const isEmbedded = ({ upstream }: Bootstrap): boolean => !/^https?:/.test(upstream);

/** Puts the account together; nothing is asked of any wallet yet. */
export function openAccount(bootstrap: Bootstrap, record: Recorder = { step: () => {}, ended: () => {} }): Opened {
  const parts = browserParts(window, bootstrap);
  const sandbox = announceSandboxWallet({
    target: window,
    memory: parts.memory,
    // One that may sign in here, or it could not be tried.
    chainId: bootstrap.chainIds?.[0] ?? MAINNET,
    approve: async (ask) => (await dialogs()).askToApprove(ask, parts.serverClock.now() + bootstrap.keyLifetimeDays * DAY_MS),
  });
  const wallets = discoverWallets(window, sandbox.wallet);
  const chooseWallet = async (): Promise<AnnouncedWallet | null> =>
    (await dialogs()).chooseWallet(wallets, sandbox.wallet, lastWallet(parts.memory), looksLike);
  const account = createAccount({ ...parts, wallets, chooseWallet, record });
  // As soon as there is time for it, so that a connection lost later does not matter. Safari tells no idle time.
  const whenIdle = (window as Partial<Window>).requestIdleCallback ?? ((load: () => void) => setTimeout(load, IDLE_MS));
  whenIdle(() => {
    void dialogs().catch(() => undefined);
    forgetOldWork(parts.memory, parts.clock.now());
  });
  return { account, parts, wallets, sandbox, chooseWallet };
}
