// The sandbox page: puts the account's state into the template's elements, and what people do back into the account.

import type { Account } from "../account/types.ts";
import type { Address } from "../protocol/address.ts";
import type { NextStep, State } from "../state/types.ts";
import { find, setText } from "../ui/dom.ts";
import type { SandboxWallet } from "../wallet/sandbox-wallet.ts";
import type { AnnouncedWallet, WalletDiscovery } from "../wallet/types.ts";
import { mountAccount } from "./account-chip.ts";
import { mountHandleField } from "./handle-field.ts";
import { mountProfileCard } from "./profile-card.ts";
import { mountStatusView } from "./status-view.ts";
import type { Identities } from "./steps.ts";
import { mountSteps } from "./steps.ts";

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

/** Where a result belongs: beside what was pressed, or what comes next where that step is done. */
function placeOf(state: State, pressed: 1 | 2 | 3): 1 | 2 | 3 {
  if (pressed === 1 && !state.signedIn) return 1;
  return pressed < 3 && state.signedIn && state.key.state !== "ready" ? 2 : 3;
}

/** Makes the sandbox page work. */
export function mountSandbox(root: Document, deps: Deps): void {
  const { account, wallets, sandbox } = deps;
  const main = find(root, "#main", HTMLElement);
  const input = find(root, "#handle", HTMLInputElement);
  const region = find(root, "#result", HTMLElement);
  const offline = find(root, "#offline", HTMLElement);
  let pressed: 1 | 2 | 3 = 3;
  let choosing = false;

  const place = (state: State): void => {
    const home = find(root, `#step-${placeOf(state, pressed)}-body`, HTMLElement);
    if (region.parentElement === home) return;
    const focused = root.activeElement;
    home.append(region);
    if (focused instanceof HTMLElement && region.contains(focused)) focused.focus();
  };
  const at = (step: 1 | 2 | 3, act: () => Promise<unknown>): void => {
    pressed = step;
    place(account.state());
    void act();
  };
  const act = (next: NextStep): void => {
    if (next.action === "reload-page") return reload();
    if (next.action !== "correct-handle") return void account.act(next);
    input.focus();
    input.select();
  };
  const connect = (): Promise<void> =>
    account.attempt("Sign in", async () => {
      const wallet = await deps.chooseWallet();
      if (wallet !== null) await account.connect(wallet);
    });
  /** Loads the page again, with the handle that the field says. */
  const reload = (): void => {
    const url = new URL(location.href);
    url.searchParams.set("handle", account.state().handle);
    history.replaceState(null, "", url);
    location.reload();
  };

  const card = mountProfileCard(root, (handle) => at(3, () => account.toggle(handle)), act);
  const status = mountStatusView(region, act, () => account.cancel(), deps.embedded);
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
      newIdentity: () => at(1, () => account.attempt("New identity", () => sandbox.newIdentity())),
      useIdentity: (address) => at(1, () => sandbox.use(address as Address)),
      now: deps.now,
    },
    deps.keyLifetimeDays,
  );

  /** While the sandbox wallet is in use, signed in or not; and whoever signed out may choose as whom to come back. */
  const identitiesOf = ({ wallet, signedIn }: State): Identities | null => {
    const all = sandbox.identities();
    const offered = wallet === null ? !signedIn && all.length > 1 : wallet.rdns === sandbox.rdns;
    return offered ? { all, current: sandbox.active() } : null;
  };

  const render = (): void => {
    const state = account.state();
    main.toggleAttribute("data-signed-in", state.signedIn);
    steps(state, wallets.current().filter(({ rdns }) => rdns !== sandbox.rdns).length, identitiesOf(state));
    place(state); // into a step that is open by now: the focus may move with it
    card(state, choosing);
    status(state);
    setText(offline, state.online ? "" : "You are offline. What you typed is kept: try again when the connection is back.");
  };

  account.subscribe(render);
  sandbox.subscribe(render);
  wallets.subscribe(render);
  mountAccount(root, account);
  render();
}
