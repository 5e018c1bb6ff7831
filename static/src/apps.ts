// The entry of the page for applications.

import type { Application } from "./api/api.ts";
import type { Session } from "./api/types.ts";
import { openApplications } from "./applications/applications.ts";
import { openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { watchOwner } from "./page/owner.ts";
import { awake } from "./ui/awake.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { mountTheme } from "./ui/theme.ts";

interface AppsBootstrap extends Session {
  applications: readonly Application[];
}

awake(document);
keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as AppsBootstrap;
const { address } = bootstrap;
const { account, parts } = openAccount({ ...bootstrap, featured: null, featuredHandle: "", featuredProblem: null, keyLifetimeDays: 0, upstream: "" });
watchOwner(account, address);
if (address !== null) openApplications(parts.api, account, address, bootstrap.applications, parts.serverClock.now);
mountAccount(document, account);
