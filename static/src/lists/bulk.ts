// Many follows or unfollows of one account in a row: several at once, paced by the gateway, continued after a reload.
// A message is kept before it leaves, and leaves again in the same bytes until it is answered: nothing is done twice.

import type { Api, OperationReply, SignedOperation } from "../api/api.ts";
import { ProblemError } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import { isBelievable } from "../api/server-clock.ts";
import type { KeyStore } from "../browser/key-store.ts";
import { KeyStoreUnavailable } from "../browser/key-store.ts";
import type { Locks } from "../browser/locks.ts";
import type { Memory } from "../browser/memory.ts";
import type { Address, Hex } from "../protocol/address.ts";
import { composeMessage } from "../protocol/message.ts";
import { CryptoUnavailable, signText } from "../protocol/signing-key.ts";
import { isAboutSession, mayHaveArrived } from "../state/problems.ts";
import { createPace, pauseAsked, waitMs } from "./bulk-pace.ts";
import type { BulkItem, BulkRun, ItemProgress } from "./bulk-progress.ts";
import { createBulkProgress, timeOf, UNTOUCHED } from "./bulk-progress.ts";
import type { BulkPhase, BulkState, PauseReason } from "./bulk-state.ts";
import { canRetry, summaryOf } from "./bulk-state.ts";

/** What signs: the device's key. */
export interface Signer {
  /** Base64 of the SPKI DER. */
  signingKey: string;
  sign(text: string): Promise<Hex>;
}

interface BulkDeps {
  api: Pick<Api, "operate">;
  /** The account's confirmed key on this device; null where there is none. */
  signer(): Promise<Signer | null>;
  memory: Memory;
  locks: Locks;
  clock: Clock;
  serverClock: ServerClock;
  pause(ms: number): Promise<void>;
}

export interface Bulk {
  state(): BulkState;
  subscribe(listener: (state: BulkState) => void): () => void;
  /** Takes up what an earlier load of the page began: goes on with it, or shows how it ended. */
  restore(): void;
  /**
   * Begins a run; RangeError where a handle comes twice. False where another run of the account is unfinished, which goes
   * on instead, or where the visitor stopped waiting for another tab. Resolves as soon as that is known.
   */
  start(items: readonly BulkItem[]): Promise<boolean>;
  /** Goes on at once: without the rest of a wait, with a renewed key, in a new session, or after a stop. */
  resume(): void;
  /** Sends nothing more. What is under way ends as the gateway decides. */
  stop(): void;
  /** Does again what failed and can succeed. */
  retry(): void;
  /** What takes back the changes that this run made, the last one first. */
  undo(): BulkItem[];
  /** What the run is of; empty where there is none. */
  items(): readonly BulkItem[];
  /** How the handle's item ended; null where it has not, or is none of the run. */
  statusOf(handle: string): string | null;
  /** Sends nothing more here: the account is not signed in any more. Whoever returns goes on where it stands. */
  suspend(): void;
  /** Forgets the run, unless this page is at it: the visitor has seen how it ended. */
  forget(): void;
}

/** How many are under way at a time. */
export const AT_ONCE = 4;
/** After so many answers that say nothing, an item is given up. */
const MOST_TRIES = 3;
/** How old a message may be for the gateway. */
const WINDOW_MS = 300_000;

/** The account's confirmed key, as `createBulk` takes it. */
export async function deviceSigner(keyStore: KeyStore, address: Address): Promise<Signer | null> {
  const key = await keyStore.get(address);
  if (key?.state !== "confirmed") return null;
  return { signingKey: key.signingKey, sign: (text) => signText(key.keyPair.privateKey, text) };
}

interface Trouble {
  /** What the run has to wait for; null where the answer says nothing about that. */
  reason: PauseReason | null;
  /** For how long, where somebody says so. */
  askedMs: number | null;
  slug: string;
}

const AWAY: readonly string[] = ["no-connection", "no-answer", "upstream-unreachable", "upstream-timeout", "outcome-unknown", "unavailable"];

/** What it means that no status came. */
function troubleOf(error: unknown): Trouble {
  if (error instanceof KeyStoreUnavailable || error instanceof CryptoUnavailable) return { reason: "key", askedMs: null, slug: "" };
  if (!(error instanceof ProblemError)) {
    console.error(error);
    return { reason: null, askedMs: null, slug: "fault" };
  }
  const { slug } = error;
  const askedMs = pauseAsked(error);
  if (slug === "wrong-account") return { reason: "account", askedMs, slug };
  if (isAboutSession(error) || slug === "cookies-blocked") return { reason: "session", askedMs, slug };
  return { reason: slug === "too-many-requests" ? "rate-limited" : AWAY.includes(slug) ? "offline" : null, askedMs, slug };
}

