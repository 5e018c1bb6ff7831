// A test wallet inside the page. To the page it is a wallet like any other: announced by EIP-6963, asked by EIP-1193.
// Its keys lie readable in this browser's storage, which is why it is for testing and holds no funds.

import type { Memory } from "../browser/memory.ts";
import { piece } from "../browser/piece.ts";
import type { Address, Hex } from "../protocol/address.ts";
import { sameAddress } from "../protocol/address.ts";
import { hexOf } from "../protocol/message.ts";
import type { Identity } from "./sandbox-keys.ts";
import type { AnnouncedWallet, Provider } from "./types.ts";

/** What the sandbox wallet asks before it signs: shown in a dialog with Approve and Reject. */
export interface SandboxAsk {
  origin: string;
  address: Address;
  /** The exact text, or its hexadecimal bytes where they are not UTF-8. */
  text: string;
  kind: "sign-in" | "authorisation" | "key" | "other";
}

export interface SandboxWallet {
  rdns: string;
  /** The one that is no other's, whatever others announce. */
  wallet: AnnouncedWallet;
  /** Every identity ever made in this browser, oldest first. */
  identities(): readonly Address[];
  /** The identity in use; null before the first. */
  active(): Address | null;
  /** Makes a new identity and switches to it. */
  newIdentity(): Promise<Address>;
  /** Switches; emits `accountsChanged` where the page is connected. */
  use(address: Address): Promise<void>;
  /** Forgets every identity. */
  forget(): void;
  subscribe(listener: () => void): () => void;
}

interface SandboxDeps {
  target: EventTarget & { readonly location: { readonly origin: string } };
  memory: Memory;
  /** The chain that it says it is on (EIP-155). */
  chainId: number;
  /** Shows the text; true for "Approve". */
  approve(ask: SandboxAsk): Promise<boolean>;
}

interface Choice {
  active: Address | null;
  /** The page was connected, and may see the active address unasked. */
  connected: boolean;
}

interface KeptIdentity extends Identity {
  madeAt: number;
}

interface Book extends Choice {
  /** Oldest first. */
  identities: readonly KeptIdentity[];
}

