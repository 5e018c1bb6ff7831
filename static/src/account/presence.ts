// Who is here: the wallet's account, the site's session, and what happens when one of them changes.

import type { Api } from "../api/api.ts";
import { ProblemError } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import type { Bootstrap } from "../api/types.ts";
import type { Locks } from "../browser/locks.ts";
import type { Memory } from "../browser/memory.ts";
import { forgetWork } from "../browser/memory.ts";
import { piece } from "../browser/piece.ts";
import type { Channel, SessionNews } from "../browser/tabs.ts";
import type { ProfileReader } from "../follow/profile-reader.ts";
import { asStranger } from "../follow/profile-reader.ts";
import type { Address } from "../protocol/address.ts";
import { sameAddress } from "../protocol/address.ts";
import { signText } from "../protocol/signing-key.ts";
import type { Act } from "../state/act.ts";
import { Superseded } from "../state/act.ts";
import type { PageState } from "../state/page-state.ts";
import { displaced, note, NothingChosen, signedIn } from "../state/results.ts";
import { SIGN_IN, SIGN_IN_AGAIN } from "../state/status-words.ts";
import type { Result, State } from "../state/types.ts";
import { forWallet, GATEWAY, GATEWAY_HAS_IT, SITE, SITE_HAS_IT } from "../state/waits.ts";
import { dayOf, shortAddress } from "../text/format.ts";
import { WalletLocked } from "../wallet/answers.ts";
import type { WalletConnection } from "../wallet/connection.ts";
import { connectWallet } from "../wallet/connection.ts";
import { findAgain, lastWallet, rememberWallet } from "../wallet/reconnect.ts";
import type { AnnouncedWallet, WalletDiscovery } from "../wallet/types.ts";
import type { DeviceKeys } from "./device-key.ts";
import { NO_KEY } from "./device-key.ts";
import { signInWith } from "./login.ts";
import type { Leaver } from "./parting.ts";

interface PresenceDeps {
  api: Api;
  wallets: WalletDiscovery;
  chooseWallet(): Promise<AnnouncedWallet | null>;
  memory: Memory;
  clock: Clock;
  serverClock: ServerClock;
  channel: Channel;
  locks: Locks;
  bootstrap: Bootstrap;
  origin: string;
  pause(ms: number): Promise<void>;
  page: PageState;
  keys: DeviceKeys;
  profile: ProfileReader;
}

interface Presence {
  /** Signs in with `chosen`, the connected wallet, or one that the visitor chooses. */
  signIn(act: Act, chosen: AnnouncedWallet | null): Promise<Result>;
  /** While `work` runs, a wallet on a chain that may not sign in is asked to change to one that may. */
  switchingChain(work: () => Promise<void>): Promise<void>;
  /** A wallet that shows the page's own account; connects one where none is. */
  walletFor(address: Address, act: Act): Promise<WalletConnection>;
  /** Has the wallet of the page's own account sign in anew, though the account is signed in. */
  signInAgain(address: Address, act: Act): Promise<void>;
  /** Asks the site who is signed in, and takes that over. */
  refresh(act: Act): Promise<void>;
  /** Ends the session here and at the site. */
  signOut(): Promise<void>;
  /** Has the keys of whoever left last revoke themselves: no wallet and no session is needed. */
  revokeKeys(act: Act): Promise<Result>;
  /** Another tab says that it changed the session. */
  sessionChanged(news?: SessionNews): Promise<void>;
  /** Looks for the wallet of the last visit, without a prompt. An act that needs a wallet waits for it. */
  resume(): void;
  stop(): void;
}

/** How long after the page opened an act still waits for the wallet of the last visit, before it asks which one to use. */
const PATIENCE_MS = 3_000;

const face = ({ name, icon, rdns }: AnnouncedWallet): State["wallet"] => ({ name, icon, rdns });

const parting = () => piece(() => import("./parting.ts"));

const sameOrNobody = (one: Address | null, other: Address | null): boolean => one === other || sameAddress(one, other);

