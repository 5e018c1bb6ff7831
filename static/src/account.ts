// The page's state machine: who is here, with which key, and the acts that a click begins. No DOM.

import type { Act } from "./act.ts";
import { beginAct, Superseded } from "./act.ts";
import type { Api } from "./api.ts";
import { ProblemError } from "./api.ts";
import { createDeviceKeys, NO_KEY } from "./device-key.ts";
import { shortAddress } from "./format.ts";
import type { KeyStore } from "./key-store.ts";
import { signInWith } from "./login.ts";
import type { Memory } from "./memory.ts";
import type { OperationOutcome } from "./operation.ts";
import { createOperations } from "./operation.ts";
import { isAboutSession, mayHaveArrived } from "./problems.ts";
import { asStranger, createProfileReader } from "./profile-reader.ts";
import { alreadySo, keyLost, note, NothingChosen, operationResult, registrationResult, resultOf } from "./results.ts";
import type { Clock, ServerClock } from "./server-clock.ts";
import type { Channel, Locks, TabNews } from "./single-flight.ts";
import { CONNECT, SIGN_IN } from "./status.ts";
import type { Account, Address, AnnouncedWallet, Bootstrap, Busy, Operation, RecordStep, Result, State, WalletDiscovery } from "./types.ts";
import type { WalletConnection } from "./wallet.ts";
import { connectWallet, sameAddress } from "./wallet.ts";

export type { Account, Result, State } from "./types.ts";

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
  record: RecordStep;
  bootstrap: Bootstrap;
  /** This page's own, such as `https://example.org`. */
  origin: string;
}

const LAST_WALLET = "countersign.wallet";

function firstState({ address, featured }: Bootstrap): State {
  return {
    wallet: null,
    address,
    signedIn: address !== null,
    key: NO_KEY,
    busy: null,
    handle: featured?.handle ?? "",
    profile: featured,
    profileProblem: null,
    result: null,
    online: true,
  };
}

const face = ({ name, icon, rdns }: AnnouncedWallet): State["wallet"] => ({ name, icon, rdns });

