// A browser with tabs on the fake site: what the tabs share (storage, keys, locks, session) and what each has of its own.

import { createAccount } from "../../../static/src/account/account.ts";
import type { Account } from "../../../static/src/account/types.ts";
import type { Api } from "../../../static/src/api/api.ts";
import { createApi } from "../../../static/src/api/api.ts";
import { createServerClock } from "../../../static/src/api/server-clock.ts";
import { createLocks } from "../../../static/src/browser/locks.ts";
import { createMemory } from "../../../static/src/browser/memory.ts";
import type { TabNews } from "../../../static/src/browser/tabs.ts";
import type { Ending, State, Step } from "../../../static/src/state/types.ts";
import type { AnnouncedWallet, WalletDiscovery } from "../../../static/src/wallet/types.ts";
import { BASE_TIME, FakeSite, ORIGIN } from "./fake-site.ts";
import { ALICE, BOB, channelHub, FakeWallet, MemoryKeyStore, memoryStorage } from "./fakes.ts";

export interface Tab {
  account: Account;
  api: Api;
  started: Promise<void>;
  steps: Step[];
  endings: Ending[];
  announced: AnnouncedWallet;
  /** The wallet announces itself; only where it is late. */
  announce(): void;
  /** How often the list of wallets was shown. */
  choices(): number;
  /** Resolves as soon as the state is so. */
  until(so: (state: State) => boolean): Promise<State>;
}

export class FakeBrowser {
  readonly site = new FakeSite();
  readonly wallet = new FakeWallet([ALICE, BOB]);
  readonly keyStore = new MemoryKeyStore();
  readonly storage = memoryStorage();
  /** What this computer's clock is off by. */
  skew = 0;
  /** The visitor closes the list of wallets. */
  choosesNothing = false;
  /** The wallet announces itself only when a tab's `announce` is called. */
  late = false;
  /** The browser has no channel between its tabs. */
  mute = false;
  /** The site could not reach its gateway when it wrote the page. */
  gatewayDown = false;
  /** What the page's patience with late things comes to; it lasts until a test ends it. */
  patience: Promise<void> = new Promise(() => undefined);
  pause = (_ms: number): Promise<void> => this.patience;
  readonly #locks = createLocks(undefined);
  readonly #channel = channelHub();

  /** Another tab says so. */
  tell(news: TabNews): void {
    this.#channel().post(news);
  }

  /** Opens the page, as served now, and waits until it has read what it begins with. */
  async open(): Promise<Tab> {
    const tab = this.opening();
    await tab.started;
    return tab;
  }

  /** Opens the page, and does not wait. */
  opening(): Tab {
    const { site } = this;
    const steps: Step[] = [];
    const endings: Ending[] = [];
    const announced: AnnouncedWallet = { uuid: "test", name: "Test wallet", icon: "", rdns: "org.example.wallet", provider: this.wallet };
    const clock = { now: () => site.now + this.skew, elapsed: () => site.now - BASE_TIME };
    const serverClock = createServerClock(clock);
    const bootstrap = { ...site.sessionJson(), featured: this.gatewayDown ? null : site.profileJson("shiyu"), featuredHandle: "shiyu", featuredProblem: this.gatewayDown ? "upstream-unreachable" : null, keyLifetimeDays: 30, upstream: "embedded gateway" };
    let choices = 0;
    let known: readonly AnnouncedWallet[] = this.late ? [] : [announced];
    const waiting = new Set<(wallets: readonly AnnouncedWallet[]) => void>();
    const announce = (): void => {
      known = [announced];
      for (const look of waiting) look(known);
    };
    const subscribe: WalletDiscovery["subscribe"] = (look) => {
      waiting.add(look);
      return () => void waiting.delete(look);
    };
    const api = createApi({ fetch: site.fetch, clock, serverClock, session: bootstrap });
    const account = createAccount({
      api,
      wallets: { current: () => known, subscribe, stop: () => undefined },
      chooseWallet: async () => {
        choices++;
        return this.choosesNothing ? null : announced;
      },
      keyStore: this.keyStore,
      memory: createMemory(() => this.storage),
      clock,
      serverClock,
      locks: this.#locks,
      channel: this.mute ? channelHub()() : this.#channel(),
      record: { step: (step) => steps.push(step), ended: (ending) => endings.push(ending) },
      bootstrap,
      origin: ORIGIN,
      pause: (ms) => this.pause(ms),
    });
    const started = account.start();
    const until = (so: (state: State) => boolean): Promise<State> => {
      if (so(account.state())) return Promise.resolve(account.state());
      return new Promise((resolve) => {
        const stop = account.subscribe((state) => {
          if (!so(state)) return;
          stop();
          resolve(state);
        });
      });
    };
    return { account, api, started, steps, endings, announced, announce, choices: () => choices, until };
  }

  /** A tab that is signed in, authorised, or has done both and followed. */
  async openAt(stage: "signed in" | "authorised" | "following"): Promise<Tab> {
    const tab = await this.open();
    await tab.account.connect(tab.announced);
    if (stage !== "signed in") await tab.account.authorise();
    if (stage === "following") await tab.account.follow("shiyu");
    return tab;
  }
}

export { ALICE, BOB };
