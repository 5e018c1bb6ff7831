// What the page may ask of the account.

import type { Suggestion } from "../api/types.ts";
import type { Signable } from "../follow/operation.ts";
import type { Address } from "../protocol/address.ts";
import type { StatusWords } from "../state/status-words.ts";
import type { NextStep, Result, State } from "../state/types.ts";
import type { AnnouncedWallet } from "../wallet/types.ts";

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
  /**
   * Runs whatever is missing before, then has this device's key sign something else than a follow, or the wallet itself,
   * under an act of this name; `words` says what each status comes to, and may read back
   * first what came of it.
   */
  sign(name: string, make: (address: Address) => Signable, words: (status: string) => StatusWords | Promise<StatusWords>, by?: "device" | "wallet"): Promise<void>;
  /**
   * Does what the site does only for an account whose wallet signed in lately: where it says so, the wallet signs in
   * again, and then it is done. `work` gives what there is to say.
   */
  vouched(name: string, work: (address: Address) => Promise<Result | null>): Promise<void>;
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
