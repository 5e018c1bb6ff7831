// The entry of the window that an embedded follow button opens.

import type { Bootstrap } from "./api/types.ts";
import { mountAsked } from "./asked/asked-page.ts";
import { isEmbedded, openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { awake } from "./ui/awake.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { drawPictures } from "./ui/pictures.ts";
import { mountTheme } from "./ui/theme.ts";

awake(document);
keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
drawPictures(document);
// Any other page of this site would cut the tie to the page that asked.
document.addEventListener("click", ({ target }) => {
  const link = target instanceof Element ? target.closest("a") : null;
  if (link !== null) link.target = "_blank";
});
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as Bootstrap;
const { account, parts } = openAccount(bootstrap);
mountAsked(document, {
  account,
  handle: bootstrap.featuredHandle,
  embedded: isEmbedded(bootstrap),
  now: () => performance.now(),
  pause: parts.pause,
});
mountAccount(document, account);