const KEPT_AS = "countersign.sandbox";
/** Each identity is kept by itself, so that tabs which make one at the same time overwrite nothing. */
const IDENTITY = `${KEPT_AS}.identity.`;
const PRIVATE_KEY = /^0x[0-9a-f]{64}$/;
const ADDRESS = /^0x[0-9a-f]{40}$/i;
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#e8eeff"/>' +
    '<g fill="none" stroke="#5a3cc4" stroke-width="1.6"><ellipse cx="16" cy="16" rx="11" ry="4.6"/>' +
    '<ellipse cx="16" cy="16" rx="11" ry="4.6" transform="rotate(60 16 16)"/>' +
    '<ellipse cx="16" cy="16" rx="11" ry="4.6" transform="rotate(120 16 16)"/></g><circle cx="16" cy="16" r="2.2" fill="#0a6b4d"/></svg>',
)}`;

/** An error as EIP-1193 shapes it. */
class ProviderError extends Error {
  override name = "ProviderError";
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A random UUID (RFC 9562, version 4). `crypto.randomUUID` is not there over plain http. */
export function randomUuid(): string {
  const hex = hexOf(crypto.getRandomValues(new Uint8Array(16)));
  const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function isIdentity(value: unknown): value is Identity {
  const { address, privateKey } = (value ?? {}) as Partial<Identity>;
  return typeof address === "string" && ADDRESS.test(address) && typeof privateKey === "string" && PRIVATE_KEY.test(privateKey);
}

/** What was kept under a name; an object without members where it is missing or damaged. */
function kept(memory: Memory, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(memory.get(name) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function keepIdentity(memory: Memory, { address, privateKey }: Identity, madeAt: number): void {
  memory.set(IDENTITY + address.toLowerCase(), JSON.stringify({ address, privateKey, madeAt }));
}

function readBook(memory: Memory): Book {
  const identities = memory.names(IDENTITY).flatMap((name) => {
    const { madeAt, ...identity } = kept(memory, name);
    return isIdentity(identity) ? [{ ...identity, madeAt: typeof madeAt === "number" ? madeAt : 0 }] : [];
  });
  identities.sort((a, b) => a.madeAt - b.madeAt || (a.address < b.address ? -1 : 1));
  const { active, connected } = kept(memory, KEPT_AS);
  const known = identities.find(({ address }) => address === active) ?? identities[0];
  return { identities, active: known?.address ?? null, connected: connected === true };
}

/** Identities used to be kept in one list. */
function takeOverList(memory: Memory): void {
  const { identities, active, connected } = kept(memory, KEPT_AS);
  if (!Array.isArray(identities)) return;
  identities.filter(isIdentity).forEach((identity, at) => keepIdentity(memory, identity, at));
  memory.set(KEPT_AS, JSON.stringify({ active, connected }));
}

/** The bytes as text where they are UTF-8, else as they are. */
function readable(bytes: Hex): string {
  const raw = Uint8Array.from(bytes.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return bytes;
  }
}

function kindOf(text: string): SandboxAsk["kind"] {
  if (/^[^\n]+ wants you to sign in with your Ethereum account:\n/.test(text)) return "sign-in";
  if (/^\{"op":"(?:rename|renew|revoke)","address":"0x[\dA-Fa-f]{40}","signingKey":"[\w+/=]+",/.test(text)) return "key";
  return /^I authorize [^\n]+ from this device using signing key:\n[^\n]+$/.test(text) ? "authorisation" : "other";
}

const keysPiece = () => piece(() => import("./sandbox-keys.ts"));

/**
 * Makes the sandbox wallet and announces it, now and whenever somebody asks who is there.
 *
 * Anybody can announce something of the same name: the page knows this one by the `wallet` that is returned.
 */
export function announceSandboxWallet({ target, memory, chainId, approve }: SandboxDeps): SandboxWallet {
  const events = new Map<string, Set<(value: unknown) => void>>();
  const watchers = new Set<() => void>();
  takeOverList(memory);
  let book = readBook(memory);
  let making: Promise<Address> | null = null;

  const accounts = (): Address[] => (book.connected && book.active !== null ? [book.active] : []);
  const emit = (): void => {
    for (const listener of events.get("accountsChanged") ?? []) listener(accounts());
  };
  /** Reads again what this tab or another wrote, and tells the page where it sees another account now. */
  const look = (): void => {
    const before = accounts()[0];
    book = readBook(memory);
    if (accounts()[0] !== before) emit();
    for (const watcher of watchers) watcher();
  };
  const choose = (choice: Partial<Choice>): void => {
    const { active, connected } = readBook(memory);
    memory.set(KEPT_AS, JSON.stringify({ active, connected, ...choice }));
    look();
  };
  const make = (): Promise<Address> => {
    making ??= keysPiece()
      .then(({ generateIdentity }) => {
        const identity = generateIdentity();
        // After every other, also in the same millisecond and after the clock was set back.
        keepIdentity(memory, identity, Math.max(Date.now(), ...readBook(memory).identities.map(({ madeAt }) => madeAt + 1)));
        choose({ active: identity.address });
        return identity.address;
      })
      .finally(() => (making = null));
    return making;
  };
  const sign = async (params: readonly unknown[]): Promise<Hex> => {
    const [bytes, signer] = params;
    if (typeof bytes !== "string" || !/^0x(?:[0-9a-f]{2})*$/i.test(bytes)) throw new ProviderError(-32602, "personal_sign: expected 0x and hex digits");
    const identity = book.identities.find((known) => typeof signer === "string" && sameAddress(known.address, signer));
    if (identity === undefined || accounts()[0] !== identity.address) throw new ProviderError(4100, "This account is not connected to the page");
    const text = readable(bytes as Hex);
    const approved = await approve({ origin: target.location.origin, address: identity.address, text, kind: kindOf(text) });
    if (!approved) throw new ProviderError(4001, "Rejected");
    return (await keysPiece()).signBytes(identity.privateKey, bytes as Hex);
  };

  const provider: Provider = {
    async request({ method, params = [] }) {
      switch (method) {
        case "eth_requestAccounts":
          // Choosing this wallet in the list was the consent; every signature is asked for.
          if (book.active === null) await make();
          if (!book.connected) choose({ connected: true });
          return accounts();
        case "eth_accounts":
          return accounts();
        case "eth_chainId":
          return `0x${chainId.toString(16)}`;
        case "personal_sign":
          return sign(params);
        case "wallet_revokePermissions":
          choose({ connected: false });
          return null;
        default:
          throw new ProviderError(4200, `The sandbox wallet does not know ${method}`);
      }
    },
    on(event, listener) {
      const heard = events.get(event) ?? new Set();
      events.set(event, heard.add(listener));
    },
    removeListener(event, listener) {
      events.get(event)?.delete(listener);
    },
  };
  const info = Object.freeze({ uuid: randomUuid(), name: "Sandbox wallet", icon: ICON, rdns: "app.countersign.sandbox" });
  const announce = (): void => {
    target.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
  };
  target.addEventListener("eip6963:requestProvider", announce);
  // Another tab switched or made an identity: a wallet shows the same account to all tabs of a site.
  target.addEventListener("storage", (event) => {
    const { key } = event as StorageEvent;
    if (key === null || key.startsWith(KEPT_AS)) look();
  });
  announce();

  return {
    rdns: info.rdns,
    wallet: Object.freeze({ ...info, provider }),
    identities: () => book.identities.map(({ address }) => address),
    active: () => book.active,
    newIdentity: make,
    async use(address) {
      const known = book.identities.find((identity) => sameAddress(identity.address, address));
      if (known === undefined) throw new RangeError("address: expected one of this wallet's identities");
      choose({ active: known.address });
    },
    forget() {
      for (const name of [KEPT_AS, ...memory.names(IDENTITY)]) memory.set(name, null);
      look();
    },
    subscribe(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}
