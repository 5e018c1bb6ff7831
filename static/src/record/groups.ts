// What the inspector holds: acts, newest first, each with its steps in the order they happened and how it ended. No DOM.

import { failureOf } from "../state/results.ts";
import type { Ending, Result, Step } from "../state/types.ts";

export interface Outcome {
  /** A status, or what the page said, without a full stop. */
  words: string;
  tone: "good" | "bad" | "quiet";
  /** The time that the page told beside its answer; null where it told none. */
  durationMs: number | null;
}

export interface Group {
  id: string;
  /** What the act is, such as `Follow @shiyu`. */
  name: string;
  /** The account that the page showed while it ran, if any. */
  account: string | null;
  /** Seen as it happened, kept from before a reload, or told by a link. */
  from: "here" | "kept" | "link";
  steps: readonly Step[];
  /** Null while it is under way. */
  outcome: Outcome | null;
}

const MOST_GROUPS = 40;

export function outcomeOf(result: Result | null): Outcome {
  if (result === null) return { words: "Left, the account changed", tone: "quiet", durationMs: null };
  if (result.kind === "status") {
    const tone = result.status === "SUCCESS" ? "good" : result.status === "ALREADY_DONE" ? "quiet" : "bad";
    return { words: result.status, tone, durationMs: result.durationMs };
  }
  const words = result.kind === "problem" ? result.title : result.sentence;
  return { words: words.replace(/\.$/, ""), tone: result.kind === "problem" ? "bad" : "quiet", durationMs: null };
}

/** The account that a group began with, in its newest spelling: before sign-in only the wallet's is known, in lower case. */
function spelt(before: string | null, now: string | null): string | null {
  return before === null || before.toLowerCase() === now?.toLowerCase() ? now : before;
}

/** The groups after `step`, which begins one or goes on with the one of its act. */
export function withStep(groups: readonly Group[], step: Step, present: string | null): Group[] {
  const account = step.account ?? present;
  const known = groups.some(({ id }) => id === step.trace);
  if (!known) {
    const begun: Group = { id: step.trace, name: step.act, account, from: "here", steps: [step], outcome: null };
    return [begun, ...groups].slice(0, MOST_GROUPS);
  }
  return groups.map((group) => (group.id === step.trace ? { ...group, account: spelt(group.account, account), steps: [...group.steps, step] } : group));
}

/** The groups after an act ended, with what failed as its last step. One that did nothing at all has nothing to show. */
export function withEnding(groups: readonly Group[], { trace, name, at, result, cause }: Ending, account: string | null): Group[] {
  const steps = groups.find(({ id }) => id === trace)?.steps ?? [];
  const failure = failureOf(result, cause);
  const told = failure === null || steps.some(({ kind, exchange }) => kind === "failure" && exchange === failure.exchange);
  const step = told ? null : { ...failure, id: `${trace}-end`, trace, act: name, at, durationMs: failure.exchange?.durationMs ?? null };
  const after = step === null ? groups : withStep(groups, step, account);
  return after.map((group) => (group.id === trace ? { ...group, account: group.account && spelt(group.account, account), outcome: outcomeOf(result) } : group));
}

/** What this leg took by itself: the site's leg without the gateway's, which has a step of its own. */
export function legMs({ kind, durationMs, exchange }: Step): number | null {
  if (durationMs === null || kind !== "proxied-mutation" || exchange === undefined) return durationMs;
  return Math.max(0, durationMs - exchange.durationMs);
}

/** The time of a group: the one that the page told, or the sum of its legs without those of a wallet's owner, who reads. */
export function groupMs({ outcome, steps }: Group): number {
  const sum = (total: number, step: Step): number => total + (step.kind === "wallet-signature" ? 0 : (legMs(step) ?? 0));
  return outcome?.durationMs ?? steps.reduce(sum, 0);
}

/** How it ended, or whom it waits for. */
export function endingOf({ outcome, from }: Group, waitingFor: string | null): string {
  if (outcome !== null) return outcome.words;
  if (from === "here") return waitingFor === null ? "under way" : `waiting for ${waitingFor}`;
  return from === "kept" ? "cut off by a reload" : "";
}
