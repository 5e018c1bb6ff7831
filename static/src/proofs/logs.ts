// What may follow what in a log, and how long a key may have signed: as webapp/protocol/proofs/logs.py checks it.

import type { HandleSaid } from "./signed.ts";
import type { Verified } from "./steps.ts";

/** How much later than its revocation a key may have dated what it signed, in milliseconds: the gateway's default window. */
const WINDOW_MS = 360_000n;
const ZEROS = "0".repeat(64);

/** A check of the chain that failed: a member, and what it should be. */
export interface Broken {
  field: string;
  expected: string;
}

interface Head {
  sequence: bigint;
  entryDigest: string;
}

/** Which log an entry is of. */
export function logOf({ said }: Verified): string {
  return said.kind === "operation" ? `${said.address} ${said.handle}` : said.address;
}

/** Whose handle or key was acted on. */
export function subjectOf({ said }: Verified): string {
  return `${said.address} ${said.kind === "operation" ? said.handle : said.signingKey}`;
}

/** How far one log has been checked. */
class Log {
  head: Head;
  newest: bigint | null = null;
  /** Null: not known yet. A profile can be older than its handle's log; a follow cannot. */
  following: boolean | null;
  owning: boolean | null = null;
  /** Whether a block of each follower stands, and of those who were not named yet. */
  blocked = new Map<string, boolean>();
  unnamed: boolean | null;
  /** What keys are called; null where the log was taken up later. */
  names: Map<string, string> | null;
  readonly revoked = new Set<string>();

  constructor(start: Head) {
    this.head = start;
    this.following = this.unnamed = start.sequence === 0n ? false : null;
    this.names = start.sequence === 0n ? new Map() : null;
  }

  /** Leaves a gap: what was done in between is not known. */
  skipTo(head: Head): void {
    this.head = head;
    this.following = this.owning = this.unnamed = this.names = null;
    this.blocked.clear();
  }
}

/** Any number of logs, each entry checked by itself before, each log's oldest first. */
export class Logs {
  readonly #fromFirst: boolean;
  readonly #gaps: boolean;
  readonly #logs = new Map<string, Log>();

  /** Whether a log has to begin with its first entry, and whether entries may be left out. */
  constructor({ begins, gaps }: { begins: "first" | "anywhere"; gaps: boolean }) {
    this.#fromFirst = begins === "first";
    this.#gaps = gaps;
  }

  /** Checks that an entry comes next in its log; null: it does. `previousDigest` is as the entry's proof names it. */
  take(verified: Verified, previousDigest: string): Broken | null {
    const before: Head = { sequence: verified.sequence - 1n, entryDigest: previousDigest };
    const name = logOf(verified);
    const log = this.#logs.get(name) ?? new Log(this.#fromFirst ? { sequence: 0n, entryDigest: ZEROS } : before);
    this.#logs.set(name, log);
    if (this.#gaps && before.sequence > log.head.sequence) log.skipTo(before);
    const { said } = verified;
    if (before.sequence !== log.head.sequence) return { field: "sequence", expected: String(log.head.sequence + 1n) };
    if (previousDigest !== log.head.entryDigest) return { field: "previousDigest", expected: log.head.entryDigest };
    // Nothing holds a revocation up, not even an operation that was dated later.
    if (log.newest !== null && said.op !== "revoke" && said.ts <= log.newest) return { field: "content.ts", expected: `a time after ${log.newest}` };
    log.newest = log.newest === null || said.ts > log.newest ? said.ts : log.newest;
    log.head = verified;
    return said.kind === "operation" ? turn(log, said) : keys(log, verified);
  }
}

/**
 * What is so already is never appended: claim and release take turns, block and unblock too.
 *
 * A follow may come after a follow, which the handle's owner may have ended; that is in the owner's log.
 */
function turn(log: Log, { op, follower }: HandleSaid): Broken | null {
  if (op === "follow" || op === "unfollow") {
    if (log.following === false && op === "unfollow") return { field: "content.op", expected: '"follow"' };
    log.following = op === "follow";
    return null;
  }
  if (log.owning === (op === "claim")) return { field: "content.op", expected: log.owning ? 'another than "claim"' : '"claim"' };
  log.owning = op !== "release";
  if (follower !== null) {
    const blocked = log.blocked.get(follower) ?? log.unnamed;
    if (blocked === (op !== "unblock")) return { field: "content.op", expected: blocked ? '"unblock"' : '"remove" or "block"' };
    log.blocked.set(follower, op === "block");
  }
  return null;
}

/** A revoked key signs nothing and stays as it is, and a new name is another. */
function keys(log: Log, { said, signingKey: signer }: Verified): Broken | null {
  if (said.kind !== "key") return null;
  const key = said.signingKey;
  if (log.revoked.has(key)) return { field: "content.signingKey", expected: "a key that is not revoked" };
  if (signer !== null && log.revoked.has(signer)) return { field: "authorizedBy", expected: "a key that is not revoked" };
  if (said.name !== null && log.names !== null) {
    if ((log.names.get(key) ?? "") === said.name) return { field: "content.name", expected: "another name than the key has" };
    log.names.set(key, said.name);
  }
  if (said.op === "revoke") log.revoked.add(key);
  return null;
}

/** The newest use of each key, and its revocation. */
export class KeyUses {
  /** By address and key: time and place in the file. */
  readonly #newest = new Map<string, { ts: bigint; index: number }>();
  readonly #revoked = new Map<string, bigint>();

  /** Takes a proof of this place in the file, in any order; finds what a revoked key signed much later, and where. */
  take(verified: Verified, index: number): (Broken & { index: number }) | null {
    const { said, signingKey } = verified;
    let late: (Broken & { index: number }) | null = null;
    if (signingKey !== null) {
      const signer = `${said.address} ${signingKey}`;
      const known = this.#newest.get(signer);
      if (known === undefined || said.ts > known.ts || (said.ts === known.ts && index > known.index)) this.#newest.set(signer, { ts: said.ts, index });
      late = this.#late(signer);
    }
    if (said.op === "revoke") {
      const subject = subjectOf(verified);
      if (!this.#revoked.has(subject)) this.#revoked.set(subject, said.ts);
      late ??= this.#late(subject);
    }
    return late;
  }

  #late(key: string): (Broken & { index: number }) | null {
    const revoked = this.#revoked.get(key);
    const newest = this.#newest.get(key);
    if (revoked === undefined || newest === undefined || newest.ts <= revoked + WINDOW_MS) return null;
    const expected = `at most ${revoked + WINDOW_MS}, as the key that signed was revoked at ${revoked}`;
    return { field: "content.ts", expected, index: newest.index };
  }
}
