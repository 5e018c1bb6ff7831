// The page of what acts for an account: its keys and sessions, named, renewed and ended. After whatever was done, and
// whatever other tabs did, both lists are read back.

import type { Account } from "../account/types.ts";
import type { WebSession } from "../api/devices.ts";
import { ProblemError } from "../api/api.ts";
import type { SigningKeyRecord } from "../api/types.ts";
import { mountStatusView } from "../page/status-view.ts";
import type { Address } from "../protocol/address.ts";
import { problemFor } from "../state/problems.ts";
import { note } from "../state/results.ts";
import type { NextStep, State } from "../state/types.ts";
import { button, find, part, setAttribute, setText } from "../ui/dom.ts";
import type { KeyChange } from "./key-words.ts";
import { actName, keyWords, signable, titleOf } from "./key-words.ts";
import type { Fill } from "./rows.ts";
import { keyedRows, keyRow, sessionRow } from "./rows.ts";

interface Deps {
  account: Account;
  embedded: boolean;
  /** What time it is by the site. */
  now(): number;
  /** Null where the gateway lists none. */
  keys: readonly SigningKeyRecord[] | null;
  sessions: readonly WebSession[];
  readKeys(): Promise<readonly SigningKeyRecord[] | null>;
  readSessions(): Promise<readonly WebSession[]>;
  /** The key that this browser keeps for the account; null where there is none. */
  ownKey(): Promise<string | null>;
  endSession(address: Address, id: string): Promise<number>;
  endOtherSessions(address: Address): Promise<unknown>;
  askFirst(ask: { title: string; words: string; yes: string }): Promise<boolean>;
}

const DONE: readonly string[] = ["SUCCESS", "ALREADY_DONE"];

/** Shows what `read` gives, and where it fails, that what stands there may be old. */
function keepRead<T>(section: HTMLElement, read: () => Promise<T>, show: (value: T) => void): () => Promise<void> {
  const stale = part(section, "stale");
  let newest = 0;
  const again = async (): Promise<void> => {
    const mine = ++newest;
    try {
      const value = await read();
      if (mine !== newest) return;
      stale.replaceChildren();
      show(value);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (mine !== newest || error.slug === "not-signed-in") return; // who is signed in is the account's to tell
      stale.replaceChildren(`This list may be old. ${problemFor(error)?.title ?? ""}. `, button("Read again", "btn small", () => void again()));
    }
  };
  return again;
}

function hereWords({ state, reason }: State["key"]): string {
  if (state === "ready") return "This browser signs with the key that is marked.";
  if (state === "expired") return "This browser's key ran out.";
  return reason ?? "This browser has no key of this account yet.";
}

function mountKeys(section: HTMLElement, deps: Deps, change: (what: KeyChange) => Promise<boolean>) {
  const { account, now } = deps;
  const live = section.querySelector<HTMLElement>('[data-part="live"]');
  if (live === null) return null; // the gateway lists no keys
  const none = part(section, "none");
  const past = part(section, "past");
  let own: string | null = null;

  const isThis = ({ signingKey }: SigningKeyRecord): boolean => signingKey === own;
  const changed = (op: KeyChange["op"], key: SigningKeyRecord, name = ""): Promise<boolean> =>
    change({ op, key, name, isThis: isThis(key), by: op !== "renew" && account.state().key.state === "ready" ? "device" : "wallet" });

  async function revoke(key: SigningKeyRecord): Promise<void> {
    const sure = await deps.askFirst({
      title: isThis(key) ? "Revoke this browser's key?" : `Revoke “${titleOf(key)}”?`,
      words: isThis(key)
        ? "This browser can sign nothing for you then, until your wallet authorises it again with a new key. What it signed before stays valid. This cannot be taken back."
        : "It signs nothing more from then on, wherever it is. What it signed before stays valid. This cannot be taken back: that device needs a new key, which your wallet has to authorise.",
      yes: "Revoke",
    });
    if (sure) await changed("revoke", key);
  }

  const acts = {
    now,
    isThis,
    rename: (key: SigningKeyRecord, name: string) => changed("rename", key, name),
    renew: (key: SigningKeyRecord) => void changed("renew", key),
    revoke: (key: SigningKeyRecord) => void account.attempt(`Revoke ${titleOf(key)}`, () => revoke(key)),
  };
  const fillLive: Fill<SigningKeyRecord> = keyedRows(live, ({ signingKey }) => signingKey, (key) => keyRow(key, acts, now));
  const fillEnded: Fill<SigningKeyRecord> = keyedRows(part(section, "ended"), ({ signingKey }) => signingKey, (key) => keyRow(key, null, now));

  return ({ keys, mine }: { keys: readonly SigningKeyRecord[] | null; mine: string | null }): void => {
    if (keys === null) return;
    own = mine;
    const isLive = ({ revokedAt, expiresAt }: SigningKeyRecord): boolean => revokedAt === null && expiresAt > now();
    const [good, ended] = [keys.filter(isLive), keys.filter((key) => !isLive(key))];
    fillLive(good);
    fillEnded(ended);
    none.hidden = good.length > 0;
    past.hidden = ended.length === 0;
    setText(part(past, "summary"), `${ended.length} ${ended.length === 1 ? "key signs" : "keys sign"} no more`);
  };
}