export function createAccount(deps: AccountDeps): Account {
  const { api, wallets, memory, clock, locks, channel } = deps;
  const listeners = new Set<(state: State) => void>();
  let state = firstState(deps.bootstrap);
  let connection: WalletConnection | null = null;
  /** Aborted whenever the account changes: everything under way was for the one before. */
  let tenure = new AbortController();
  let running: Promise<void> | null = null;
  /** What has to be known before an act may begin: the key of this account, foremost. */
  let settling: Promise<void> = Promise.resolve();
  let again: () => Promise<void> = async () => {};
  let traces = 0;
  const stops: (() => void)[] = [];

  const set = (patch: Partial<State>): void => {
    state = { ...state, ...patch };
    for (const listener of listeners) listener(state);
  };
  const begin = (): Act => beginAct(`act-${++traces}`, tenure.signal, clock, deps.record);
  const keys = createDeviceKeys({ ...deps, keyLifetimeDays: deps.bootstrap.keyLifetimeDays });
  const operations = createOperations(deps);
  const profile = createProfileReader(api, () => state, set);

  // --- Who is here

  /** Drops what is under way. */
  function supersede(): void {
    tenure.abort();
    tenure = new AbortController();
    running = null;
    profile.forget();
    set({ busy: null });
  }

  /** Takes over what the site says: the page is the wallet's account, or the session's where no wallet is connected. */
  async function settle(act: Act, fresh: boolean): Promise<void> {
    const session = api.session();
    const shown = connection?.address() ?? session.address;
    const signedIn = sameAddress(session.address, shown);
    if (!signedIn || !state.signedIn || !sameAddress(state.address, shown)) set({ key: NO_KEY, profile: asStranger(state.profile) });
    set({ address: signedIn ? session.address : shown, signedIn });
    const { address } = state;
    const reading = profile.again();
    if (signedIn && address !== null) set({ key: await act.still(keys.load(address, fresh)) });
    await act.still(reading);
  }

  /** Runs `work` before any act may begin, and shows its result. */
  function settleBy(work: (act: Act) => Promise<Result | null>): Promise<void> {
    const act = begin();
    const run = async (): Promise<void> => {
      if (state.busy === null) set({ busy: "loading" });
      try {
        const result = await work(act);
        if (result !== null) set({ result });
      } catch (error) {
        if (!(error instanceof Superseded)) set({ result: resultOf(error) });
      } finally {
        if (!act.signal.aborted && state.busy === "loading") set({ busy: null });
      }
    };
    settling = run();
    return settling;
  }

  /** The account among those signed in here becomes the active one; false where it is not among them. */
  async function reactivate(address: Address, act: Act): Promise<boolean> {
    if (!api.session().addresses.some((known) => sameAddress(known, address))) return false;
    if (sameAddress(api.session().address, address)) return true;
    try {
      await act.still(api.setActive(address));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== "not-signed-in") throw error;
      await act.still(api.refresh());
      return false;
    }
    channel.post({ kind: "session" });
    return true;
  }

  /** The wallet shows another account: the page is that one's from here on, or nobody's. */
  function turnTo(address: Address, wallet: AnnouncedWallet): void {
    supersede();
    set({ wallet: face(wallet), address, signedIn: false, key: NO_KEY, profile: asStranger(state.profile), result: null });
    void settleBy(async (act) => {
      const known = await reactivate(address, act);
      await settle(act, false);
      const who = `The wallet shows ${shortAddress(address)} now.`;
      return known ? note(`${who} It is signed in already.`) : note(`${who} Sign in to go on.`, SIGN_IN);
    });
  }

  /** Ends the session here and at the site. */
  async function leave(said: Result): Promise<void> {
    supersede();
    set({ wallet: null, address: null, signedIn: false, key: NO_KEY, profile: asStranger(state.profile), result: null });
    again = () => leave(said);
    await settleBy(async (act) => {
      await act.still(api.logout());
      channel.post({ kind: "session" });
      await profile.again();
      return said;
    });
  }

  function watch(made: WalletConnection): void {
    connection?.close();
    connection = made;
    memory.set(LAST_WALLET, made.wallet.rdns || made.wallet.uuid);
    const gone = (): void => void leave(note("The wallet was locked or disconnected, so you are signed out.", CONNECT));
    made.onAccounts((address) => (address === null ? gone() : turnTo(address, made.wallet)));
    made.onDisconnect(gone);
  }

  /** Finds the wallet of the last visit and asks it, silently, which account it shows. */
  async function resume(): Promise<void> {
    const last = memory.get(LAST_WALLET);
    if (last === null || !state.signedIn) return;
    const find = (): AnnouncedWallet | undefined => wallets.current().find(({ rdns, uuid }) => (rdns || uuid) === last);
    const wallet = find() ?? (await new Promise<AnnouncedWallet>((resolve) => {
      const stop = wallets.subscribe(() => {
        const found = find();
        if (found === undefined) return;
        stop();
        resolve(found);
      });
      stops.push(stop);
    }));
    const made = await connectWallet(wallet, false).catch(() => null); // it may stay silent: the session is still good
    if (made === null) return;
    if (connection !== null || !state.signedIn) return made.close();
    watch(made);
    const address = made.address();
    if (address === null) return;
    if (sameAddress(address, state.address)) set({ wallet: face(wallet) });
    else turnTo(address, wallet);
  }

  // --- Acts

  /** One act at a time; while one runs, asking for another gives the one that runs. */
  function run(busy: Exclude<Busy, null>, retry: () => Promise<void>, work: (act: Act) => Promise<Result | null>): Promise<void> {
    if (running !== null) return running;
    again = retry;
    const act = begin();
    const go = async (): Promise<void> => {
      let result: Result | null = null;
      try {
        await act.still(settling);
        set({ busy, result: null });
        result = await work(act);
      } catch (error) {
        if (error instanceof Superseded) return;
        result = resultOf(error);
        if (isAboutSession(error)) await recover(act);
      }
      if (act.signal.aborted) return;
      running = null;
      set({ busy: null, result });
    };
    running = go();
    return running;
  }

  /** Learns anew who is signed in, after the site said that this page has it wrong. */
  async function recover(act: Act): Promise<void> {
    try {
      await act.still(api.refresh());
      await settle(act, false);
    } catch (error) {
      if (!(error instanceof ProblemError || error instanceof Superseded)) throw error;
    }
  }

  /** A wallet that shows an account: the connected one, that of `chosen`, or one that the visitor chooses. */
  async function connected(act: Act, chosen: AnnouncedWallet | null): Promise<{ wallet: WalletConnection; address: Address }> {
    const present = connection?.address() ?? null;
    if (chosen === null && connection !== null && present !== null) return { wallet: connection, address: present };
    const wallet = chosen ?? (await act.still(deps.chooseWallet()));
    if (wallet === null) throw new NothingChosen("No wallet chosen");
    set({ busy: "connecting" });
    const connecting = connectWallet(wallet, true);
    const made = await act.still(connecting).catch((error: unknown) => {
      void connecting.then((late) => late.close(), () => undefined);
      throw error;
    });
    watch(made);
    const address = made.address();
    if (address === null) throw new Superseded("The wallet was locked meanwhile");
    set({ wallet: face(wallet) });
    return { wallet: made, address };
  }

  async function signInNow(act: Act, chosen: AnnouncedWallet | null): Promise<void> {
    const { wallet, address } = await connected(act, chosen);
    set({ busy: "signing-in" });
    if (!sameAddress(address, state.address)) set({ address, signedIn: false, key: NO_KEY, profile: asStranger(state.profile) });
    const known = await reactivate(address, act);
    if (!known) {
      await signInWith(wallet, address, act, deps);
      channel.post({ kind: "session" });
    }
    await settle(act, !known);
  }

  async function authoriseNow(act: Act): Promise<{ status: string; durationMs: number } | null> {
    if (!state.signedIn) await signInNow(act, null);
    const { address, signedIn } = state;
    if (address === null || !signedIn) return null;
    const { wallet, address: shown } = await connected(act, null);
    if (!sameAddress(shown, address)) {
      turnTo(shown, wallet.wallet);
      throw new Superseded("The wallet shows another account");
    }
    set({ busy: "authorising" });
    const began = clock.elapsed();
    const { status, key } = await keys.authorise(address, wallet, act);
    set({ key });
    return { status, durationMs: clock.elapsed() - began };
  }

  /** Runs what is missing before an operation; a result where it ends there. */
  async function prepare(op: Operation, handle: string, act: Act): Promise<Result | null> {
    if (!state.signedIn) {
      await signInNow(act, null);
      const said = alreadySo(op, handle, state.profile);
      if (said !== null) return said;
    }
    if (state.key.state === "ready") return null;
    const registration = await authoriseNow(act);
    if (registration === null || registration.status === "SUCCESS") return null;
    return registrationResult(registration.status, registration.durationMs);
  }

  /** Brings the page to the truth after an operation, whatever became of it. */
  async function readBack(op: Operation, handle: string, address: Address, outcome: OperationOutcome, act: Act): Promise<void> {
    const { status } = outcome;
    channel.post({ kind: "operated", address });
    if (status === "INVALID_SIGNING_KEY") set({ key: await act.still(keys.refused(address)) });
    if (status === "EXPIRED_SIGNING_KEY") set({ key: { ...(await act.still(keys.load(address, true))), state: "expired" } });
    const read = await act.still(profile.again());
    if (!read && (status === "SUCCESS" || status === "ALREADY_DONE") && state.profile?.handle === handle) {
      set({ profile: { ...state.profile, isFollowedByMe: op === "follow" } });
    }
  }

  const operate = (op: Operation, handle: string): Promise<void> =>
    run(op === "follow" ? "following" : "unfollowing", () => operate(op, handle), async (act) => {
      const ended = await prepare(op, handle, act);
      const { address } = state;
      if (ended !== null || address === null) return ended;
      set({ busy: op === "follow" ? "following" : "unfollowing" });
      const began = clock.elapsed();
      try {
        const outcome = await act.still(
          locks.hold(`operation:${address.toLowerCase()}:${handle}`, async () => {
            const key = await act.still(keys.confirmed(address));
            return key === null ? null : await operations.run(op, address, handle, key, act);
          }),
        );
        const durationMs = clock.elapsed() - began;
        if (outcome === null) {
          set({ key: await act.still(keys.load(address, false)) });
          return keyLost();
        }
        await readBack(op, handle, address, outcome, act);
        return operationResult(op, handle, outcome, state, durationMs);
      } catch (error) {
        if (error instanceof Superseded || !mayHaveArrived(error)) throw error;
        // The reply is lost, which says nothing about the operation: the profile does.
        const read = await act.still(profile.again());
        if (!read || state.profile?.isFollowedByMe !== (op === "follow")) throw error;
        channel.post({ kind: "operated", address });
        return note(`The reply was lost, but the gateway has it: you ${op === "follow" ? "follow" : "no longer follow"} @${handle}.`);
      }
    });

  async function hear(news: TabNews): Promise<void> {
    if (news.kind === "operated") return void (await profile.again());
    if (news.kind === "key") {
      const { address, signedIn } = state;
      if (running === null && signedIn && address !== null && sameAddress(news.address, address)) {
        await settleBy(async (act) => (set({ key: await act.still(keys.load(address, false)) }), null));
      }
      return;
    }
    const session = await api.refresh().catch(() => null);
    if (session === null) return;
    const shown = connection?.address() ?? session.address;
    const same = sameAddress(session.address, shown) === state.signedIn && (shown === state.address || sameAddress(shown, state.address));
    if (same || (running !== null && !state.signedIn)) return;
    supersede();
    await settleBy(async (act) => {
      await settle(act, false);
      if (state.signedIn) return note(`Another tab signed in as ${shortAddress(state.address ?? "")}.`);
      return note("Another tab signed out or changed the account.", state.address === null ? CONNECT : SIGN_IN);
    });
  }

  const account: Account = {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async start() {
      stops.push(channel.subscribe((news) => void hear(news)));
      const { address } = state;
      if (address !== null) await settleBy(async (act) => (set({ key: await act.still(keys.load(address, false)) }), null));
      void resume();
    },
    connect: (wallet) => run("connecting", () => account.connect(wallet), async (act) => (await signInNow(act, wallet), note("Signed in."))),
    signIn: () => run("signing-in", () => account.signIn(), async (act) => (await signInNow(act, null), note("Signed in."))),
    authorise: () =>
      run("authorising", () => account.authorise(), async (act) => {
        const registration = await authoriseNow(act);
        return registration === null ? null : registrationResult(registration.status, registration.durationMs);
      }),
    follow: async () => (state.profile === null ? undefined : operate("follow", state.profile.handle)),
    unfollow: async () => (state.profile === null ? undefined : operate("unfollow", state.profile.handle)),
    toggle: () => (state.profile?.isFollowedByMe === true ? account.unfollow() : account.follow()),
    lookUp: (typed) => profile.lookUp(typed),
    suggest: (prefix) => api.suggest(prefix).catch(() => []),
    async reload() {
      if (running !== null) return;
      await settleBy(async (act) => {
        await act.still(api.refresh());
        await settle(act, false);
        return null;
      });
    },
    async signOut() {
      connection?.close();
      connection = null;
      memory.set(LAST_WALLET, null);
      await leave(note("Signed out."));
    },
    async act({ action }) {
      if (action === "retry") return again();
      if (action === "authorise") return account.authorise();
      if (action === "reload") return account.reload();
      if (action === "sign-in" || action === "connect") return account.signIn();
    },
    setOnline(online) {
      if (online === state.online) return;
      set({ online });
      if (online) void account.reload();
    },
    stop() {
      for (const stop of stops) stop();
      tenure.abort();
      connection?.close();
    },
  };
  return account;
}
