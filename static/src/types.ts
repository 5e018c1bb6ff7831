// The shapes that the page's modules share. Times are milliseconds since the Unix epoch, durations milliseconds.

export type Hex = `0x${string}`;
export type Address = Hex;

/** Whose doing a step is; each has its own ink on the page. */
export type Actor = "wallet" | "device" | "site" | "gateway";
export type Operation = "follow" | "unfollow";

/** One block of exact text inside a step. `by` says who signed or wrote it. */
export interface Part {
  label: string;
  text: string;
  kind: "text" | "json" | "hex" | "base64";
  by?: Actor;
  note?: string;
}

/** The request that the site sent upstream and the reply it got, secrets left out. */
export interface Exchange {
  request: { method: string; url: string; headers: Record<string, string>; body: string };
  response: { status: number; headers: Record<string, string>; body: string };
  durationMs: number;
}

/** A request with the reply to it, if one came. */
export interface Attempt extends Omit<Exchange, "response"> {
  response: Exchange["response"] | null;
}

export type StepKind =
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

export interface Profile {
  handle: string;
  displayName: string;
  avatar: string | null;
  followerCount: number;
  isFollowedByMe: boolean;
  isMine: boolean;
}

export interface Suggestion {
  handle: string;
  displayName: string;
  followerCount: number;
}

/** A registered key, as the site lists it for the active address. */
export interface SigningKeyRecord {
  signingKey: string;
  fingerprint: string;
  entity: string;
  registeredAt: number;
  expiresAt: number;
  revokedAt: number | null;
}

/** What the site says about this browser's session. `addresses`: every account that is signed in here. */
export interface Session {
  csrfToken: string;
  address: Address | null;
  addresses: Address[];
  entity: string;
  chainIds: number[] | null;
  /** Whether the request came with a cookie of this site. */
  cookie?: boolean;
  /** There where the page stands in a frame of another site, which has a session of its own. */
  framed?: true;
}

/** What the server wrote into the page: the session, and what the first view shows. */
export interface Bootstrap extends Session {
  featured: Profile | null;
  featuredHandle: string;
  /** The slug of the problem for which the featured profile could not be read; null where it could, or is none. */
  featuredProblem: string | null;
  demo: boolean;
  keyLifetimeDays: number;
  upstream: string;
}

export type Result =
  | {
      kind: "status";
      op: Operation | "register" | "revoke";
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

export type Busy = null | "connecting" | "signing-in" | "authorising" | "revoking" | "following" | "unfollowing" | "loading";

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

/** EIP-1193, as far as this page goes. */
export interface Provider {
  request(args: { method: string; params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): unknown;
  removeListener?(event: string, listener: (value: unknown) => void): unknown;
}

/** A wallet found through EIP-6963. `icon` is a `data:image/…` URI, for `<img>` only, or empty. */
export interface AnnouncedWallet {
  uuid: string;
  name: string;
  icon: string;
  rdns: string;
  provider: Provider;
}

export interface WalletDiscovery {
  current(): readonly AnnouncedWallet[];
  /** Calls `listener` for every change; returns the way to stop. */
  subscribe(listener: (wallets: readonly AnnouncedWallet[]) => void): () => void;
  stop(): void;
}

/** What the sandbox wallet asks before it signs: shown in a dialog with Approve and Reject. */
export interface SandboxAsk {
  origin: string;
  address: Address;
  /** The exact text, or its hexadecimal bytes where they are not UTF-8. */
  text: string;
  kind: "sign-in" | "authorisation" | "other";
}

export interface SandboxWallet {
  rdns: string;
  /** The one that is no other's, whatever others announce. */
  wallet: AnnouncedWallet;
  /** Every identity ever made in this browser, oldest first. */
  identities(): readonly Address[];
  /** The identity in use; null before the first. */
  active(): Address | null;
  /** Makes a new identity and switches to it. */
  newIdentity(): Promise<Address>;
  /** Switches; emits `accountsChanged` where the page is connected. */
  use(address: Address): Promise<void>;
  subscribe(listener: () => void): () => void;
}

/** The page's state machine. No method rejects: what goes wrong is in `state().result`. */
export interface Account {
  state(): State;
  /** Reads this device's key, listens to other tabs, and finds the wallet of the last visit without asking it. */
  start(): Promise<void>;
  subscribe(listener: (state: State) => void): () => void;
  /** Connects this wallet and signs in; asks the wallet only where this account is not signed in already. */
  connect(wallet: AnnouncedWallet): Promise<void>;
  signIn(): Promise<void>;
  /** Does what comes before an act, such as choosing a wallet. Where it fails, an act of this name has failed. */
  attempt(name: string, work: () => Promise<unknown>): Promise<void>;
  authorise(): Promise<void>;
  /**
   * Runs whatever is missing before (wallet, sign-in, authorisation), then follows `handle`: that of the card that was
   * clicked. Does nothing where the page shows another profile, or the field says another handle.
   */
  follow(handle: string): Promise<void>;
  unfollow(handle: string): Promise<void>;
  /**
   * Follow or unfollow, whichever the profile on the page calls for. Ignored while busy. The second click of a double
   * click must not come here: it may arrive after the first has finished (`if (event.detail > 1) return`).
   */
  toggle(handle: string): Promise<void>;
  /** The field says this now; nothing is looked up yet. */
  typed(text: string): void;
  /** Reads the profile of what was typed; the newest call wins. Forgives `@shiyu`, `Shiyu.cc`. */
  lookUp(typed: string): Promise<void>;
  suggest(prefix: string): Promise<readonly Suggestion[]>;
  /** Reads session, key and profile again from the server. */
  reload(): Promise<void>;
  /** The page is looked at again: who is signed in may have changed without a word. */
  lookAgain(): Promise<void>;
  signOut(): Promise<void>;
  act(next: NextStep): Promise<void>;
  /** Ends what is under way. The page is free at once; what was waited for is dropped when it comes. */
  cancel(): void;
  /** Tells the state machine that the browser went offline or came back. */
  setOnline(online: boolean): void;
  /** Stops listening to wallet and other tabs. */
  stop(): void;
}
