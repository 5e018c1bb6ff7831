// One connected wallet: its account, its signatures, its events (EIP-1193), and what its errors mean.
// https://eips.ethereum.org/EIPS/eip-1193

import { hexOf } from "./message.ts";
import type { Address, AnnouncedWallet, Hex, Provider } from "./types.ts";

export type { AnnouncedWallet, WalletDiscovery } from "./types.ts";
export { discoverWallets } from "./wallet-discovery.ts";

/** Error
 *  └ WalletError
 *     ├ UserRejected   said no in the wallet; no error to anyone
 *     ├ WalletLocked   gives this page no account
 *     └ WalletFailed   everything else; its message is the wallet's own
 */
export class WalletError extends Error {
  override name = "WalletError";
}
export class UserRejected extends WalletError {
  override name = "UserRejected";
}
export class WalletLocked extends WalletError {
  override name = "WalletLocked";
}
export class WalletFailed extends WalletError {
  override name = "WalletFailed";
}

export interface WalletConnection {
  readonly wallet: AnnouncedWallet;
  /** The account that the wallet shows to this page now; null while it is locked. */
  address(): Address | null;
  chainId(): number;
  /** Asks the wallet to sign the UTF-8 bytes of `text` (EIP-191) as `address`. */
  personalSign(text: string, address: Address): Promise<Hex>;
  /** Another account, or null where the wallet was locked. Repeated announcements of the same account are no news. */
  onAccounts(listener: (address: Address | null) => void): void;
  onChain(listener: (chainId: number) => void): void;
  onDisconnect(listener: () => void): void;
  close(): void;
}

const ADDRESS = /^0x[0-9a-f]{40}$/i;
const SIGNATURE = /^0x(?:[0-9a-f]{2})+$/i;
const REJECTED: readonly unknown[] = [4001, 5000, "4001", "ACTION_REJECTED"];
const LOCKED: readonly unknown[] = [4100, "4100"];
const ALREADY_ASKED = -32002;
const DEEPEST_CAUSE = 4;
const LONGEST_REASON = 200;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** An error's code and those of the errors inside it, as wallets and libraries nest them. */
function codesOf(error: unknown, depth = 0): unknown[] {
  if (!isObject(error) || depth > DEEPEST_CAUSE) return [];
  const { code, cause, data, info, error: inner, originalError } = error;
  return [code, ...[cause, data, info, inner, originalError].flatMap((nested) => codesOf(nested, depth + 1))];
}

/** What a provider's error means to this page. */
export function walletError(error: unknown): WalletError {
  if (error instanceof WalletError) return error;
  const codes = codesOf(error);
  if (codes.some((code) => REJECTED.includes(code))) return new UserRejected("Rejected in the wallet", { cause: error });
  if (codes.some((code) => LOCKED.includes(code))) return new WalletLocked("The wallet is locked", { cause: error });
  if (codes.includes(ALREADY_ASKED)) return new WalletFailed("It has a request open already: answer that one first", { cause: error });
  const message = isObject(error) && typeof error["message"] === "string" ? error["message"].trim() : "";
  return new WalletFailed(message.slice(0, LONGEST_REASON) || "It gave no reason", { cause: error });
}

async function ask(provider: Provider, method: string, params?: readonly unknown[]): Promise<unknown> {
  try {
    return await provider.request(params === undefined ? { method } : { method, params });
  } catch (error) {
    throw walletError(error);
  }
}

function firstAccount(accounts: unknown): Address | null {
  if (!Array.isArray(accounts)) return null;
  const first: unknown = accounts[0];
  return typeof first === "string" && ADDRESS.test(first) ? (first as Address) : null;
}

function readChain(chainId: unknown): number | null {
  const number = typeof chainId === "string" ? Number(chainId) : chainId;
  return typeof number === "number" && Number.isSafeInteger(number) && number > 0 ? number : null;
}

export function sameAddress(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}

/**
 * Connects to a wallet and listens to it.
 *
 * With `asking` the wallet may prompt, and must give an account; without, it is only asked what this page may know
 * already, and may stay without one.
 */
export async function connectWallet(wallet: AnnouncedWallet, asking: boolean): Promise<WalletConnection> {
  const { provider } = wallet;
  let address = firstAccount(await ask(provider, asking ? "eth_requestAccounts" : "eth_accounts"));
  if (asking && address === null) throw new WalletLocked("The wallet shows no account to this page");
  let chainId = 1;
  let open = true;
  const heard = { accounts: [] as ((a: Address | null) => void)[], chain: [] as ((c: number) => void)[], gone: [] as (() => void)[] };

  const listeners: Record<string, (value: unknown) => void> = {
    accountsChanged(accounts) {
      const next = firstAccount(accounts);
      if (!open || next === address || sameAddress(next, address)) return;
      address = next;
      for (const listener of heard.accounts) listener(next);
    },
    chainChanged(chain) {
      const next = readChain(chain);
      if (!open || next === null || next === chainId) return;
      chainId = next;
      for (const listener of heard.chain) listener(next);
    },
    disconnect() {
      if (!open || address === null) return;
      address = null;
      for (const listener of heard.gone) listener();
    },
  };
  for (const [event, listener] of Object.entries(listeners)) provider.on?.(event, listener);
  // A wallet that knows no chain still signs: the chain is a line of the sign-in text, no more.
  chainId = readChain(await ask(provider, "eth_chainId").catch(() => null)) ?? chainId;

  return {
    wallet,
    address: () => address,
    chainId: () => chainId,
    async personalSign(text, signer) {
      const bytes: Hex = `0x${hexOf(new TextEncoder().encode(text))}`;
      const signature = await ask(provider, "personal_sign", [bytes, signer]);
      if (typeof signature !== "string" || !SIGNATURE.test(signature)) throw new WalletFailed("It answered with no signature");
      return signature as Hex;
    },
    onAccounts: (listener) => void heard.accounts.push(listener),
    onChain: (listener) => void heard.chain.push(listener),
    onDisconnect: (listener) => void heard.gone.push(listener),
    close() {
      open = false;
      for (const [event, listener] of Object.entries(listeners)) provider.removeListener?.(event, listener);
    },
  };
}
