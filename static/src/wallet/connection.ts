// One connected wallet: its account, its signatures, its events. Whatever it does is expected: it may throw anywhere, repeat
// itself, and never answer. https://eips.ethereum.org/EIPS/eip-1193

import { ProblemError } from "../api/api.ts";
import type { Address, Hex } from "../protocol/address.ts";
import { sameAddress } from "../protocol/address.ts";
import { hexOf } from "../protocol/message.ts";
import { readAccounts, readChain, readSignature, walletError, WalletLocked } from "./answers.ts";
import type { AnnouncedWallet, Provider } from "./types.ts";

export interface WalletConnection {
  readonly wallet: AnnouncedWallet;
  /** The account that the wallet shows to this page now, in lower case; null while it is locked. */
  address(): Address | null;
  /** The chain that it is on, as last heard; null where it knows none. */
  chainId(): number | null;
  /** Asks which chain it is on, for wallets that do not tell of changes. */
  askChain(): Promise<number | null>;
  /** Asks it to change to a chain (EIP-3326), and gives the chain that it is on then. */
  switchChain(chainId: number): Promise<number | null>;
  /** Asks the wallet to sign the UTF-8 bytes of `text` (EIP-191) as `address`. */
  personalSign(text: string, address: Address): Promise<Hex>;
  /** Another account, or null where the wallet was locked. Repeated announcements of the same account are no news. */
  onAccounts(listener: (address: Address | null) => void): void;
  close(): void;
}

async function ask(provider: Provider, method: string, params?: readonly unknown[]): Promise<unknown> {
  try {
    return await provider.request(params === undefined ? { method } : { method, params });
  } catch (error) {
    // The page's own wallet may lack a piece of itself, which is no word of a wallet.
    throw error instanceof ProblemError ? error : walletError(error);
  }
}

/** Does what may throw or reject, where nothing depends on it. */
function attempt(call: () => unknown): void {
  const failed = (): void => undefined;
  void (async () => call())().catch(failed);
}

const lower = (address: Address): Address => address.toLowerCase() as Address;

/**
 * Connects to a wallet and listens to it.
 *
 * With `asking` the wallet may prompt, and must give an account; without, it is only asked what this page may know
 * already, and may stay without one. `disconnect` is not listened to: it says that the wallet reaches no chain, and
 * accounts and signatures need none.
 */
export async function connectWallet(wallet: AnnouncedWallet, asking: boolean): Promise<WalletConnection> {
  const { provider } = wallet;
  /** As the wallet spells it: some know their account in that spelling only. */
  let account = readAccounts(await ask(provider, asking ? "eth_requestAccounts" : "eth_accounts"))?.[0] ?? null;
  if (asking && account === null) throw new WalletLocked("The wallet shows no account to this page");
  let chainId: number | null = null;
  let open = true;
  const heard: ((address: Address | null) => void)[] = [];

  const turnTo = (next: Address | null): void => {
    if (!open || next === account || sameAddress(next, account)) return;
    account = next;
    for (const listener of heard) listener(next === null ? null : lower(next));
  };
  const listeners: Record<string, (value: unknown) => void> = {
    accountsChanged(accounts) {
      const read = readAccounts(accounts);
      if (read !== null) return turnTo(read[0] ?? null);
      // It said that something changed, and not what. No account in the answer ends no session either.
      attempt(async () => {
        const [next] = readAccounts(await ask(provider, "eth_accounts")) ?? [];
        if (next !== undefined) turnTo(next);
      });
    },
    chainChanged(chain) {
      chainId = readChain(chain) ?? chainId;
    },
  };
  const askChain = async (): Promise<number | null> => {
    chainId = readChain(await ask(provider, "eth_chainId").catch(() => null)) ?? chainId;
    return chainId;
  };
  for (const [event, listener] of Object.entries(listeners)) attempt(() => provider.on?.(event, listener));
  await askChain();

  return {
    wallet,
    address: () => (account === null ? null : lower(account)),
    chainId: () => chainId,
    askChain,
    async switchChain(to) {
      await ask(provider, "wallet_switchEthereumChain", [{ chainId: `0x${to.toString(16)}` }]);
      return askChain();
    },
    async personalSign(text, signer) {
      const bytes: Hex = `0x${hexOf(new TextEncoder().encode(text))}`;
      return readSignature(await ask(provider, "personal_sign", [bytes, sameAddress(signer, account) ? account : signer]));
    },
    onAccounts: (listener) => void heard.push(listener),
    close() {
      open = false;
      for (const [event, listener] of Object.entries(listeners)) attempt(() => provider.removeListener?.(event, listener));
    },
  };
}
