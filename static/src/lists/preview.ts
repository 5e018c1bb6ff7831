// What importing a list would do, before anything is signed.

import type { Entry, Reading, UnreadReason, UnreadRow } from "./reading.ts";
import { unreadSentence } from "./reading.ts";
import type { FailedAccount } from "./writing.ts";

/** A profile that exists, as the signed-in account sees it. */
export interface KnownProfile {
  handle: string;
  isFollowedByMe: boolean;
  isMine: boolean;
}

/** Where the preview learns of profiles. Each is asked about `ASKED_AT_ONCE` at most, and may throw. */
export interface ProfileSource {
  /** Those of the handles that exist, in any order. */
  profiles(handles: readonly string[]): Promise<readonly KnownProfile[]>;
  /** The primary profiles' handles, by the addresses as they were given; an address without one is left out. */
  primaryHandles(addresses: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** An account that cannot be followed here: not found, or of another site. */
type UnknownRow = Omit<UnreadRow, "reason"> & { reason: "no-such-handle" | "no-primary-profile" | Extract<UnreadReason, "elsewhere"> };

/** Handles in the order of the list, each once. */
interface Preview {
  fresh: readonly string[];
  already: readonly string[];
  /** The signed-in account's own, which it cannot follow. */
  own: readonly string[];
  unknown: readonly UnknownRow[];
  unread: readonly UnreadRow[];
  /** Rows that named a profile which an earlier row names. */
  duplicates: number;
}

/** As many as the gateway takes at once. */
const ASKED_AT_ONCE = 100;

async function inBatches<T>(all: readonly string[], ask: (some: readonly string[]) => Promise<Iterable<T>>, signal: AbortSignal | undefined): Promise<T[]> {
  const answers: T[] = [];
  for (let from = 0; from < all.length; from += ASKED_AT_ONCE) {
    signal?.throwIfAborted();
    answers.push(...(await ask(all.slice(from, from + ASKED_AT_ONCE))));
  }
  signal?.throwIfAborted();
  return answers;
}

/** Sorts what was read by what there is. Throws what the source throws, and the signal's reason where it is aborted. */
export async function previewOf({ entries, unread, duplicates }: Reading, source: ProfileSource, signal?: AbortSignal): Promise<Preview> {
  const addresses = entries.flatMap((entry) => (entry.kind === "address" ? [entry.address] : []));
  const primary = new Map<string, string>(await inBatches(addresses, (some) => source.primaryHandles(some), signal));
  const rows = entries.map((entry) => ({ entry, handle: entry.kind === "handle" ? entry.handle : primary.get(entry.address) }));
  const handles = [...new Set(rows.flatMap(({ handle }) => handle ?? []))];
  const found = await inBatches(handles, (some) => source.profiles(some), signal);
  const known = new Map(found.map((profile) => [profile.handle, profile]));

  const sorted = { fresh: [] as string[], already: [] as string[], own: [] as string[] };
  const unknown: UnknownRow[] = unread.flatMap(({ reason, ...row }) => (reason === "elsewhere" ? [{ ...row, reason }] : []));
  const seen = new Set<string>();
  for (const { entry, handle } of rows) {
    const profile = handle === undefined ? undefined : known.get(handle);
    if (profile === undefined) {
      unknown.push({ at: entry.at, text: entry.text, reason: reasonOf(entry, handle) });
    } else if (seen.has(profile.handle)) {
      duplicates++;
    } else {
      seen.add(profile.handle);
      sorted[profile.isMine ? "own" : profile.isFollowedByMe ? "already" : "fresh"].push(profile.handle);
    }
  }
  unknown.sort((one, other) => one.at - other.at);
  return { ...sorted, unknown, unread: unread.filter(({ reason }) => reason !== "elsewhere"), duplicates };
}

function reasonOf({ kind }: Entry, handle: string | undefined): UnknownRow["reason"] {
  return kind === "address" && handle === undefined ? "no-primary-profile" : "no-such-handle";
}

/** `198 new, 4 already, 2 unknown`, and what else there is. */
export function previewSentence({ fresh, already, unknown, own, unread, duplicates }: Preview): string {
  const counts: [number, string][] = [[own.length, "your own"], [unread.length, "unreadable"], [duplicates, duplicates === 1 ? "duplicate" : "duplicates"]];
  const always: [number, string][] = [[fresh.length, "new"], [already.length, "already"], [unknown.length, "unknown"]];
  return [...always, ...counts.filter(([count]) => count > 0)].map(([count, word]) => `${count.toLocaleString("en")} ${word}`).join(", ");
}

/** What of the list cannot be followed, in its order, for `failuresCsv`. */
export function failuresOf({ unknown, unread }: Preview): FailedAccount[] {
  return [...unknown, ...unread]
    .sort((one, other) => one.at - other.at)
    .map(({ text, reason }) => ({ account: text, reason: reason === "no-such-handle" ? "Nobody has this handle." : reason === "no-primary-profile" ? "The address has no primary profile." : unreadSentence(reason) }));
}
