// The entry of the page of what one signed.

import type { Bootstrap } from "./api/types.ts";
import { openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { watchOwner } from "./page/owner.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { drawPictures } from "./ui/pictures.ts";
import { mountTheme } from "./ui/theme.ts";

keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
drawPictures(document);
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as Bootstrap;
const { account } = openAccount(bootstrap);
watchOwner(account, bootstrap.address);
mountAccount(document, account);
