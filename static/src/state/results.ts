// Results, in words, that belong to no status.

import { shortAddress } from "../text/format.ts";
import type { OperationOutcome } from "../follow/operation.ts";
import { ownFault, problemFor } from "./problems.ts";
import { AUTHORISE_AGAIN, sentenceFor, SIGN_IN, TRY_AGAIN } from "./status.ts";
import type { Address, NextStep, Operation, Result, State } from "../types.ts";
import { UserRejected } from "../wallet/connection.ts";

/** The visitor left a dialog of this page without choosing. */
export class NothingChosen extends Error {
  override name = "NothingChosen";
}

export const note = (sentence: string, next: NextStep | null = null): Result => ({ kind: "note", sentence, next });

/** Nobody is blamed for it. */
export const SESSION_ENDED = note("The session has ended. Sign in.", SIGN_IN);

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

export function operationResult(op: Operation, handle: string, outcome: OperationOutcome, state: State, durationMs: number): Result {
  const { status, tsInServer, digest, retried, clockOff, disbelieved, resent } = outcome;
  const isMine = state.profile?.handle === handle && state.profile.isMine;
  const words = sentenceFor(status, { op, handle, keyUntil: state.key.until, isMine, retried, clockOff, disbelieved, resent });
  return { kind: "status", op, handle, status, tsInServer, digest, durationMs, ...words };
}

export function registrationResult(status: string, durationMs: number | null): Result {
  const words = sentenceFor(status, { op: "register", handle: null });
  return { kind: "status", op: "register", handle: null, status, tsInServer: null, digest: null, durationMs, ...words };
}

/** What there is to say where the profile is already as wished, or can never be. */
export function alreadySo(op: Operation, handle: string, profile: State["profile"]): Result | null {
  if (profile?.handle !== handle) return null;
  if (op === "follow" && profile.isMine) {
    const { sentence, next } = sentenceFor("INVALID_MESSAGE", { op, handle, isMine: true });
    return note(sentence, next);
  }
  if (profile.isFollowedByMe !== (op === "follow")) return null;
  return note(op === "follow" ? `You follow @${handle} already.` : `You do not follow @${handle}.`);
}
