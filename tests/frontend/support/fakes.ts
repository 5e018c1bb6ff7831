// What is not ours, made for tests: wallets, and a browser's storage. Signatures are real.

import { privateKeyToAccount } from "viem/accounts";

import type { KeyStore, StoredKey } from "../../../static/src/browser/key-store.ts";
import { KeyStoreUnavailable } from "../../../static/src/browser/key-store.ts";
import type { Channel, TabNews } from "../../../static/src/browser/tabs.ts";
import type { Hex } from "../../../static/src/protocol/address.ts";
import type { Provider } from "../../../static/src/wallet/types.ts";

type Signer = ReturnType<typeof privateKeyToAccount>;

// The first accounts of the well-known test mnemonic "test test test ... junk".
export const ALICE: Signer = privateKeyToAccount("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
export const BOB: Signer = privateKeyToAccount("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d");

/** A wallet outside of the page: shows its first account, lower-case as many do, and signs unless told otherwise. */
export class FakeWallet implements Provider {
  accounts: Signer[];
  readonly asked: string[] = [];
  /** Texts that it was asked to sign. */
  readonly texts: string[] = [];
  /** The answer to `eth_chainId`. */
  chain: unknown = "0x1";
  /** What it does when asked to change to a chain; the default does. */
  onSwitch: (chain: string) => void = (chain) => void (this.chain = chain);
  /** What it does when asked to sign; the default signs. */
  onSign: (sign: () => Promise<Hex>) => Promise<unknown> = (sign) => sign();
  readonly #known: Signer[];
  readonly #events = new Map<string, Set<(value: unknown) => void>>();

  constructor(accounts: Signer[]) {
    this.accounts = accounts.slice(0, 1);
    this.#known = accounts;
  }

  async request({ method, params }: { method: string; params?: readonly unknown[] }): Promise<unknown> {
    this.asked.push(method);
    if (method === "eth_chainId") return this.chain;
    if (method === "wallet_switchEthereumChain") {
      this.onSwitch((params as [{ chainId: string }])[0].chainId);
      return null;
    }
    if (method !== "personal_sign") return this.accounts.map(({ address }) => address.toLowerCase());
    const [bytes, address] = params as [Hex, string];
    this.texts.push(Buffer.from(bytes.slice(2), "hex").toString("utf-8"));
    const signer = this.#known.find((known) => known.address.toLowerCase() === address.toLowerCase());
    if (signer === undefined) throw Object.assign(new Error("unknown account"), { code: 4100 });
    return this.onSign(() => signer.signMessage({ message: { raw: bytes } }));
  }

  on(event: string, listener: (value: unknown) => void): void {
    const heard = this.#events.get(event) ?? new Set();
    this.#events.set(event, heard.add(listener));
  }

  removeListener(event: string, listener: (value: unknown) => void): void {
    this.#events.get(event)?.delete(listener);
  }

  emit(event: string, value: unknown): void {
    for (const listener of this.#events.get(event) ?? []) listener(value);
  }

  listeners(): number {
    return [...this.#events.values()].reduce((sum, heard) => sum + heard.size, 0);
  }

  /** The user switches to another account, or locks the wallet with none. */
  switchTo(...accounts: Signer[]): void {
    this.accounts = accounts;
    this.emit(
      "accountsChanged",
      accounts.map(({ address }) => address.toLowerCase()),
    );
  }
}

export const rejection = (): never => {
  throw Object.assign(new Error("User rejected the request."), { code: 4001 });
};

export function memoryStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    getItem: (name) => kept.get(name) ?? null,
    key: (index) => [...kept.keys()][index] ?? null,
    removeItem: (name) => void kept.delete(name),
    setItem: (name, value) => void kept.set(name, value),
  };
}

/** A browser's key store; `broken` makes it refuse, as private windows do. */
export class MemoryKeyStore implements KeyStore {
  readonly rows = new Map<string, StoredKey>();
  broken = false;

  async #row<T>(work: () => T): Promise<T> {
    if (this.broken) throw new KeyStoreUnavailable("IndexedDB does not work here");
    return work();
  }

  get(address: string): Promise<StoredKey | null> {
    return this.#row(() => this.rows.get(address.toLowerCase()) ?? null);
  }

  put(key: StoredKey): Promise<void> {
    return this.#row(() => void this.rows.set(key.address.toLowerCase(), key));
  }

  clear(): Promise<void> {
    return this.#row(() => this.rows.clear());
  }

  remove(address: string): Promise<void> {
    return this.#row(() => void this.rows.delete(address.toLowerCase()));
  }
}

/** Connects the tabs of a browser, as BroadcastChannel does: everyone hears, but the one who speaks. */
export function channelHub(): () => Channel {
  const tabs = new Set<Set<(news: TabNews) => void>>();
  return () => {
    const mine = new Set<(news: TabNews) => void>();
    tabs.add(mine);
    return {
      post(news) {
        for (const tab of tabs) if (tab !== mine) for (const listener of tab) queueMicrotask(() => listener(news));
      },
      subscribe(listener) {
        mine.add(listener);
        return () => void mine.delete(listener);
      },
    };
  };
}

/** A promise and the way to fulfil it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}
