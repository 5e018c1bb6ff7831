// The entry of somebody's page.

import { readFollowers } from "./api/people.ts";
import type { Bootstrap } from "./api/types.ts";
import { piece } from "./browser/piece.ts";
import { isEmbedded, openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { mountPerson } from "./people/person-page.ts";
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
const { featuredHandle: handle, address } = bootstrap;
mountPerson(
  document,
  account,
  handle,
  address,
  isEmbedded(bootstrap),
  async (ask) => (await piece(() => import("./page/dialogs.ts"))).askFirst(ask),
  (search, after) => readFollowers(parts.api, handle, search, after),
);
mountAccount(document, account);
