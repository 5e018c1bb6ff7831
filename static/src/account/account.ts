// The page's state machine: the acts that a click begins, each with whatever is missing before it. No DOM.

import type { Api } from "../api/api.ts";
import { ProblemError } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import type { Bootstrap } from "../api/types.ts";
import type { KeyStore } from "../browser/key-store.ts";
import type { Locks } from "../browser/locks.ts";
import type { Memory } from "../browser/memory.ts";
import type { Channel, TabNews } from "../browser/tabs.ts";
import type { Signable } from "../follow/operation.ts";
import { aboutHandle, createOperations, deviceSigner, walletSigner } from "../follow/operation.ts";
import type { OperationOutcome } from "../follow/outcome.ts";
import { alreadySo, operationResult } from "../follow/outcome.ts";
import { createProfileReader, hindrance, keepReading, problemOf } from "../follow/profile-reader.ts";
import type { Address } from "../protocol/address.ts";
import { sameAddress } from "../protocol/address.ts";
import { normaliseHandle } from "../protocol/handle.ts";
import type { Operation } from "../protocol/message.ts";
import { composeMessage } from "../protocol/message.ts";
import { canSign, CryptoUnavailable, NO_SIGNING } from "../protocol/signing-key.ts";
import type { Act } from "../state/act.ts";
import { holdFor, Superseded } from "../state/act.ts";
import { createPageState } from "../state/page-state.ts";
import { isAboutSession, mayHaveArrived } from "../state/problems.ts";
import { beside, displaced, keyLost, note, registrationResult, resultOf } from "../state/results.ts";
import { UNDO } from "../state/status-words.ts";
import type { NextStep, Recorder, Result, State } from "../state/types.ts";
import { GATEWAY, SITE_HAS_IT } from "../state/waits.ts";
import type { WalletConnection } from "../wallet/connection.ts";
import type { AnnouncedWallet, WalletDiscovery } from "../wallet/types.ts";
import { createDeviceKeys, NO_KEY } from "./device-key.ts";
import { createPresence } from "./presence.ts";
import type { Account } from "./types.ts";

export interface AccountDeps {
  api: Api;
  wallets: WalletDiscovery;
  /** Shows the list of wallets; null where the visitor leaves it. */
  chooseWallet(): Promise<AnnouncedWallet | null>;
  keyStore: KeyStore;
  memory: Memory;
  clock: Clock;
  serverClock: ServerClock;
  locks: Locks;
  channel: Channel;
  record: Recorder;
  bootstrap: Bootstrap;
  /** This page's own, such as `https://example.org`. */
  origin: string;
  pause(ms: number): Promise<void>;
}

function firstState({ address, featured, featuredHandle, featuredProblem }: Bootstrap): State {
  const unread = featuredProblem === null ? null : problemOf(new ProblemError(featuredProblem, ""), featuredHandle);
  return {
    wallet: null,
    address,
    signedIn: address !== null,
    key: NO_KEY,
    busy: null,
    waiting: null,
    handle: featured?.handle ?? (unread === null ? "" : featuredHandle),
    profile: featured,
    profileProblem: unread,
    // Told before anybody asks a wallet for what cannot be used.
    result: canSign() ? null : resultOf(new CryptoUnavailable(NO_SIGNING)),
    act: null,
    online: true,
  };
}

