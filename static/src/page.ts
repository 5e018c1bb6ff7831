// The entry: every page gets its theme button; the sandbox page gets everything else.

import { createAccount } from "./account/account.ts";
import type { Bootstrap } from "./api/types.ts";
import { browserParts } from "./browser-parts.ts";
import { piece } from "./browser/piece.ts";
import { mountInspector } from "./inspector/inspector.ts";
import { mountSandbox } from "./page/sandbox.ts";
import type { State } from "./state/types.ts";
import { looksLike } from "./text/plain-text.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { mountTheme } from "./ui/theme.ts";
import { discoverWallets } from "./wallet/discovery.ts";
import { lastWallet } from "./wallet/reconnect.ts";
import { announceSandboxWallet } from "./wallet/sandbox-wallet.ts";
import type { AnnouncedWallet } from "./wallet/types.ts";

/** Loaded when they are first shown: the page's first look needs none. */
const dialogs = () => piece(() => import("./page/dialogs.ts"));
const MAINNET = 1;
const IDLE_MS = 2_000;
const FRAMED_MS = 3_000;
const DAY_MS = 86_400_000;

function openSandbox(bootstrap: Bootstrap): void {
  const parts = browserParts(window, bootstrap);
  const { keyLifetimeDays, upstream } = bootstrap;
  const now = parts.serverClock.now;
  const embedded = !/^https?:/.test(upstream);
  const inspector = mountInspector(find(document, "#inspector", HTMLElement), {
    // The embedded gateway has no address of its own that the site would use; others reach it here.
    graphqlUrl: embedded ? new URL("/graphql", location.href).href : undefined,
    now: parts.clock.now,
    storage: () => window.sessionStorage,
  });
  const sandbox = announceSandboxWallet({
    target: window,
    memory: parts.memory,
    // One that may sign in here, or it could not be tried.
    chainId: bootstrap.chainIds?.[0] ?? MAINNET,
    approve: async (ask) => (await dialogs()).askToApprove(ask, now() + keyLifetimeDays * DAY_MS),
  });
  const wallets = discoverWallets(window, sandbox.wallet);
  const choose = async (): Promise<AnnouncedWallet | null> =>
    (await dialogs()).chooseWallet(wallets, sandbox.wallet, lastWallet(parts.memory), looksLike);
  const account = createAccount({ ...parts, wallets, chooseWallet: choose, record: inspector });
  mountSandbox(document, { account, wallets, sandbox, chooseWallet: choose, keyLifetimeDays, now, embedded });
  const tell = ({ address, waiting }: State): void =>
    inspector.now({ address, waitingFor: waiting?.who ?? null });
  account.subscribe(tell);
  tell(account.state());
  void inspector.restore();
  // As soon as there is time for it, so that a connection lost later does not matter. Safari tells no idle time.
  const whenIdle = (window as Partial<Window>).requestIdleCallback ?? ((load: () => void) => setTimeout(load, IDLE_MS));
  whenIdle(() => void dialogs().catch(() => undefined));
  if (window.top === window.self) return;
  piece(() => import("./page/framed.ts")).then(({ mountFramed }) =>
    mountFramed(document, {
      secure: isSecureContext,
      keepsSession: async () => (await parts.api.refresh()).cookie !== false,
      keepsKeys: () => parts.keyStore.get("").then(() => true, () => false),
      patience: () => parts.pause(FRAMED_MS),
      handle: () => account.state().profile?.handle ?? "",
      reread: () => void account.reload(),
    }),
    // The way to a tab of its own needs no script.
    () => document.querySelector("#own-tab")?.removeAttribute("hidden"),
  );
}

keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
const bootstrap = document.body.dataset["bootstrap"];
if (bootstrap !== undefined) openSandbox(JSON.parse(bootstrap) as Bootstrap);
