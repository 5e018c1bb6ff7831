// What the page says about each status.

import type { FollowerOperation, HandleOperation } from "../protocol/handle-message.ts";
import type { Operation } from "../protocol/message.ts";
import type { HandleStatus, RegistrationStatus, Status } from "../protocol/statuses.ts";
import { isHandleStatus, isRegistrationStatus, isStatus } from "../protocol/statuses.ts";
import { dayOf } from "../text/format.ts";
import type { NextStep } from "./types.ts";

interface StatusContext {
  op: Operation | "register";
  handle: string | null;
  /** When this device's key runs out, if known. */
  keyUntil?: number | null;
  /** The profile belongs to the signed-in address. */
  isMine?: boolean;
  /** The message was signed again with the gateway's time. */
  retried?: boolean;
  /** This computer's clock was the reason for that. */
  clockOff?: boolean;
  /** The gateway named a time that this page does not believe. */
  disbelieved?: boolean;
  /** This is the answer to the second sending of a message whose first reply was lost. */
  resent?: boolean;
}

export interface StatusWords {
  sentence: string;
  next: NextStep | null;
}

export const AUTHORISE_AGAIN: NextStep = { label: "Authorise again", action: "authorise" };
export const SIGN_IN: NextStep = { label: "Sign in", action: "sign-in" };
export const SIGN_IN_AGAIN: NextStep = { ...SIGN_IN, label: "Sign in again" };
export const UNDO: NextStep = { label: "Undo", action: "undo" };
export const TRY_AGAIN: NextStep = { label: "Try again", action: "retry" };
const CONNECT: NextStep = { label: "Connect again", action: "connect" };
const CORRECT_HANDLE: NextStep = { label: "Correct the handle", action: "correct-handle" };
const ANOTHER_HANDLE: NextStep = { label: "Choose another handle", action: "correct-handle" };

const say = (sentence: string, next: NextStep | null): StatusWords => ({ sentence, next });

/** An unfollow is one click and easily an accident. */
const undo = (op: StatusContext["op"]): NextStep | null => (op === "unfollow" ? UNDO : null);

const OPERATION_WORDS: Record<Status, (context: StatusContext, who: string) => StatusWords> = {
  INVALID_ADDRESS: () => say("The gateway does not take this for a valid address. Connect the wallet again.", CONNECT),
  HANDLE_NOT_FOUND: (_, who) => say(`Nobody has the handle ${who}. Check the spelling.`, CORRECT_HANDLE),
  INVALID_MESSAGE: ({ isMine, op }, who) =>
    isMine === true && op === "follow"
      ? say(`${who} is yours, and an address does not follow its own handle.`, ANOTHER_HANDLE)
      : say("The signed message is malformed, or says something else than the request. Nothing was changed.", TRY_AGAIN),
  MESSAGE_EXPIRED: ({ retried, disbelieved }) =>
    disbelieved === true
      ? say("The gateway asks for a time more than five minutes from this site's. This page did not sign it.", TRY_AGAIN)
      : retried === true
      ? say("Signed again with the gateway's time, and still refused. Wait a moment, then try again.", TRY_AGAIN)
      : say("The message's time is too far from the gateway's. Check this computer's clock, then try again.", TRY_AGAIN),
  INVALID_SIGNING_KEY: () =>
    say("The gateway does not accept this device's key: not registered for this address, or revoked.", AUTHORISE_AGAIN),
  EXPIRED_SIGNING_KEY: ({ keyUntil }) =>
    say(
      keyUntil === undefined || keyUntil === null
        ? "This device's key ran out. Authorise it again."
        : `This device's key ran out on ${dayOf(keyUntil)}. Authorise it again.`,
      AUTHORISE_AGAIN,
    ),
  INVALID_SIGNATURE: () =>
    say("The signature is malformed, or this device's key did not make it over this message.", TRY_AGAIN),
  ALREADY_DONE: ({ op, resent }, who) => {
    const state = op === "unfollow" ? `You do not follow ${who}` : `You follow ${who}`;
    if (resent === true) return say(`${state}. The first attempt had arrived; only its reply was lost.`, undo(op));
    return say(op === "unfollow" ? `${state}, so nothing was done.` : `${state} already, so nothing was done.`, null);
  },
  RATE_LIMITED: () => say("This address has used up its operations for this minute. Wait a little.", TRY_AGAIN),
  SUCCESS: ({ op, clockOff }, who) =>
    say(
      `${op === "unfollow" ? `You no longer follow ${who}.` : `You follow ${who}.`}${
        clockOff === true ? " Signed with the gateway's time, as this computer's clock is off." : ""
      }`,
      undo(op),
    ),
};

