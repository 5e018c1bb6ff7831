// The entry: every page gets its theme button; the sandbox page gets everything else.

import { forgetEveryKey } from "./account/device-key.ts";
import type { Bootstrap } from "./api/types.ts";
import { piece } from "./browser/piece.ts";
import { mountInspector } from "./inspector/inspector.ts";
import { mountLab } from "./lab/lab.ts";
import { isEmbedded, openAccount } from "./open-account.ts";
import { mountSandbox } from "./page/sandbox.ts";
import type { State } from "./state/types.ts";
import { awake } from "./ui/awake.ts";
import { find } from "./ui/dom.ts";
import { keepFocus } from "./ui/focus.ts";
import { mountTheme } from "./ui/theme.ts";
import { forgetWallet } from "./wallet/reconnect.ts";

const FRAMED_MS = 3_000;

/** The status that a link asks the lesson for. It is taken out of the address: a reload sends nothing again. */
function takeAsked(): string | null {
  const url = new URL(location.href);
  const asked = url.searchParams.get("break");
  url.searchParams.delete("break");
  if (asked !== null) history.replaceState(null, "", url);
  return asked;
}

function openSandbox(bootstrap: Bootstrap): void {
  const { keyLifetimeDays } = bootstrap;
  const embedded = isEmbedded(bootstrap);
  // Others reach the embedded gateway here.
  const graphqlUrl = embedded ? new URL("/graphql", location.href).href : undefined;
  const presents = "present" in document.documentElement.dataset;
  const inspector = mountInspector(find(document, "#inspector", HTMLElement), {
    graphqlUrl,
    inFull: presents,
    now: () => Date.now(),
    storage: () => window.sessionStorage,
  });
  const { account, parts, wallets, sandbox, chooseWallet } = openAccount(bootstrap, inspector);
  mountSandbox(document, { account, wallets, sandbox, chooseWallet, keyLifetimeDays, now: parts.serverClock.now, embedded });
  const tell = ({ address, waiting }: State): void =>
    inspector.now({ address, waitingFor: waiting?.who ?? null });
  account.subscribe(tell);
  tell(account.state());
  void inspector.restore();
  const lab = find(document, "#break-it", HTMLElement);
  mountLab(lab, async () => {
    const { openLab } = await piece(() => import("./lab/break-it.ts"));
    const handle = (): string => account.state().profile?.handle ?? bootstrap.featured?.handle ?? "";
    return openLab(lab, { ...parts, record: inspector, handle, graphqlUrl, permalink: inspector.permalink });
  }, takeAsked());
  if (presents) {
    const reset = async (): Promise<void> => {
      await account.signOut();
      if (account.state().result?.kind === "problem") return; // it says what is in the way
      await forgetEveryKey(parts);
      sandbox.forget();
      forgetWallet(parts.memory);
      inspector.forget();
      scrollTo(0, 0); // the next demo begins where this one did
      location.reload();
    };
    void piece(() => import("./page/present.ts")).then(({ mountPresenter }) => mountPresenter(document, () => account.attempt("Reset the demo", reset)));
  }
  if (window.top === window.self) return;
  piece(() => import("./page/framed.ts")).then(({ mountFramed }) =>
    mountFramed(document, {
      secure: isSecureContext,
      keepsSession: async () => (await parts.api.refresh()).cookie !== false,
      keepsKeys: () => parts.keyStore.get("").then(() => true, () => false),
      patience: () => parts.pause(FRAMED_MS),
      handle: () => account.state().profile?.handle ?? "",
      reread: () => void account.reload(),
    }),
    // The way to a tab of its own needs no script.
    () => document.querySelector("#own-tab")?.removeAttribute("hidden"),
  );
}

awake(document);
keepFocus(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
const bootstrap = document.body.dataset["bootstrap"];
if (bootstrap !== undefined) openSandbox(JSON.parse(bootstrap) as Bootstrap);