/** Makes the template's page of the signed-in account work. */
export function mountDevices(root: Document, deps: Deps): void {
  const { account } = deps;
  const lists = find(root, ".lists", HTMLElement);
  const keys = find(lists, "#keys", HTMLElement);
  const sessions = find(lists, "#sessions", HTMLElement);
  const result = find(lists, "#result", HTMLElement);
  const offline = find(root, "#offline", HTMLElement);
  const authorise = part(keys, "authorise", HTMLButtonElement);

  const act = ({ action, label }: NextStep): void => {
    if (action === "reload-page") location.reload();
    else void account.act({ action, label });
  };
  const status = mountStatusView(result, act, () => account.cancel(), deps.embedded);

  async function change(what: KeyChange): Promise<boolean> {
    await account.sign(actName(what), (address) => signable(what, address), (answer) => keyWords(what, answer), what.by);
    result.scrollIntoView({ block: "nearest" });
    const said = account.state().result;
    return said?.kind === "status" && DONE.includes(said.status);
  }

  async function signOut({ id, isThis, browser }: WebSession): Promise<void> {
    if (isThis) return account.signOut();
    await account.vouched(`Sign out ${browser}`, async (address) =>
      note((await deps.endSession(address, id)) === 0 ? `${browser} was signed out already.` : `${browser} is signed out.`),
    );
    result.scrollIntoView({ block: "nearest" });
  }

  async function everywhere(): Promise<void> {
    const sure = await deps.askFirst({
      title: "Sign out everywhere?",
      words: "Every session of this account ends, in this browser too. Keys are no sessions, and go on signing: revoke those that you do not know.",
      yes: "Sign out everywhere",
    });
    if (!sure) return;
    let over = false;
    await account.vouched("Sign out everywhere", async (address) => {
      await deps.endOtherSessions(address);
      over = true;
      return null;
    });
    if (over) await account.signOut();
    else result.scrollIntoView({ block: "nearest" });
  }

  const showKeys = mountKeys(keys, deps, change);
  const showSessions: Fill<WebSession> = keyedRows(part(sessions, "live"), ({ id }) => id, (session) => sessionRow(session, deps.now, (which) => void signOut(which)));
  const readKeys = keepRead(keys, async () => ({ keys: await deps.readKeys(), mine: await deps.ownKey() }), (read) => showKeys?.(read));
  const readSessions = keepRead(sessions, deps.readSessions, showSessions);

  authorise.addEventListener("click", () => void account.authorise());
  part(sessions, "everywhere").addEventListener("click", () => void account.attempt("Sign out everywhere", everywhere));

  let wasBusy = false;
  const render = (): void => {
    const state = account.state();
    const { busy, key, signedIn, online } = state;
    status(state);
    setText(offline, online ? "" : "You are offline. Try again when the connection is back.");
    if (!signedIn) return; // the page leaves the screen (page/owner.ts)
    const acting = busy !== null && busy !== "loading";
    for (const each of lists.querySelectorAll("li > .acts .btn, .here .btn")) setAttribute(each, "aria-disabled", String(acting));
    if (busy === null) {
      setText(part(keys, "words"), hereWords(key));
      authorise.hidden = key.state === "ready";
      setText(authorise, key.state === "none" ? "Authorise this device" : "Authorise again");
      authorise.classList.toggle("primary", !authorise.hidden);
    }
    if (wasBusy && busy === null) {
      void readKeys();
      void readSessions();
    }
    wasBusy = busy !== null;
  };
  showKeys?.({ keys: deps.keys, mine: null });
  showSessions(deps.sessions);
  account.subscribe(render);
  render();
}
