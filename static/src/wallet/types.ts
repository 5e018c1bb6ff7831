// What the page knows of a wallet.

/** EIP-1193, as far as this page goes. */
export interface Provider {
  request(args: { method: string; params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): unknown;
  removeListener?(event: string, listener: (value: unknown) => void): unknown;
}

/** A wallet found through EIP-6963. `icon` is a `data:image/…` URI, for `<img>` only, or empty. */
export interface AnnouncedWallet {
  uuid: string;
  name: string;
  icon: string;
  rdns: string;
  provider: Provider;
}

export interface WalletDiscovery {
  current(): readonly AnnouncedWallet[];
  /** Calls `listener` for every change; returns the way to stop. */
  subscribe(listener: (wallets: readonly AnnouncedWallet[]) => void): () => void;
  stop(): void;
}
