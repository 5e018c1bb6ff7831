// The entry of the page for applications.

import { createAccount } from "./account/account.ts";
import type { Application } from "./api/api.ts";
import type { Session } from "./api/types.ts";
import { openApplications, watchOwner } from "./applications/applications.ts";
import { browserParts } from "./browser-parts.ts";
import { mountAccount } from "./page/account-chip.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { mountTheme } from "./ui/theme.ts";
import { discoverWallets } from "./wallet/discovery.ts";
import { announceSandboxWallet } from "./wallet/sandbox-wallet.ts";

interface AppsBootstrap extends Session {
  applications: readonly Application[];
}

keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as AppsBootstrap;
const { address } = bootstrap;
const parts = browserParts(window, { ...bootstrap, featured: null, featuredHandle: "", featuredProblem: null, keyLifetimeDays: 0, upstream: "" });
// The same account as on the sandbox page, so that the wallet of the last visit is heard here too. Nothing here asks it.
const sandbox = announceSandboxWallet({ target: window, memory: parts.memory, chainId: bootstrap.chainIds?.[0] ?? 1, approve: async () => false });
const account = createAccount({
  ...parts,
  wallets: discoverWallets(window, sandbox.wallet),
  chooseWallet: async () => null,
  record: { step: () => {}, ended: () => {} },
});
watchOwner(account, address);
if (address !== null) openApplications(parts.api, account, address, bootstrap.applications, parts.serverClock.now);
mountAccount(document, account);
