// Results, in words, that belong to no status.

import { ProblemError } from "../api/api.ts";
import { KeyStoreUnavailable } from "../browser/key-store.ts";
import type { Address } from "../protocol/address.ts";
import { CryptoUnavailable } from "../protocol/signing-key.ts";
import { shortAddress } from "../text/format.ts";
import { UserRejected, WalletError } from "../wallet/answers.ts";
import { ownFault, problemFor } from "./problems.ts";
import { AUTHORISE_AGAIN, sentenceFor, SIGN_IN, TRY_AGAIN } from "./status-words.ts";
import type { Actor, NextStep, Result, Step } from "./types.ts";

/** The visitor left a dialog of this page without choosing. */
export class NothingChosen extends Error {
  override name = "NothingChosen";
}

export const note = (sentence: string, next: NextStep | null = null): Result => ({ kind: "note", sentence, next });

/** Nobody is blamed for it. */
const SESSION_ENDED = note("The session has ended. Sign in.", SIGN_IN);

/** Why the account `mine` is not signed in any more; `other` is whoever is, and `who` made it so. */
export function displaced(mine: Address | null, other: Address | null, who = "This browser is"): Result {
  if (mine === null || other === null) return SESSION_ENDED;
  return note(`${who} signed in as ${shortAddress(other)}. This page is ${shortAddress(mine)}'s: sign in as that account to go on.`, { label: `Sign in as ${shortAddress(mine)}`, action: "sign-in" });
}

/** `gone`: accounts that stood beside it before. */
export const signedIn = (gone: readonly Address[]): Result =>
  note(gone.length === 0 ? "Signed in." : `Signed in. Sign in again when you go back to ${gone.map(shortAddress).join(", ")}: only accounts whose wallets signed in within 15 minutes stay side by side.`);

const cancelled = (sentence: string): Result => ({ kind: "cancelled", sentence, next: TRY_AGAIN });

/** What an act that threw `error` comes to. A rejection is no error. */
export function resultOf(error: unknown): Result {
  if (error instanceof UserRejected) return cancelled("Cancelled in wallet");
  if (error instanceof NothingChosen) return cancelled("No wallet chosen");
  const problem = problemFor(error);
  if (problem === null) console.error(error);
  return { kind: "problem", ...(problem ?? ownFault()) };
}

/**
 * What stays of a result when the field turns to another handle: nothing of an answer or a problem, whose "Try again"
 * would be about the handle before. Of an unfollow the way back stays, in words that name its handle.
 */
export function beside(result: Result | null): Result | null {
  if (result === null || result.kind === "note") return result;
  return result.next?.action === "undo" ? note(result.sentence, result.next) : null;
}

export function keyLost(): Result {
  return { kind: "problem", title: "Key lost", sentence: "This browser lost its key.", next: AUTHORISE_AGAIN, requestId: null };
}

export function registrationResult(status: string, durationMs: number | null): Result {
  const words = sentenceFor(status, { op: "register", handle: null });
  return { kind: "status", op: "register", handle: null, status, tsInServer: null, digest: null, durationMs, ...words };
}

function actorOf(cause: unknown): Actor {
  if (cause instanceof WalletError) return "wallet";
  return cause instanceof KeyStoreUnavailable || cause instanceof CryptoUnavailable ? "device" : "site";
}

/** The step that `result` leaves behind; null where nothing failed. */
export function failureOf(result: Result | null, cause: unknown): Pick<Step, "actor" | "kind" | "title" | "parts" | "exchange"> | null {
  if (result === null || (result.kind !== "problem" && result.kind !== "cancelled")) return null;
  const exchange = cause instanceof ProblemError ? cause.exchange : null;
  const said = { label: "What the page said", text: result.sentence, kind: "text" } as const;
  return {
    actor: actorOf(cause),
    kind: "failure",
    title: result.kind === "problem" ? result.title : result.sentence.replace(/\.$/, ""),
    parts: result.kind === "problem" ? [said] : [],
    ...(exchange === null ? {} : { exchange }),
  };
}
