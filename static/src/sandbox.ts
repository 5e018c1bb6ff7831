// The sandbox page: puts the account's state into the template's elements, and what people do back into the account.

import { mountAccountChip } from "./account-chip.ts";
import { find, isShown, setText } from "./dom.ts";
import { mountHandleField } from "./handle-field.ts";
import { normaliseHandle } from "./handle.ts";
import { mountProfileCard } from "./profile-card.ts";
import { mountStatusView } from "./status-view.ts";
import { mountSteps } from "./steps.ts";
import type { Identities } from "./steps.ts";
import type { Account, Address, AnnouncedWallet, NextStep, SandboxWallet, State, WalletDiscovery } from "./types.ts";

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

/** An answer about one handle is not left standing beside another. */
function aboutThis({ result, handle }: State): boolean {
  return result?.kind !== "status" || result.handle === null || result.handle === normaliseHandle(handle);
}

/** Makes the sandbox page work. */
export function mountSandbox(root: Document, deps: Deps): void {
  const { account, wallets, sandbox } = deps;
  const main = find(root, "#main", HTMLElement);
  const input = find(root, "#handle", HTMLInputElement);
  const region = find(root, "#result", HTMLElement);
  const offline = find(root, "#offline", HTMLElement);
  let pressed: 1 | 2 | 3 = 3;

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
    if (next.action !== "correct-handle") return void account.act(next);
    input.focus();
    input.select();
  };
  const connect = async (): Promise<void> => {
    const wallet = await deps.chooseWallet();
    if (wallet !== null) await account.connect(wallet);
  };

  const chip = mountAccountChip(find(root, "#account", HTMLElement), () => void account.signOut());
  const card = mountProfileCard(root, () => at(3, () => account.toggle()), act);
  const status = mountStatusView(region, act, () => account.cancel(), deps.embedded);
  const showHandle = mountHandleField(input, find(root, "#suggestions", HTMLElement), {
    suggest: (prefix) => account.suggest(prefix),
    settle: (handle) => void account.lookUp(handle),
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

  /** What went away under the focus, such as a step that folded, hands it on to what comes next. */
  const keepFocus = (before: Element | null): void => {
    if (before === null || before === root.body || isShown(before) || (root.activeElement !== before && root.activeElement !== root.body)) return;
    const next = [...root.querySelectorAll<HTMLElement>(".steps .btn.primary, .steps .follow")];
    const to = next.find(isShown);
    to?.focus();
    to?.closest(".step")?.scrollIntoView({ block: "nearest" }); // with its heading, however much folded above it
  };

  /** While the sandbox wallet is in use, signed in or not; and whoever signed out may choose as whom to come back. */
  const identitiesOf = ({ wallet, signedIn }: State): Identities | null => {
    const all = sandbox.identities();
    const offered = wallet === null ? !signedIn && all.length > 1 : wallet.rdns === sandbox.rdns;
    return offered ? { all, current: sandbox.active() } : null;
  };

  const render = (): void => {
    const state = account.state();
    const before = root.activeElement;
    place(state);
    main.toggleAttribute("data-signed-in", state.signedIn);
    chip(state);
    steps(state, wallets.current().filter(({ rdns }) => rdns !== sandbox.rdns).length, identitiesOf(state));
    card(state);
    showHandle(state.profile?.handle ?? state.handle);
    status(aboutThis(state) ? state.result : null, state);
    setText(offline, state.online ? "" : "You are offline. What you typed is kept: try again when the connection is back.");
    keepFocus(before);
  };

  account.subscribe(render);
  sandbox.subscribe(render);
  wallets.subscribe(render);
  for (const event of ["online", "offline"]) {
    window.addEventListener(event, () => account.setOnline(navigator.onLine));
  }
  account.setOnline(navigator.onLine);
  // Back from the browser's cache of whole pages: as it was put away, and the session may have ended since.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) void account.reload();
  });
  void account.start();
  render();
}
