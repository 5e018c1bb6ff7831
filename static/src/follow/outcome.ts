// What came of a follow or unfollow, and what the page says of it.

import type { Operation } from "../protocol/message.ts";
import { note } from "../state/results.ts";
import { sentenceFor } from "../state/status-words.ts";
import type { Result, State } from "../state/types.ts";

export interface OperationOutcome {
  status: string;
  tsInServer: number;
  /** SHA-256 of the message that was answered. */
  digest: string;
  /** Signed a second time, with the gateway's time. */
  retried: boolean;
  /** This computer's clock differs from the site's by more than a message's time may. */
  clockOff: boolean;
  /** The gateway named a time that this page does not believe, and did not sign. */
  disbelieved: boolean;
  /** An earlier message, whose reply was lost, was sent again. */
  resent: boolean;
}

export function operationResult(op: Operation, handle: string, outcome: OperationOutcome, state: State, durationMs: number): Result {
  const { status, tsInServer, digest, retried, clockOff, disbelieved, resent } = outcome;
  const isMine = state.profile?.handle === handle && state.profile.isMine;
  const words = sentenceFor(status, { op, handle, keyUntil: state.key.until, isMine, retried, clockOff, disbelieved, resent });
  return { kind: "status", op, handle, status, tsInServer, digest, durationMs, ...words };
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