export function createBulk(address: Address, { api, signer: currentSigner, memory, locks, clock, serverClock, pause }: BulkDeps): Bulk {
  const kept = createBulkProgress(memory, address, () => clock.now());
  const pace = createPace({ clock, pause, changed: publish });
  const listeners = new Set<(state: BulkState) => void>();
  let run: BulkRun | null = null;
  /** What this page does, or would do if no other tab did; null where nothing. */
  let turn: object | null = null;
  let isWaiting = false;
  let stopping = false;
  let queue: BulkItem[] = [];
  let state: BulkState = { phase: { is: "idle" }, ...summaryOf(null), msLeft: null };

  const progressOf = ({ handle }: BulkItem): ItemProgress => run?.progress.get(handle) ?? UNTOUCHED;
  const openItems = (): BulkItem[] => run?.items.filter((item) => progressOf(item).status === null) ?? [];
  /** Whether a message may leave now. */
  const mayGo = (): boolean => pace.held() === null && !stopping;
  const isBusy = (): boolean => turn !== null && !stopping;

  function phase(open: number, left: number): BulkPhase {
    const held = pace.held();
    if (isWaiting) return { is: "paused", reason: "other-tab", until: null };
    if (run === null) return { is: "idle" };
    if (run.stopped) return { is: "stopped" };
    if (open === 0 && turn === null) return { is: left > 0 ? "stopped" : "finished" };
    if (held !== null) return { is: "paused", ...held };
    return turn === null ? { is: "paused", reason: "other-tab", until: null } : { is: "running" };
  }

  function publish(): void {
    const summary = summaryOf(run);
    const open = openItems().length;
    const isAtIt = isBusy() && !isWaiting && open > 0;
    state = { phase: phase(open, summary.byStatus["not-sent"] ?? 0), ...summary, msLeft: isAtIt ? pace.msLeft(open) : null };
    for (const listener of [...listeners]) listener(state);
  }

  function keep({ handle }: BulkItem, progress: ItemProgress): void {
    run?.progress.set(handle, progress);
    kept.keepItem(handle, progress);
  }

  async function sign(signer: Signer, { op, handle }: BulkItem, ts: number): Promise<SignedOperation> {
    const message = composeMessage(op, address, handle, ts);
    return { address, handle, message, signature: await signer.sign(message), signingKey: signer.signingKey };
  }

  /** Does one item, or leaves it open where it cannot be done now. `gatewayTime`: what to sign, after it refused another time. */
  async function attempt(item: BulkItem, gatewayTime: number | null = null): Promise<void> {
    const before = progressOf(item);
    const signer = await currentSigner();
    if (signer === null) return pace.hold("key", null);
    const earlier = before.signed?.signingKey === signer.signingKey ? before.signed : null;
    const signed = earlier ?? (await sign(signer, item, gatewayTime ?? Math.floor(serverClock.now())));
    if (!mayGo()) return;
    // Whatever happens to the page from now on, these bytes can be sent again.
    keep(item, { ...before, signed, unanswered: true });
    const reply = await api.operate(item.op, signed);
    if (reply.status !== "MESSAGE_EXPIRED" || gatewayTime !== null) return answered(item, before, signed, reply);

    // Not too old, and refused: since then the account signed something newer, which is not ours to take back.
    const age = reply.tsInServer - timeOf(signed);
    if (earlier !== null && before.unanswered && age > 0 && age <= WINDOW_MS) return settle(item, before, "newer-operation");
    if (!isBelievable(reply.tsInServer, serverClock.now())) return settle(item, before, "disbelieved-time");
    keep(item, { ...before, signed: null });
    return attempt(item, reply.tsInServer);
  }

  async function answered(item: BulkItem, before: ItemProgress, signed: SignedOperation, { status, retryAfter }: OperationReply): Promise<void> {
    if (status === "RATE_LIMITED") {
      keep(item, { ...before, signed });
      wait("rate-limited", waitMs(retryAfter));
    } else if (status === "EXPIRED_SIGNING_KEY" || status === "INVALID_SIGNING_KEY") {
      pace.heard(false);
      keep(item, { ...before, signed: null });
      // Where it was renewed meanwhile, as in another tab, the next message is signed with the new one.
      if ((await currentSigner())?.signingKey === signed.signingKey) pace.hold("key", null);
    } else {
      settle(item, before, status);
    }
  }

  function settle(item: BulkItem, before: ItemProgress, status: string): void {
    // What is so already may be so by the message whose answer was lost.
    const changed = status === "SUCCESS" || (status === "ALREADY_DONE" && before.unanswered);
    keep(item, { ...before, signed: null, status, changed });
    pace.heard(true);
    publish();
  }

  function wait(reason: PauseReason, askedMs: number | null): void {
    if (stopping) return;
    if (askedMs === null) pace.backOff(reason);
    else pace.hold(reason, askedMs);
  }

  function failed(item: BulkItem, before: ItemProgress, error: unknown): void {
    const { reason, askedMs, slug } = troubleOf(error);
    // Where the site says that nothing was done, that is known; else the same bytes leave again.
    if (error instanceof ProblemError && !mayHaveArrived(error)) keep(item, { ...progressOf(item), unanswered: before.unanswered });
    if (reason === "key" || reason === "session" || reason === "account") return pace.hold(reason, null);
    if (reason !== null) return wait(reason, askedMs);
    const tries = before.tries + 1;
    keep(item, { ...progressOf(item), tries, status: tries < MOST_TRIES ? null : slug });
    if (tries < MOST_TRIES) wait("offline", askedMs);
    else publish();
  }

  /** Does one item after the other, until there is none, or a hold that does not end by itself. */
  async function lane(): Promise<void> {
    for (;;) {
      await pace.ready();
      const item = mayGo() ? queue.shift() : undefined;
      if (item === undefined) return;
      const before = progressOf(item);
      try {
        await attempt(item);
      } catch (error) {
        failed(item, before, error);
      }
      if (progressOf(item).status === null) queue.unshift(item);
    }
  }

  async function drain(): Promise<void> {
    pace.begin();
    queue = openItems();
    publish();
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    if (run?.stopped === true) close();
  }

  function stopWaiting(): void {
    turn = null;
    isWaiting = false;
    publish();
  }

  /** Nothing more is begun of the run. */
  function halt(): void {
    if (run === null || openItems().length === 0) return;
    stopping = true;
    run.stopped = true;
    kept.keepStopped(run);
    pace.resume();
  }

  /** Ends a run that was stopped, when nothing is under way any more. Some answers may never have come. */
  function close(): void {
    for (const item of openItems()) {
      const progress = progressOf(item);
      keep(item, { ...progress, status: progress.unanswered ? "no-answer" : "not-sent" });
    }
  }

  /** Runs `work` as soon as no other tab works for this account, and on what is kept by then. */
  function take(work: () => void | Promise<void>): Promise<void> {
    const mine = {};
    turn = mine;
    isWaiting = true;
    publish();
    return locks.hold(`bulk:${address.toLowerCase()}`, async () => {
      if (turn !== mine) return;
      isWaiting = false;
      stopping = false;
      run = kept.read();
      if (run?.stopped === true) close();
      try {
        await work();
      } finally {
        if (turn === mine) turn = null;
        publish();
      }
    });
  }

  /** Takes up again what ended with such a status, and goes on. */
  function reopen(isMeant: (status: string) => boolean): void {
    void take(() => {
      if (run === null) return;
      for (const item of run.items) {
        const { status, ...rest } = progressOf(item);
        if (status !== null && isMeant(status)) keep(item, { ...rest, status: null, tries: 0 });
      }
      run.stopped = false;
      kept.keepStopped(run);
      return drain();
    });
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    restore() {
      if (turn !== null) return;
      run = kept.read();
      if (openItems().length > 0) void take(drain);
      else publish();
    },
    start(items) {
      if (new Set(items.map(({ handle }) => handle)).size < items.length) throw new RangeError("A run has each handle once");
      if (isBusy()) return Promise.resolve(false);
      return new Promise((resolve, reject) => {
        const over = take(() => {
          const isFree = openItems().length === 0;
          if (isFree) {
            kept.begin(items);
            run = kept.read();
          }
          resolve(isFree);
          return drain();
        });
        over.then(() => resolve(false), reject);
      });
    },
    resume() {
      if (isBusy() && pace.held()?.until !== null) pace.resume();
      else if (run !== null) reopen((status) => status === "not-sent");
    },
    suspend() {
      if (isWaiting) stopWaiting();
      else if (isBusy()) pace.hold("session", null);
    },
    stop() {
      if (isWaiting) {
        stopWaiting();
      } else if (turn !== null) {
        halt();
      } else if (openItems().length > 0) {
        void take(() => (halt(), close()));
      }
    },
    retry() {
      if (!isBusy()) reopen(canRetry);
    },
    undo() {
      const changed = run?.items.filter((item) => progressOf(item).changed) ?? [];
      return changed.map(({ op, handle }): BulkItem => ({ op: op === "follow" ? "unfollow" : "follow", handle })).reverse();
    },
    items: () => run?.items ?? [],
    statusOf: (handle) => run?.progress.get(handle)?.status ?? null,
    forget() {
      if (turn !== null) return;
      kept.forget();
      run = null;
      publish();
    },
  };
}
