// Wallets that announce themselves (EIP-6963), read with distrust: anything in the page can announce.
// https://eips.ethereum.org/EIPS/eip-6963

import type { AnnouncedWallet, Provider, WalletDiscovery } from "./types.ts";

/** The window, as far as discovery needs it. */
export type DiscoveryTarget = EventTarget & { readonly ethereum?: unknown };

export const SANDBOX_RDNS = "app.countersign.sandbox";
const ANNOUNCE = "eip6963:announceProvider";
const REQUEST = "eip6963:requestProvider";
const IMAGE = /^data:image\/[a-z0-9.+-]+[;,]/i;
const LONGEST_TEXT = 128;
const LONGEST_ICON = 262_144;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isProvider(value: unknown): value is Provider {
  return isObject(value) && typeof value["request"] === "function";
}

function line(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const text = value.trim();
  return text === "" || text.length > LONGEST_TEXT ? null : text;
}

/** The announced wallet, or null where the announcement is not one. Reads every property once: it may be a getter. */
function readAnnouncement(event: Event): AnnouncedWallet | null {
  try {
    const detail: unknown = (event as CustomEvent<unknown>).detail;
    if (!isObject(detail)) return null;
    const { info, provider } = detail;
    if (!isObject(info) || !isProvider(provider)) return null;
    const { uuid, name, icon, rdns } = info;
    const read = { uuid: line(uuid), name: line(name), rdns: line(rdns) };
    if (read.uuid === null || read.name === null || read.rdns === null) return null;
    const picture = typeof icon === "string" && icon.length <= LONGEST_ICON && IMAGE.test(icon) ? icon : "";
    return Object.freeze({ uuid: read.uuid, name: read.name, rdns: read.rdns, icon: picture, provider });
  } catch {
    return null; // a getter that throws announces nothing
  }
}

/** Listens for wallets and asks them to announce themselves. `window.ethereum` is listed only where no wallet did. */
export function discoverWallets(target: DiscoveryTarget): WalletDiscovery {
  const announced = new Map<string, AnnouncedWallet>();
  const listeners = new Set<(wallets: readonly AnnouncedWallet[]) => void>();
  let lastResort: AnnouncedWallet | null = null;

  const injected = (): readonly AnnouncedWallet[] => {
    const { ethereum } = target;
    if (!isProvider(ethereum)) return [];
    if (lastResort?.provider !== ethereum) {
      lastResort = Object.freeze({ uuid: "window.ethereum", name: "Browser wallet", rdns: "", icon: "", provider: ethereum });
    }
    return [lastResort];
  };
  const current = (): readonly AnnouncedWallet[] => {
    const all = [...announced.values()];
    return all.some(({ rdns }) => rdns !== SANDBOX_RDNS) ? all : [...injected(), ...all];
  };
  const hear = (event: Event): void => {
    const wallet = readAnnouncement(event);
    // The first to use a uuid keeps it: a second one may be posing as the first.
    if (wallet === null || announced.has(wallet.uuid)) return;
    announced.set(wallet.uuid, wallet);
    for (const listener of listeners) listener(current());
  };

  target.addEventListener(ANNOUNCE, hear);
  target.dispatchEvent(new Event(REQUEST));
  return {
    current,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      target.removeEventListener(ANNOUNCE, hear);
      listeners.clear();
    },
  };
}
