// The entry of the directory.

import { readPeople } from "./api/people.ts";
import type { Bootstrap } from "./api/types.ts";
import { isEmbedded, openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { mountClaim } from "./people/claim.ts";
import { mountDirectory } from "./people/directory.ts";
import { awake } from "./ui/awake.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { drawPictures } from "./ui/pictures.ts";
import { mountTheme } from "./ui/theme.ts";

awake(document);
keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
drawPictures(document);
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as Bootstrap;
const { account, parts } = openAccount(bootstrap);
const later = (work: () => void, ms: number): (() => void) => {
  const timer = window.setTimeout(work, ms);
  return () => window.clearTimeout(timer);
};
const directory = mountDirectory(document, bootstrap.address, { read: (search, order, after) => readPeople(parts.api, search, order, after), later });
account.subscribe(({ signedIn, address }) => directory.seenBy(signedIn ? address : null));
mountClaim(document, account, { profile: (handle) => parts.api.profile(handle), later, claimed: directory.again }, isEmbedded(bootstrap));
mountAccount(document, account);
