// What a page shows of a bulk: how far it is, what failed and why.

import { ProblemError } from "../api/api.ts";
import { ownFault, problemFor } from "../state/problems.ts";
import { sentenceFor } from "../state/status-words.ts";
import type { BulkItem, BulkRun } from "./bulk-progress.ts";

/**
 * - `rate-limited`: the account's quota is used up, or the network's.
 * - `key`: this device has no key that signs; renew or authorise it, then `resume`.
 * - `session`: the site takes nobody for signed in; sign in, then `resume`.
 * - `account`: the site takes another account for signed in; sign in with the run's own, then `resume`.
 * - `offline`: site or gateway cannot be reached.
 * - `other-tab`: another tab works for this account; also for a moment whenever a run begins.
 */
export type PauseReason = "rate-limited" | "key" | "session" | "account" | "offline" | "other-tab";

export type BulkPhase =
  /** `idle`: there is no run. */
  | { is: "idle" | "running" | "stopped" | "finished" }
  /** `until`: when it goes on by itself, in milliseconds since the Unix epoch; null where that is not known. */
  | { is: "paused"; reason: PauseReason; until: number | null };

interface BulkFailure extends BulkItem {
  /** A status of the contract, the slug of a problem, or a `LocalStatus`. */
  status: string;
  /** Why, as a sentence. */
  sentence: string;
  /** Whether "Retry failed" takes it. */
  canRetry: boolean;
}

/** A new object for every change; never changed in place. */
export interface BulkState {
  phase: BulkPhase;
  total: number;
  /** Those answered SUCCESS or ALREADY_DONE. */
  done: number;
  /** How many items ended with each status; those that a stop left out with `not-sent`. */
  byStatus: Readonly<Record<string, number>>;
  failed: readonly BulkFailure[];
  /** How long it will still take at the rate measured so far; null where that is not known. */
  msLeft: number | null;
}

/**
 * How an item ends besides the contract's statuses and the problems' slugs.
 * - `not-sent`: the run was stopped before its turn.
 * - `newer-operation`: its answer was lost, and the account has since signed something newer about the handle, which stands.
 * - `disbelieved-time`: the gateway named a time that this page does not sign.
 * - `fault`: this page failed.
 */
type LocalStatus = "not-sent" | "newer-operation" | "disbelieved-time" | "fault";

/** The same question would be answered the same. */
const FINAL: readonly string[] = ["INVALID_ADDRESS", "HANDLE_NOT_FOUND", "INVALID_MESSAGE"];

function isDone(status: string | null): boolean {
  return status === "SUCCESS" || status === "ALREADY_DONE";
}

/** Whether an item that ended so failed, and can succeed. */
export function canRetry(status: string): boolean {
  return !isDone(status) && status !== "not-sent" && !FINAL.includes(status);
}

const LOCAL_WORDS: Record<LocalStatus | "no-answer", (item: BulkItem) => string> = {
  "not-sent": () => "The run was stopped before its turn.",
  "newer-operation": ({ handle }) => `Its answer was lost, and something newer about @${handle} was signed meanwhile, which stands.`,
  "disbelieved-time": ({ op, handle }) => sentenceFor("MESSAGE_EXPIRED", { op, handle, disbelieved: true }).sentence,
  fault: () => ownFault().sentence,
  "no-answer": () => "Its answer was lost, so it may be done or not. Try again; nothing is done twice.",
};

const isLocal = (status: string): status is keyof typeof LOCAL_WORDS => Object.hasOwn(LOCAL_WORDS, status);

function failureSentence(item: BulkItem, status: string): string {
  if (isLocal(status)) return LOCAL_WORDS[status](item);
  // The slug of a problem, where a status is in capitals.
  if (/^[a-z-]+$/.test(status)) return (problemFor(new ProblemError(status, "The site refused it.")) ?? ownFault()).sentence;
  return sentenceFor(status, { ...item, retried: true }).sentence;
}

/** What there is to say of the run as a whole. */
export function summaryOf(run: BulkRun | null): Omit<BulkState, "phase" | "msLeft"> {
  const byStatus = new Map<string, number>();
  const failed: BulkFailure[] = [];
  let done = 0;
  for (const item of run?.items ?? []) {
    const status = run?.progress.get(item.handle)?.status ?? null;
    if (status === null) continue;
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    if (isDone(status)) done++;
    else if (status !== "not-sent") failed.push({ ...item, status, sentence: failureSentence(item, status), canRetry: canRetry(status) });
  }
  return { total: run?.items.length ?? 0, done, byStatus: Object.fromEntries(byStatus), failed };
}
