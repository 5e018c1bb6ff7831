// The entry of the page of what one signed.

import { mountDeletion } from "./activity/deletion-card.ts";
import { deleteApplications, readOwnHandles } from "./api/deletion.ts";
import type { Bootstrap } from "./api/types.ts";
import { signingKeyIn } from "./browser/key-store.ts";
import { piece } from "./browser/piece.ts";
import { isEmbedded, openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { watchOwner } from "./page/owner.ts";
import { mountStatusView } from "./page/status-view.ts";
import { note } from "./state/results.ts";
import type { NextStep } from "./state/types.ts";
import { awake } from "./ui/awake.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { drawPictures } from "./ui/pictures.ts";
import { mountTheme } from "./ui/theme.ts";

interface ActivityBootstrap extends Bootstrap {
  hasApplications: boolean;
}

awake(document);
keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
drawPictures(document);
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as ActivityBootstrap;
const { account, parts } = openAccount(bootstrap);
const { address, hasApplications } = bootstrap;
watchOwner(account, address);
if (address !== null) {
  const { api, keyStore, memory, serverClock } = parts;
  const deletion = mountDeletion(document, {
    account,
    address,
    memory,
    now: serverClock.now,
    hasApplications,
    readHandles: () => readOwnHandles(api),
    readKeys: api.signingKeys,
    ownKey: () => signingKeyIn(keyStore, address),
    endOtherSessions: api.endOtherSessions,
    deleteApplications: (of) => deleteApplications(api, of),
    askFirst: async (ask) => (await piece(() => import("./page/dialogs.ts"))).askFirst(ask),
  });
  const act = (next: NextStep): void => {
    if (next.action === "reload-page") location.reload();
    else if (next.action !== "retry" || !deletion.goOn()) void account.act(next);
  };
  const status = mountStatusView(find(document, "#result", HTMLElement), act, () => account.cancel(), isEmbedded(bootstrap));
  account.subscribe((state) => {
    status(state);
    deletion.render(state);
  });
  status(account.state());
  const takeOut = (): Promise<void> =>
    account.vouched("Take out", async (of) => {
      await api.send("/takeout", { address: of }, {});
      const link = document.createElement("a");
      link.href = "/activity/takeout.zip";
      link.download = "";
      link.click();
      return note("The archive is on its way to your downloads.");
    });
  find(document, "#takeout", HTMLButtonElement).addEventListener("click", () => void takeOut());
}
mountAccount(document, account);
