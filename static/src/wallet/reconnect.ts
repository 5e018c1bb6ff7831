// The wallet of the last visit: remembered, and found again without a prompt.

import type { Memory } from "../browser/memory.ts";
import type { WalletConnection } from "./connection.ts";
import { connectWallet } from "./connection.ts";
import type { AnnouncedWallet, WalletDiscovery } from "./types.ts";

interface Search {
  /** The wallet, connected silently; null where it cannot be. Pending for as long as it has not announced itself. */
  readonly found: Promise<WalletConnection | null>;
  /** Stops waiting for an announcement. */
  stop(): void;
}

const LAST_WALLET = "countersign.wallet";

/** What tells a wallet from others on the next visit too; its uuid is another one then (EIP-6963). */
const idOf = ({ rdns, uuid }: AnnouncedWallet): string => rdns || uuid;

export function rememberWallet(memory: Memory, wallet: AnnouncedWallet): void {
  memory.set(LAST_WALLET, idOf(wallet));
}

export function forgetWallet(memory: Memory): void {
  memory.set(LAST_WALLET, null);
}

/** Whether a wallet is the one that was used last; null where none was. */
export function lastWallet(memory: Memory): ((wallet: AnnouncedWallet) => boolean) | null {
  const last = memory.get(LAST_WALLET);
  return last === null ? null : (wallet) => idOf(wallet) === last;
}

/** Waits until a wallet announces itself that `isLast` knows, and asks it which account it shows to this page already. */
export function findAgain(wallets: WalletDiscovery, isLast: (wallet: AnnouncedWallet) => boolean): Search {
  let stop = (): void => {};
  const announced = new Promise<AnnouncedWallet>((resolve) => {
    const look = (): void => {
      const found = wallets.current().find(isLast);
      if (found !== undefined) resolve(found);
    };
    stop = wallets.subscribe(look);
    look();
  });
  const connect = async (): Promise<WalletConnection | null> => {
    const wallet = await announced;
    stop();
    return connectWallet(wallet, false).catch(() => null); // a silent wallet changes nothing: the session is still good
  };
  return { found: connect(), stop: () => stop() };
}
