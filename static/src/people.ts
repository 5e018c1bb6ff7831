// The entry of the directory.

import { readPeople } from "./api/people.ts";
import type { Bootstrap } from "./api/types.ts";
import { openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
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
mountDirectory(document, {
  read: (search, order) => readPeople(parts.api, search, order),
  later(work, ms) {
    const timer = window.setTimeout(work, ms);
    return () => window.clearTimeout(timer);
  },
});
mountAccount(document, account);
