// The entry of the page of whom one follows.

import { knownProfiles, primaryHandles, readFollowings } from "./api/following.ts";
import type { Bootstrap } from "./api/types.ts";
import { piece } from "./browser/piece.ts";
import { mountFollowing } from "./following/following-page.ts";
import { createBulk, deviceSigner } from "./lists/bulk.ts";
import { unfinished } from "./lists/bulk-progress.ts";
import { isEmbedded, openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { watchOwner } from "./page/owner.ts";
import { awake } from "./ui/awake.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { drawPictures } from "./ui/pictures.ts";
import { mountTheme } from "./ui/theme.ts";

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

awake(document);
keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
drawPictures(document);
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as Bootstrap;
const { address } = bootstrap;
const { account, parts } = openAccount(bootstrap);
const { api, keyStore } = parts;
watchOwner(account, address);
if (address !== null) {
  const bulk = createBulk(address, { ...parts, signer: () => deviceSigner(keyStore, address) });
  account.subscribe(({ signedIn }) => signedIn || bulk.suspend());
  mountFollowing(document, {
    account,
    bulk,
    owner: address,
    unfinished: () => unfinished(parts.memory, () => parts.clock.now()),
    source: { profiles: (handles) => knownProfiles(api, handles), primaryHandles: (addresses) => primaryHandles(api, addresses) },
    host: location.host,
    embedded: isEmbedded(bootstrap),
    now: parts.clock.now,
    pause: parts.pause,
    read: (after) => readFollowings(api, after),
    importCard: async () => (await piece(() => import("./following/import-card.ts"))).mountImportCard,
    askFirst: async (ask) => (await piece(() => import("./page/dialogs.ts"))).askFirst(ask),
    save,
  });
}
mountAccount(document, account);
