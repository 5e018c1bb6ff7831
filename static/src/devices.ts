// The entry of the page of keys and sessions.

import type { WebSession } from "./api/devices.ts";
import { endSession, readSessions } from "./api/devices.ts";
import type { Bootstrap, SigningKeyRecord } from "./api/types.ts";
import { signingKeyIn } from "./browser/key-store.ts";
import { piece } from "./browser/piece.ts";
import { mountDevices } from "./devices/devices-page.ts";
import { isEmbedded, openAccount } from "./open-account.ts";
import { mountAccount } from "./page/account-chip.ts";
import { watchOwner } from "./page/owner.ts";
import { awake } from "./ui/awake.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { mountTheme } from "./ui/theme.ts";

interface DevicesBootstrap extends Bootstrap {
  signingKeys: readonly SigningKeyRecord[] | null;
  sessions: readonly WebSession[];
}

awake(document);
keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as DevicesBootstrap;
const { address, signingKeys, sessions } = bootstrap;
const { account, parts } = openAccount(bootstrap);
const { api, keyStore, serverClock } = parts;
watchOwner(account, address);
if (address !== null) {
  mountDevices(document, {
    account,
    embedded: isEmbedded(bootstrap),
    now: serverClock.now,
    keys: signingKeys,
    sessions,
    readKeys: api.signingKeys,
    readSessions: () => readSessions(api),
    ownKey: () => signingKeyIn(keyStore, address),
    endSession: (of, id) => endSession(api, of, id),
    endOtherSessions: api.endOtherSessions,
    askFirst: async (ask) => (await piece(() => import("./page/dialogs.ts"))).askFirst(ask),
  });
}
mountAccount(document, account);
