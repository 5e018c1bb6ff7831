// The sandbox page: puts the account's state into the template's elements, and what people do back into the account.

import { mountAccount } from "./account-chip.ts";
import { find, setText } from "./dom.ts";
import { mountHandleField } from "./handle-field.ts";
import { mountProfileCard } from "./profile-card.ts";
import { mountStatusView } from "./status-view.ts";
import { mountSteps } from "./steps.ts";
import type { Identities } from "./steps.ts";
import type { Account, Address, AnnouncedWallet, Busy, NextStep, SandboxWallet, State, WalletDiscovery } from "./types.ts";

interface Deps {
  account: Account;
  wallets: WalletDiscovery;
  sandbox: SandboxWallet;
  chooseWallet(): Promise<AnnouncedWallet | null>;
  keyLifetimeDays: number;
  now(): number;
  /** Whether the gateway is this very server, of which we know what its SUCCESS means. */
  embedded: boolean;
}

const WAITING: Readonly<Record<Exclude<Busy, null>, string>> = {
  connecting: "Waiting for your wallet",
  "signing-in": "Waiting for your wallet's signature",
  authorising: "Waiting for your wallet's signature",
  following: "Waiting for the gateway's answer",
  unfollowing: "Waiting for the gateway's answer",
  loading: "Reading from the gateway",
};

/** Where a result belongs: beside what was pressed, or what comes next where that step is done. */
function placeOf(state: State, pressed: 1 | 2 | 3): 1 | 2 | 3 {
  if (pressed === 1 && !state.signedIn) return 1;
  return pressed < 3 && state.signedIn && state.key.state !== "ready" ? 2 : 3;
}

/** Makes the sandbox page work. */
export function mountSandbox(root: Document, deps: Deps): void {
  const { account, wallets, sandbox } = deps;
  const input = find(root, "#handle", HTMLInputElement);
  const region = find(root, "#result", HTMLElement);
  const offline = find(root, "#offline", HTMLElement);
  let pressed: 1 | 2 | 3 = 3;
  let choosing = false;
  let identities: readonly Address[] = [];

  const place = (state: State): void => {
    const home = find(root, `#step-${placeOf(state, pressed)}-body`, HTMLElement);
    if (region.parentElement !== home) home.append(region);
  };
  const at = (step: 1 | 2 | 3, act: () => Promise<unknown>): void => {
    pressed = step;
    place(account.state());
    void act();
  };
  const act = (next: NextStep): void => {
    if (next.action !== "correct-handle") return void account.act(next);
    input.focus();
    input.select();
  };
  const connect = async (): Promise<void> => {
    const wallet = await deps.chooseWallet();
    if (wallet !== null) await account.connect(wallet);
  };

  const card = mountProfileCard(root, (handle) => at(3, () => account.toggle(handle)), act);
  const status = mountStatusView(region, act, deps.embedded);
  mountHandleField(input, find(root, "#suggestions", HTMLElement), {
    suggest: (prefix) => account.suggest(prefix),
    typed(text, waits) {
      choosing = waits;
      account.typed(text);
    },
    settle(text) {
      choosing = false;
      void account.lookUp(text);
    },
  });
  const steps = mountSteps(
    root,
    {
      connect: () => at(1, connect),
      authorise: () => at(2, () => account.authorise()),
      newIdentity: () => at(1, () => sandbox.newIdentity()),
      useIdentity: (address) => at(1, () => sandbox.use(address as Address)),
      now: deps.now,
    },
    deps.keyLifetimeDays,
  );

  const identitiesOf = (state: State): Identities | null =>
    state.signedIn && state.wallet?.rdns === sandbox.rdns ? { all: identities, current: state.address } : null;

  const render = (): void => {
    const state = account.state();
    place(state);
    steps(state, wallets.current().filter(({ rdns }) => rdns !== sandbox.rdns).length, identitiesOf(state));
    card(state, choosing);
    status(state, state.busy === null ? null : WAITING[state.busy]);
    setText(offline, state.online ? "" : "You are offline. What you typed is kept: try again when the connection is back.");
  };

  const learnIdentities = async (): Promise<void> => {
    if (account.state().wallet?.rdns !== sandbox.rdns) return;
    identities = await sandbox.identities();
    render();
  };
  let known = "";
  account.subscribe((state) => {
    render();
    const current = `${state.wallet?.rdns ?? ""} ${state.address ?? ""}`;
    if (current !== known) void learnIdentities();
    known = current;
  });
  sandbox.subscribe(() => void learnIdentities());
  wallets.subscribe(render);
  mountAccount(root, account);
  render();
}
