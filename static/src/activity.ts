// The entry of the page of what one signed.

import type { Bootstrap } from "./api/types.ts";
import { openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { mountStatusView } from "./page/status-view.ts";
import { note } from "./state/results.ts";
import type { NextStep } from "./state/types.ts";
import { watchOwner } from "./page/owner.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { drawPictures } from "./ui/pictures.ts";
import { mountTheme } from "./ui/theme.ts";

keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
drawPictures(document);
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as Bootstrap;
const { account, parts } = openAccount(bootstrap);
watchOwner(account, bootstrap.address);
const region = document.querySelector<HTMLElement>("#result");
if (region !== null) {
  const { api } = parts;
  const act = (next: NextStep): void => (next.action === "reload-page" ? location.reload() : void account.act(next));
  const status = mountStatusView(region, act, () => account.cancel(), !/^https?:/.test(bootstrap.upstream));
  account.subscribe(status);
  status(account.state());
  const takeOut = (): Promise<void> =>
    account.vouched("Take out", async (address) => {
      await api.send("/takeout", { address }, {});
      const link = document.createElement("a");
      link.href = "/activity/takeout.zip";
      link.download = "";
      link.click();
      return note("The archive is on its way to your downloads.");
    });
  find(document, "#takeout", HTMLButtonElement).addEventListener("click", () => void takeOut());
}
mountAccount(document, account);