const REGISTRATION_WORDS: Record<RegistrationStatus, () => StatusWords> = {
  INVALID_ADDRESS: () => say("The gateway does not take this for a valid address. Connect the wallet again.", CONNECT),
  INVALID_MESSAGE: () => say("The gateway does not accept the text that the wallet signed.", TRY_AGAIN),
  INVALID_SIGNING_KEY: () =>
    say("The gateway refused this key: revoked, expired, or too many keys for this address. Try with a new one.", {
      label: "Authorise with a new key",
      action: "authorise",
    }),
  INVALID_SIGNATURE: () =>
    say("The signature does not come from this account. Choose it in the wallet, then try again.", TRY_AGAIN),
  SUCCESS: () => say("This device may sign for you now.", null),
};

const RELOAD: NextStep = { label: "Reload", action: "reload-page" };

type HandleWords = (who: string) => StatusWords;

/** The same of all that an owner does about followers. */
const forFollowers = (words: HandleWords): Record<FollowerOperation, HandleWords> => ({ remove: words, block: words, unblock: words });

/** By what was asked for; for the rest it is as with a follow. */
const HANDLE_WORDS: Partial<Record<HandleStatus, Record<HandleOperation, HandleWords>>> = {
  HANDLE_NOT_FOUND: {
    claim: (who) => say(`${who} cannot be a handle: 1 to 20 of a to z, 0 to 9, _ and -, beginning with a letter or digit.`, CORRECT_HANDLE),
    release: (who) => say(`Nobody has the handle ${who}.`, RELOAD),
    profile: (who) => say(`Nobody has the handle ${who} any more. It may have been given back elsewhere.`, RELOAD),
    ...forFollowers((who) => say(`Nobody has the handle ${who} any more. It may have been given back elsewhere.`, RELOAD)),
  },
  INVALID_MESSAGE: {
    claim: () => say("The signed message is malformed, or says something else than the request. Nothing was changed.", TRY_AGAIN),
    release: () => say("The signed message is malformed, or says something else than the request. Nothing was changed.", TRY_AGAIN),
    profile: () => say("The gateway does not take this text: something in it is not seen, or turns the text around it. Nothing was changed.", { label: "Change the text", action: "correct-handle" }),
    ...forFollowers(() => say("The signed message is malformed, or says something else than the request. Nothing was changed.", TRY_AGAIN)),
  },
  HANDLE_TAKEN: {
    claim: (who) => say(`${who} is not to be had: somebody has it, it is reserved, or it was given back not long ago.`, ANOTHER_HANDLE),
    release: (who) => say(`${who} belongs to another address.`, RELOAD),
    profile: (who) => say(`${who} belongs to another address by now. Nothing was changed.`, RELOAD),
    ...forFollowers((who) => say(`${who} belongs to another address by now. Nothing was changed.`, RELOAD)),
  },
  ALREADY_DONE: {
    claim: (who) => say(`${who} is yours already.`, null),
    release: (who) => say(`${who} is not yours any more, so nothing was done.`, null),
    profile: (who) => say(`${who} shows just that already.`, null),
    remove: () => say("They do not follow you, so nothing was done.", null),
    block: () => say("They are blocked already.", null),
    unblock: () => say("They are not blocked, so nothing was done.", null),
  },
  RATE_LIMITED: {
    claim: () => say("This address has used up its operations for this minute, or owns 32 handles, which is the most. Wait a little, or give one back.", TRY_AGAIN),
    release: () => say("This address has used up its operations for this minute. Wait a little.", TRY_AGAIN),
    profile: () => say("This address has used up its operations for this minute. Wait a little.", TRY_AGAIN),
    ...forFollowers(() => say("This address has used up its operations for this minute. Wait a little.", TRY_AGAIN)),
  },
  SUCCESS: {
    claim: (who) => say(`${who} is yours.`, null),
    release: (who) => say(`${who} is given back. Only you can claim it again before 30 days have passed.`, null),
    profile: (who) => say(`The page of ${who} shows it now.`, null),
    remove: (who) => say(`They no longer follow ${who}.`, null),
    block: (who) => say(`They are blocked: they do not follow ${who}, and cannot.`, null),
    unblock: (who) => say(`They can follow ${who} again.`, null),
  },
};

/** What to say about the answer to a claim, a release or a change of profile. */
export function handleWords(status: string, op: HandleOperation, handle: string, keyUntil: number | null): StatusWords {
  const words = isHandleStatus(status) ? HANDLE_WORDS[status]?.[op](`@${handle}`) : undefined;
  return words ?? sentenceFor(status, { op: "follow", handle, keyUntil });
}

/** What to say about `status`, and what to do next. A status that the contract does not know is told as such. */
export function sentenceFor(status: string, context: StatusContext): StatusWords {
  if (context.op === "register") {
    if (isRegistrationStatus(status)) return REGISTRATION_WORDS[status]();
  } else if (isStatus(status)) {
    return OPERATION_WORDS[status](context, `@${context.handle ?? ""}`);
  }
  return say("The gateway answered with a status that this page does not know.", TRY_AGAIN);
}
