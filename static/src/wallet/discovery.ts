// Wallets that announce themselves (EIP-6963), read with distrust: anything in the page can announce, as often as it likes
// and under any name. https://eips.ethereum.org/EIPS/eip-6963

import { lineOf, looksLike } from "../text/plain-text.ts";
import type { AnnouncedWallet, Provider, WalletDiscovery } from "./types.ts";

/** The window, as far as discovery needs it. */
export type DiscoveryTarget = EventTarget & { readonly ethereum?: unknown };

const ANNOUNCE = "eip6963:announceProvider";
const REQUEST = "eip6963:requestProvider";
/** What older wallets say that put themselves at `window.ethereum` after the page began. */
const INJECTED = "ethereum#initialized";
const IMAGE = /^data:image\/[a-z0-9.+-]+[;,]/i;
const LONGEST_NAME = 40;
const LONGEST_RDNS = 64;
const LONGEST_UUID = 128;
const LONGEST_ICON = 262_144;
const MOST_LISTED = 40;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isProvider(value: unknown): value is Provider {
  return isObject(value) && typeof value["request"] === "function";
}

function line(value: unknown, longest: number): string {
  return typeof value === "string" ? lineOf(value, longest) : "";
}

/** The announced wallet, or null where the announcement is not one. Reads every property once: it may be a getter. */
function readAnnouncement(event: Event): AnnouncedWallet | null {
  try {
    const detail: unknown = (event as CustomEvent<unknown>).detail;
    if (!isObject(detail)) return null;
    const { info, provider } = detail;
    if (!isObject(info) || !isProvider(provider)) return null;
    const { uuid, name, icon, rdns } = info;
    const read = { uuid: line(uuid, LONGEST_UUID), name: line(name, LONGEST_NAME), rdns: line(rdns, LONGEST_RDNS) };
    if (read.uuid === "" || read.name === "" || read.rdns === "") return null;
    const picture = typeof icon === "string" && icon.length <= LONGEST_ICON && IMAGE.test(icon) ? icon : "";
    return Object.freeze({ ...read, icon: picture, provider });
  } catch {
    return null; // a getter that throws announces nothing
  }
}

/**
 * A test for what the eye may take for `name`, inside a longer text too. A letter of another script may stand for any
 * letter, as Cyrillic ones do, while at least a third is the letter itself.
 */
function posingAs(name: string): (text: string) => boolean {
  const wanted = [...looksLike(name)];
  return (text) => {
    const given = [...looksLike(text)];
    for (let from = 0; from + wanted.length <= given.length; from++) {
      const pairs = wanted.map((letter, at) => [letter, given[from + at] ?? ""] as const);
      const same = pairs.filter(([letter, found]) => letter === found).length;
      if (pairs.every(([letter, found]) => letter === found || found > "\u007f") && same * 3 >= wanted.length) return true;
    }
    return false;
  };
}

/**
 * Listens for wallets and asks them to announce themselves.
 *
 * `own` is the page's own wallet: always listed, last, and known by its provider alone. Whoever else uses its name or
 * rdns is not listed. `window.ethereum` is listed only where no wallet announced itself.
 */
export function discoverWallets(target: DiscoveryTarget, own: AnnouncedWallet): WalletDiscovery {
  const announced = new Map<Provider, AnnouncedWallet>();
  const listeners = new Set<(wallets: readonly AnnouncedWallet[]) => void>();
  const posesByName = posingAs(own.name);
  const posesByRdns = posingAs(own.rdns);
  let lastResort: AnnouncedWallet | null = null;

  const injected = (): readonly AnnouncedWallet[] => {
    let ethereum: unknown;
    try {
      ({ ethereum } = target);
    } catch {
      return [];
    }
    if (!isProvider(ethereum) || ethereum === own.provider) return [];
    if (lastResort?.provider !== ethereum) {
      lastResort = Object.freeze({ uuid: "window.ethereum", name: "Browser wallet", rdns: "", icon: "", provider: ethereum });
    }
    return [lastResort];
  };
  const current = (): readonly AnnouncedWallet[] => [...(announced.size > 0 ? announced.values() : injected()), own];
  const tell = (): void => {
    for (const listener of listeners) listener(current());
  };
  const isNews = ({ uuid, name, rdns, provider }: AnnouncedWallet): boolean => {
    // The same provider is the same wallet, whatever it calls itself now; and the first to use a uuid keeps it.
    if (provider === own.provider || announced.has(provider) || announced.size >= MOST_LISTED) return false;
    if ([...announced.values()].some((other) => other.uuid === uuid)) return false;
    return !posesByName(name) && !posesByRdns(rdns);
  };
  const hear = (event: Event): void => {
    const wallet = readAnnouncement(event);
    if (wallet === null || !isNews(wallet)) return;
    announced.set(wallet.provider, wallet);
    tell();
  };

  target.addEventListener(ANNOUNCE, hear);
  target.addEventListener(INJECTED, tell);
  target.dispatchEvent(new Event(REQUEST));
  return {
    current,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop() {
      target.removeEventListener(ANNOUNCE, hear);
      target.removeEventListener(INJECTED, tell);
      listeners.clear();
    },
  };
}
