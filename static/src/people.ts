// The entry of the directory.

import { readPeople } from "./api/people.ts";
import type { Bootstrap } from "./api/types.ts";
import { openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { mountClaim } from "./people/claim.ts";
import { mountDirectory } from "./people/directory.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { drawPictures } from "./ui/pictures.ts";
import { mountTheme } from "./ui/theme.ts";

keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
drawPictures(document);
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as Bootstrap;
const { account, parts } = openAccount(bootstrap);
const later = (work: () => void, ms: number): (() => void) => {
  const timer = window.setTimeout(work, ms);
  return () => window.clearTimeout(timer);
};
mountDirectory(document, { read: (search, order) => readPeople(parts.api, search, order), later });
mountClaim(document, account, { profile: (handle) => parts.api.profile(handle), later }, !/^https?:/.test(bootstrap.upstream));
mountAccount(document, account);
