// What the page says when something goes wrong outside of any status: what happened, and what to do next.

import { ProblemError } from "../api/api.ts";
import { KeyStoreUnavailable } from "../browser/key-store.ts";
import { ChallengeRefused } from "../protocol/challenge.ts";
import { CryptoUnavailable } from "../protocol/signing-key.ts";
import { UserRejected, WalletError, WalletFailed, WalletLocked } from "../wallet/answers.ts";
import { SIGN_IN, TRY_AGAIN } from "./status-words.ts";
import type { NextStep, Problem } from "./types.ts";

/** The wallet is on a chain whose accounts the site does not sign in. */
export class WrongChain extends WalletError {
  override name = "WrongChain";
  readonly next: NextStep;
  constructor(sentence: string, next: NextStep) {
    super(sentence);
    this.next = next;
  }
}

type Words = readonly [title: string, sentence: string, next: NextStep | null];

const RELOAD: NextStep = { label: "Reload", action: "reload-page" };

const WORDS = new Map<string, Words>(Object.entries({
  "no-connection": ["No connection", "The site cannot be reached. Check the connection, then try again; what you typed is kept.", TRY_AGAIN],
  "not-loaded": ["No connection", "A part of this page cannot be loaded. Check the connection, then reload; what you typed is kept.", RELOAD],
  "no-answer": ["No answer", "The site did not answer in time. Try again; nothing is done twice.", TRY_AGAIN],
  unreadable: ["Unreadable answer", "What came back is no answer of this site. Something in between may have changed it.", TRY_AGAIN],
  "upstream-unreachable": ["Gateway not reached", "The site works, but cannot reach the gateway. Try again in a moment.", TRY_AGAIN],
  "upstream-timeout": ["Gateway too slow", "The gateway did not answer in time. Try again; nothing is done twice.", TRY_AGAIN],
  "upstream-malformed": ["Gateway not understood", "The gateway answered with something that this site does not take.", TRY_AGAIN],
  "outcome-unknown": ["Not known", "The gateway's disk failed as it wrote. Try again; nothing is done twice.", TRY_AGAIN],
  "chain-unreachable": ["Chain not reached", "Only its chain can tell whether a contract wallet signed, and it cannot be asked now. Try again in a moment.", TRY_AGAIN],
  "chain-timeout": ["Chain too slow", "Only its chain can tell whether a contract wallet signed, and it did not answer in time. Try again.", TRY_AGAIN],
  unavailable: ["Busy", "The site cannot take this now. Try again in a moment.", TRY_AGAIN],
  "too-many-requests": ["Too many requests", "Much is asked from this network at the moment. Try again in a minute.", TRY_AGAIN],
  internal: ["A fault of ours", "The site failed. Nothing you did is wrong; try again.", TRY_AGAIN],
  "not-signed-in": ["Signed out", "The session has ended. Sign in.", SIGN_IN],
  "wrong-account": ["Another account", "This browser is signed in with another account now. Nothing was sent in its name.", TRY_AGAIN],
  csrf: ["Not accepted", "The site does not take this as sent by its own page, and did nothing. Try again; if it stays so, open the site under its own address.", TRY_AGAIN],
  "cookies-blocked": ["Cookies blocked", "This browser blocks cookies for this site, so sign-in cannot be kept. Allow them, then try again.", TRY_AGAIN],
}));

const LOGIN_REASONS = new Map(Object.entries({
  "nonce-expired": "The sign-in text ran out before it was signed. Try again.",
  "nonce-unknown": "The sign-in text was used before, or belongs to another browser. Try again.",
  "text-differs": "The signed text is not the one that this site wrote. Nothing was accepted.",
}));

/** Whether the request may have arrived although its reply did not. */
export function mayHaveArrived(error: unknown): boolean {
  return (
    error instanceof ProblemError &&
    ["no-connection", "no-answer", "unreadable", "upstream-unreachable", "upstream-timeout", "upstream-malformed", "outcome-unknown", "internal"].includes(error.slug)
  );
}

/** Whether the site and this page no longer agree on who is signed in. */
export function isAboutSession(error: unknown): boolean {
  return error instanceof ProblemError && ["not-signed-in", "wrong-account", "csrf"].includes(error.slug);
}

const problem = ([title, sentence, next]: Words, requestId: string | null = null): Problem => ({ title, sentence, next, requestId });

/** The words for an error that this page expects to meet; null for a rejection in the wallet, and for a fault of the page. */
export function problemFor(error: unknown): Problem | null {
  if (error instanceof ProblemError) {
    if (error.slug === "login-refused") {
      return problem(["Sign-in refused", LOGIN_REASONS.get(error.reason ?? "") ?? error.message, { label: "Try again", action: "sign-in" }], error.requestId);
    }
    return problem(WORDS.get(error.slug) ?? ["Refused", error.message, TRY_AGAIN], error.requestId);
  }
  if (error instanceof UserRejected) return null;
  if (error instanceof WalletLocked) return problem(["Wallet locked", "The wallet shows no account to this page. Unlock it, then try again.", TRY_AGAIN]);
  if (error instanceof WrongChain) return problem(["Another chain", error.message, error.next]);
  if (error instanceof WalletFailed) return problem(["The wallet failed", `The wallet could not do it. ${error.message}.`.replace(/\.+$/, "."), TRY_AGAIN]);
  if (error instanceof KeyStoreUnavailable) {
    return problem(["No place for a key", "This browser does not let the page keep a key, as in some private windows. Allow storage for this site, then try again.", TRY_AGAIN]);
  }
  if (error instanceof ChallengeRefused) {
    return problem(["Not signed", `The sign-in text is not what this page asked for (${error.field}), so the wallet never saw it. Something in between may have changed it.`, TRY_AGAIN]);
  }
  if (error instanceof CryptoUnavailable) {
    return problem(["No signing here", error.message, null]);
  }
  return null;
}

/** For a fault of the page itself. */
export function ownFault(): Problem {
  return problem(["A fault of this page", "Something failed that should not. Reload the page; what is done stays done.", RELOAD]);
}
