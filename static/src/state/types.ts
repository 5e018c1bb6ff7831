// What the page shows, and what an act leaves behind. Times are milliseconds since the Unix epoch, durations milliseconds.

import type { Attempt, Profile } from "../api/types.ts";
import type { Address } from "../protocol/address.ts";
import type { Operation } from "../protocol/message.ts";

/** Whose doing a step is; each has its own ink on the page. */
export type Actor = "wallet" | "device" | "site" | "gateway";

/** What of a text is at fault, and how: UTF-16 offsets, `to` not included. */
export interface Mark {
  from: number;
  to: number;
  note: string;
}

/** One block of exact text inside a step. `by` says who signed or wrote it. */
export interface Part {
  label: string;
  text: string;
  kind: "text" | "json" | "hex" | "base64";
  by?: Actor;
  note?: string;
  mark?: Mark;
}

type StepKind =
  | "challenge"
  | "wallet-signature"
  | "registration"
  | "message"
  | "device-signature"
  | "proxied-mutation"
  | "reply"
  | "failure";

/** One leg of an act, for the inspector. Steps of one act share a `trace`. */
export interface Step {
  id: string;
  trace: string;
  /** What the act is, such as `Follow @shiyu`. */
  act: string;
  actor: Actor;
  kind: StepKind;
  title: string;
  at: number;
  durationMs: number | null;
  parts: Part[];
  exchange?: Attempt;
  /** Whose it is, where that is not the account of the page. */
  account?: Address;
}

/** How an act that the user asked for ended. */
export interface Ending {
  trace: string;
  /** What the act was, such as `Follow @shiyu`. */
  name: string;
  at: number;
  /** What the page said of it; null where the account changed meanwhile and nothing was said. */
  result: Result | null;
  /** What it threw, where it did. */
  cause?: unknown;
}

/** Who writes down what an act does: its steps as they happen, and how it ended. */
export interface Recorder {
  step(step: Step): void;
  ended(ending: Ending): void;
}

/**
 * What the user can do next. `Account.act` runs all of them but the page's own: `correct-handle` puts the focus into
 * the handle field, `reload-page` loads the whole page again.
 */
export interface NextStep {
  label: string;
  action: "connect" | "sign-in" | "authorise" | "retry" | "undo" | "correct-handle" | "reload" | "reload-page" | "switch-chain" | "revoke-key";
}

/** What went wrong outside of any status, in words. */
export interface Problem {
  title: string;
  sentence: string;
  next: NextStep | null;
  requestId: string | null;
}

export type Result =
  | {
      kind: "status";
      op: Operation | "register" | "revoke" | "other";
      handle: string | null;
      status: string;
      tsInServer: number | null;
      sentence: string;
      next: NextStep | null;
      /** SHA-256 of the signed message, 64 hex digits; null for a registration. */
      digest: string | null;
      /** How long signing and the answer took, without the time of anyone who reads; null where nothing was sent. */
      durationMs: number | null;
    }
  | { kind: "cancelled"; sentence: string; next: NextStep }
  | ({ kind: "problem" } & Problem)
  | { kind: "note"; sentence: string; next: NextStep | null };

export interface KeyState {
  state: "none" | "ready" | "lost" | "expired";
  fingerprint: string | null;
  since: number | null;
  until: number | null;
  /** Why it is lost, expired or cannot be kept, as a sentence; null where nothing needs saying. */
  reason: string | null;
}

/** Somebody outside of this page on whom an act depends. */
export interface Waiting {
  /** A wallet's own name, or "this browser's storage" and the like, as it stands in a sentence. */
  who: string;
  /** What helps, as a sentence; empty where nothing does but patience. */
  hint: string;
  /** What is said where the visitor cancels instead, as a sentence. */
  cancelled: string;
}

export type Busy = null | "connecting" | "signing-in" | "authorising" | "revoking" | "following" | "unfollowing" | "signing" | "loading";

/** Everything the page shows. A new object for every change; never changed in place. */
export interface State {
  wallet: { name: string; icon: string; rdns: string } | null;
  /** The account the page is locked to; `signedIn` says whether the site knows it. */
  address: Address | null;
  signedIn: boolean;
  key: KeyState;
  busy: Busy;
  /** Who is waited for just now; `Account.cancel` ends that. Told from the first moment, so that it is the page that decides when a wait is long. */
  waiting: Waiting | null;
  /** What the field says, from the first keystroke on, kept as typed. */
  handle: string;
  profile: Profile | null;
  profileProblem: Problem | null;
  /** What came of the last act, or what happened since; never about another handle than the field's without naming it. */
  result: Result | null;
  /** The name of the act that runs, or that `result` is of, such as `Follow @shiyu`; null where nobody asked. */
  act: string | null;
  online: boolean;
}