export function createPresence(deps: PresenceDeps): Presence {
  const { api, wallets, memory, channel, page, keys, profile } = deps;
  let connection: WalletConnection | null = null;
  /** The page has left, but the site could not be told yet. */
  let owesLogout = false;
  /** Who left last, whose keys may still be here. */
  let leaver: Leaver = { sentence: "", was: page.get(), addresses: [] };
  /** Accounts that were signed in beside others, until one more was, and would be again by a signature of their wallets. */
  let letGo: Address[] = [];
  let maySwitchChain = false;
  let resuming: Promise<void> = Promise.resolve();
  let stopWaiting = (): void => {};

  const asNobody = (address: Address | null): Partial<State> => ({
    address,
    signedIn: false,
    key: NO_KEY,
    profile: asStranger(page.get().profile),
  });

  /** Takes over what the site says: the page is the wallet's account, or the session's where no wallet is connected. */
  async function settle(act: Act, fresh: boolean): Promise<void> {
    const session = api.session();
    const shown = connection?.address() ?? session.address;
    const signedIn = sameAddress(session.address, shown);
    const { address: before, signedIn: was } = page.get();
    // What was said to one account, and its "Undo" and "Try again", is not for the next one.
    const stays = sameOrNobody(before, shown);
    if (!stays) page.set({ result: null });
    if (!signedIn || !was || !stays) page.set(asNobody(shown));
    const address = signedIn ? session.address : shown;
    page.set({ address, signedIn });
    const reading = profile.again();
    if (signedIn && address !== null) page.set({ key: await keys.load(address, fresh, act) });
    await act.waitFor(GATEWAY, reading);
  }

  /** Makes an account that is signed in already the active one; false where it is not. */
  async function reactivate(address: Address, act: Act): Promise<boolean> {
    // What an earlier switch asked for may still be on its way, and would be the last word.
    await act.waitFor(SITE, api.settled());
    const { addresses, address: active } = api.session();
    if (!addresses.some((known) => sameAddress(known, address))) return false;
    if (sameAddress(active, address)) return true;
    try {
      await act.waitFor(SITE_HAS_IT, api.setActive(address));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== "not-signed-in") throw error;
      await act.waitFor(SITE, api.refresh());
      return false;
    }
    channel.post({ kind: "session", change: "switched" });
    return true;
  }

  /** The wallet shows another account: the page is that one's from here on. */
  function turnTo(address: Address, wallet: AnnouncedWallet): void {
    page.supersede();
    page.set({ ...asNobody(address), wallet: face(wallet), result: null });
    void page.settle(async (act) => {
      if (owesLogout) await logOut(act);
      const known = await reactivate(address, act);
      await settle(act, false);
      const who = `The wallet shows ${shortAddress(address)} now.`;
      if (known) return note(`${who} It is signed in already.`);
      const again = letGo.some((one) => sameAddress(one, address));
      return again ? note(`${who} Sign in again to go on.`, SIGN_IN_AGAIN) : note(`${who} Sign in to go on.`, SIGN_IN);
    });
  }

  async function logOut(act: Act): Promise<void> {
    // It counts once it has left, also where nobody waits for it any more: another tab may sign in next.
    const told = api.logout().then(() => {
      owesLogout = false;
      channel.post({ kind: "session", change: "signed out" });
    });
    await act.waitFor(SITE_HAS_IT, told);
  }

  /** What there is to say to whoever has left. */
  async function farewell(act: Act): Promise<Result> {
    try {
      const { stillSigns } = await act.still(parting());
      return await stillSigns(leaver, keys, act, deps, dayOf, shortAddress);
    } catch (error) {
      if (error instanceof Superseded) throw error;
      return note(leaver.sentence); // whatever became of keys and storage, the sign-out went well
    }
  }

  async function leave(sentence: string): Promise<void> {
    leaver = { sentence, was: page.get(), addresses: api.session().addresses };
    // What was signed in their names and not answered is no one else's to see on this computer.
    for (const address of leaver.addresses) forgetWork(memory, address);
    page.supersede();
    owesLogout = true;
    page.set({ ...asNobody(null), wallet: null, result: null });
    await page.settle(async (act) => {
      await logOut(act);
      await act.waitFor(GATEWAY, profile.again());
      return farewell(act);
    });
  }

  function watch(made: WalletConnection): void {
    connection?.close();
    connection = made;
    rememberWallet(memory, made.wallet);
    const gone = (): void => void leave("The wallet was locked or disconnected, so you are signed out.");
    made.onAccounts((address) => (address === null ? gone() : turnTo(address, made.wallet)));
  }

  /** The wallet of the last visit is here again, unless the visitor has chosen one or left meanwhile. */
  function takeBack(made: WalletConnection): void {
    if (connection !== null || !page.get().signedIn) return made.close();
    watch(made);
    const address = made.address();
    if (address === null) return;
    if (sameAddress(address, page.get().address)) page.set({ wallet: face(made.wallet) });
    else turnTo(address, made.wallet);
  }

  const lastUsed = (): { name: string } => {
    const isLast = lastWallet(memory);
    return (isLast === null ? undefined : wallets.current().find(isLast)) ?? { name: "your wallet" };
  };

  async function connect(wallet: AnnouncedWallet, act: Act): Promise<WalletConnection> {
    page.set({ busy: "connecting" });
    const connecting = connectWallet(wallet, true);
    try {
      const made = await act.waitFor(forWallet(wallet), connecting);
      watch(made);
      page.set({ wallet: face(wallet) });
      return made;
    } catch (error) {
      // Where the page did not wait for it, nobody listens to it either.
      connecting.then((late) => late !== connection && late.close()).catch(() => undefined);
      throw error;
    }
  }

  /** A wallet that shows an account: `chosen`, the connected one, or one that the visitor chooses. */
  async function connected(act: Act, chosen: AnnouncedWallet | null): Promise<{ wallet: WalletConnection; address: Address }> {
    if (chosen === null && connection === null) await act.waitFor(forWallet(lastUsed()), resuming);
    let wallet = connection;
    if (chosen !== null || wallet === null || wallet.address() === null) {
      const choice = chosen ?? (await act.still(deps.chooseWallet()));
      if (choice === null) throw new NothingChosen("No wallet chosen");
      wallet = await connect(choice, act);
    }
    const address = wallet.address();
    if (address === null) throw new WalletLocked("The wallet was locked meanwhile");
    return { wallet, address };
  }

  /** A signature for the account, known already or not; gives the accounts that it ends beside it. */
  async function signInAnew(wallet: WalletConnection, address: Address, act: Act): Promise<Address[]> {
    const { addresses: before } = api.session();
    const { addresses } = await signInWith(wallet, address, act, deps, maySwitchChain);
    const gone = before.filter((one) => !addresses.includes(one));
    letGo = [...letGo, ...gone].filter((one) => !addresses.includes(one));
    channel.post({ kind: "session", change: "signed in" });
    return gone;
  }

  /** A wallet that shows this account; where it shows another, the page turns to that. */
  async function walletFor(address: Address, act: Act): Promise<WalletConnection> {
    const { wallet, address: shown } = await connected(act, null);
    if (sameAddress(shown, address)) return wallet;
    turnTo(shown, wallet.wallet);
    throw new Superseded("The wallet shows another account");
  }

  async function hasChanged(): Promise<boolean> {
    const { address, signedIn } = page.get();
    const session = await api.refresh().catch(() => null);
    if (session === null) return false;
    const shown = connection?.address() ?? session.address;
    return sameAddress(session.address, shown) !== signedIn || !sameOrNobody(shown, address);
  }

  return {
    async signIn(act, chosen) {
      const { wallet, address } = await connected(act, chosen);
      page.set({ busy: "signing-in" });
      // Whoever asks for it although the page takes the account for signed in has been told otherwise.
      if (page.get().signedIn) await act.waitFor(SITE, api.refresh());
      if (!sameAddress(address, page.get().address)) page.set(asNobody(address));
      if (owesLogout) await logOut(act);
      const known = await reactivate(address, act);
      const gone = known ? [] : await signInAnew(wallet, address, act);
      await settle(act, !known);
      return signedIn(gone);
    },
    async switchingChain(work) {
      maySwitchChain = true;
      await work().finally(() => (maySwitchChain = false));
    },
    walletFor,
    async signInAgain(address, act) {
      await signInAnew(await walletFor(address, act), address, act);
    },
    async refresh(act) {
      if (owesLogout) await logOut(act);
      await act.waitFor(SITE, api.refresh());
      await settle(act, false);
    },
    async signOut() {
      connection?.close();
      connection = null;
      await leave("Signed out.");
    },
    async revokeKeys(act) {
      const { revokeKeys } = await act.still(parting());
      return revokeKeys(leaver, keys, act, deps, GATEWAY_HAS_IT, signText);
    },
    async sessionChanged(news) {
      await api.settled(); // a sign-out under way has the last word
      if (owesLogout && !page.running()) {
        // Whoever left has left, whatever the site still says: it is told first.
        return page.settle(async (act) => {
          await logOut(act);
          await settle(act, false);
          return farewell(act);
        });
      }
      // A tab that is just signing in goes on with it: its own session will be the newer one.
      if (!(await hasChanged()) || (page.running() && !page.get().signedIn)) return;
      page.supersede();
      await page.settle(async (act) => {
        await settle(act, false);
        const { address, signedIn } = page.get();
        const who = news === undefined ? "This browser is" : "Another tab";
        if (signedIn && address !== null) return note(`${who} signed in as ${shortAddress(address)}.`);
        return news?.change === "signed out" ? note("Another tab signed out.", address === null ? null : SIGN_IN) : displaced(address, api.session().address, who);
      });
    },
    resume() {
      const last = lastWallet(memory);
      if (last === null || !page.get().signedIn) return;
      const search = findAgain(wallets, last);
      stopWaiting = search.stop;
      const back = search.found.then((made) => (made === null ? undefined : takeBack(made)));
      resuming = Promise.race([back, deps.pause(PATIENCE_MS)]);
    },
    stop() {
      stopWaiting();
      connection?.close();
    },
  };
}