export function createAccount(deps: AccountDeps): Account {
  const { api, clock, locks, channel, bootstrap } = deps;
  const page = createPageState(firstState(bootstrap), deps, mend);
  const keys = createDeviceKeys({ ...deps, keyLifetimeDays: bootstrap.keyLifetimeDays });
  const profile = createProfileReader(api, page);
  const operations = createOperations({ ...deps, late: () => void profile.again() });
  const presence = createPresence({ ...deps, page, keys, profile });
  let stopHearing = (): void => {};
  let stopReading = (): void => {};
  /** The handle that the last operation was about. */
  let last = "";

  /** Learns anew who is signed in, after the site said that this page has it wrong. */
  async function mend(error: unknown, act: Act): Promise<void> {
    if (!isAboutSession(error)) return;
    try {
      await presence.refresh(act);
    } catch (refused) {
      if (!(refused instanceof ProblemError || refused instanceof Superseded)) throw refused;
    }
  }

  async function authoriseNow(act: Act): Promise<Result> {
    if (!page.get().signedIn) await presence.signIn(act, null);
    const address = signedInAs();
    const wallet = await presence.walletFor(address, act);
    page.set({ busy: "authorising" });
    const { status, key, durationMs } = await keys.authorise(address, wallet, act);
    page.set({ key });
    return registrationResult(status, durationMs);
  }

  function signedInAs(): Address {
    const { address, signedIn } = page.get();
    if (address === null || !signedIn) throw new Superseded("The account changed while it signed in");
    return address;
  }

  /** Runs what is missing before an operation; a result where it ends there. */
  async function prepare(op: Operation, handle: string, act: Act): Promise<Result | null> {
    if (!page.get().signedIn) {
      await presence.signIn(act, null);
      const said = alreadySo(op, handle, page.get().profile);
      if (said !== null) return said;
    }
    return authorised(act);
  }

  /** Has this device authorised where it is not; a result where that did not come about. */
  async function authorised(act: Act): Promise<Result | null> {
    if (page.get().key.state === "ready") return null;
    const result = await authoriseNow(act);
    return page.get().key.state === "ready" ? null : result;
  }

  /** Signs under a lock that all tabs have, and sends; null where the key is gone. Where there is a `wallet`, it signs. */
  async function signAndSend(what: Signable, lock: string, address: Address, act: Act, wallet?: WalletConnection): Promise<OperationOutcome | null> {
    const outcome = await holdFor(act, locks, lock, async () => {
      if (wallet !== undefined) return operations.run(what, walletSigner(wallet, address), act);
      const key = await keys.confirmed(address, act);
      return key === null ? null : await operations.run(what, deviceSigner(key), act);
    });
    if (outcome === null || what.changesKeys === true) {
      page.set({ key: await keys.load(address, false, act) });
      channel.post({ kind: "key", address });
    } else await learnOfKey(outcome.status, address, act);
    return outcome;
  }

  async function learnOfKey(status: string, address: Address, act: Act): Promise<void> {
    channel.post({ kind: "operated", address });
    if (status === "INVALID_SIGNING_KEY") page.set({ key: await keys.refused(address, act) });
    if (status === "EXPIRED_SIGNING_KEY") page.set({ key: await keys.ranOut(address, act) });
  }

  /** Brings the page to the truth after an answer, whatever it was. */
  async function readBack(op: Operation, handle: string, { status }: OperationOutcome, act: Act): Promise<void> {
    const read = await act.waitFor(GATEWAY, profile.again());
    const shown = page.get().profile;
    // Where it cannot be read now, the gateway's own answer is the truth about the button; the count waits.
    if (!read && (status === "SUCCESS" || status === "ALREADY_DONE") && shown?.handle === handle) {
      page.set({ profile: { ...shown, isFollowedByMe: op === "follow" } });
    }
  }

  async function operateNow(op: Operation, handle: string, address: Address, act: Act): Promise<Result> {
    const began = clock.elapsed();
    const what = aboutHandle(op, address, handle, (ts) => composeMessage(op, address, handle, ts));
    const outcome = await signAndSend(what, `operation:${address.toLowerCase()}:${handle}`, address, act);
    const durationMs = clock.elapsed() - began;
    if (outcome === null) return keyLost();
    await readBack(op, handle, outcome, act);
    return operationResult(op, handle, outcome, page.get(), durationMs);
  }

  /** A lost reply says nothing about the operation. The profile does. */
  async function afterLostReply(op: Operation, handle: string, address: Address, act: Act): Promise<Result | null> {
    const read = await act.waitFor(GATEWAY, profile.of(handle));
    if (read?.isFollowedByMe !== (op === "follow")) return null;
    channel.post({ kind: "operated", address });
    const now = op === "follow" ? "follow" : "no longer follow";
    return note(`The reply was lost, but the gateway has it: you ${now} @${handle}.`, op === "follow" ? null : UNDO);
  }

  /** Does it for this handle and this account, whatever field and session say by the time that the rest is ready. */
  function operate(op: Operation, handle: string): Promise<void> {
    const busy = op === "follow" ? "following" : "unfollowing";
    const { address: by, signedIn } = page.get();
    const checkAccount = (): void => {
      if (signedIn && !sameAddress(page.get().address, by)) throw new ProblemError("wrong-account", "Another account is signed in now");
    };
    return page.run(`${op === "follow" ? "Follow" : "Unfollow"} @${handle}`, busy, () => operate(op, handle), async (act) => {
      checkAccount();
      const ended = await prepare(op, handle, act);
      if (ended !== null) return ended;
      checkAccount();
      page.set({ busy });
      const address = signedInAs();
      last = handle;
      try {
        return await operateNow(op, handle, address, act);
      } catch (error) {
        const said = mayHaveArrived(error) ? await afterLostReply(op, handle, address, act) : null;
        if (said === null) throw error;
        return said;
      }
    });
  }

  /** Anything else that the device key signs, or the wallet. */
  const sign: Account["sign"] = (name, make, words, by = "device") =>
    page.run(name, "signing", () => sign(name, make, words, by), async (act) => {
      if (!page.get().signedIn) await presence.signIn(act, null);
      const ended = by === "wallet" ? null : await authorised(act);
      if (ended !== null) return ended;
      const address = signedInAs();
      const wallet = by === "wallet" ? await presence.walletFor(address, act) : undefined;
      page.set({ busy: "signing" });
      const what = make(address);
      const began = clock.elapsed();
      const outcome = await signAndSend(what, `operation:${what.about.toLowerCase()}`, address, act, wallet);
      if (outcome === null) return keyLost();
      const { status, tsInServer, digest } = outcome;
      const durationMs = by === "wallet" ? null : clock.elapsed() - began; // people read before they approve
      const said = await act.waitFor(GATEWAY, Promise.resolve(words(status)));
      return { kind: "status", op: "other", handle: null, status, tsInServer, digest, durationMs, ...said };
    });

  const vouched: Account["vouched"] = (name, work) =>
    page.run(name, "signing", () => vouched(name, work), async (act) => {
      if (!page.get().signedIn) await presence.signIn(act, null);
      const address = signedInAs();
      try {
        return await act.waitFor(SITE_HAS_IT, work(address));
      } catch (error) {
        if (!(error instanceof ProblemError) || error.slug !== "sign-in-again") throw error;
      }
      await presence.signInAgain(address, act);
      return act.waitFor(SITE_HAS_IT, work(address));
    });

  const readKey = (): Promise<void> =>
    page.settle(async (act) => {
      const { address, signedIn } = page.get();
      if (signedIn && address !== null) page.set({ key: await keys.load(address, false, act) });
      return null;
    });

  async function hear(news: TabNews): Promise<void> {
    if (news.kind === "operated") await profile.again();
    else if (news.kind === "session") await presence.sessionChanged(news);
    else if (!page.running() && sameAddress(news.address, page.get().address)) await readKey();
  }

  const revokeKeys = (): Promise<void> => page.run("Revoke this device's key", "revoking", revokeKeys, presence.revokeKeys);

  /** Whether the card of `handle` is the one on the page, and what the field says as well. */
  const isShown = (handle: string): boolean => page.get().profile?.handle === handle && hindrance(page.get().handle, handle, false) === null;
  const offered = (action: NextStep["action"]): boolean => page.get().result?.next?.action === action;
  const account: Account = {
    state: page.get,
    subscribe: page.subscribe,
    async start() {
      stopHearing = channel.subscribe((news) => void hear(news));
      stopReading = keepReading(page, profile, deps.pause);
      presence.resume();
      if (page.get().signedIn) await readKey();
    },
    connect: (wallet) => page.run("Sign in", "connecting", () => account.connect(wallet), (act) => presence.signIn(act, wallet)),
    signIn: () => page.run("Sign in", "signing-in", account.signIn, (act) => presence.signIn(act, null)),
    async attempt(name, work) {
      try {
        await work();
      } catch (error) {
        await page.run(name, "connecting", () => account.attempt(name, work), () => Promise.reject(error));
      }
    },
    authorise: () => page.run("Authorise this device", "authorising", account.authorise, authoriseNow),
    async follow(handle) {
      if (isShown(handle)) await operate("follow", handle);
    },
    async unfollow(handle) {
      if (isShown(handle)) await operate("unfollow", handle);
    },
    sign,
    vouched,
    toggle: (handle) => (page.get().profile?.isFollowedByMe === true ? account.unfollow(handle) : account.follow(handle)),
    typed(text) {
      const { handle, result } = page.get();
      page.set({ handle: text, result: normaliseHandle(text) === normaliseHandle(handle) ? result : beside(result) });
    },
    async lookUp(typed) {
      account.typed(typed);
      await profile.lookUp(typed);
    },
    async suggest(prefix) {
      try {
        return await api.suggest(prefix);
      } catch (error) {
        if (error instanceof ProblemError) return []; // suggestions are a convenience; looking the handle up says what is wrong
        throw error;
      }
    },
    async reload() {
      if (page.running()) return;
      await page.settle(async (act) => {
        const before = page.get().signedIn;
        await presence.refresh(act);
        const { address, signedIn } = page.get();
        return before && !signedIn ? displaced(address, api.session().address) : null;
      });
    },
    lookAgain: () => presence.sessionChanged(),
    signOut: () => presence.signOut(),
    async act({ action }) {
      // What the page does not offer any more was about another act, or another account.
      if (action === "retry" && offered("retry")) await page.retry();
      else if (action === "undo" && offered("undo")) await operate("follow", last);
      else if (action === "revoke-key" && offered(action)) await revokeKeys();
      else if (action === "authorise") await account.authorise();
      else if (action === "reload") await account.reload();
      else if (action === "switch-chain" && offered("switch-chain")) await presence.switchingChain(page.retry);
      else if (action === "sign-in" || action === "connect") await account.signIn();
    },
    cancel: page.cancel,
    setOnline(online) {
      if (online === page.get().online) return;
      page.set({ online });
      if (online) void account.reload();
    },
    stop() {
      stopHearing();
      stopReading();
      presence.stop();
      page.supersede();
    },
  };
  return account;
}
