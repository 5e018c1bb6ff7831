// Deleting what can be deleted of an account: the steps that it takes, in order, and what each comes to. Whatever is done
// already is no step any more, so that one can go on after a failure or a reload.

import type { Account } from "../account/types.ts";
import type { OwnHandle } from "../api/deletion.ts";
import type { SigningKeyRecord } from "../api/types.ts";
import type { KeyChange } from "../devices/key-words.ts";
import { actName, keyWords, signable, titleOf } from "../devices/key-words.ts";
import type { Signable } from "../follow/operation.ts";
import { aboutHandle } from "../follow/operation.ts";
import type { Address } from "../protocol/address.ts";
import { composeHandleMessage, composeProfileMessage } from "../protocol/handle-message.ts";
import type { StatusWords } from "../state/status-words.ts";
import { handleWords } from "../state/status-words.ts";

/** What is there to be deleted; null where the gateway lists none. */
interface Deletable {
  handles: readonly OwnHandle[] | null;
  keys: readonly SigningKeyRecord[] | null;
  /** The key of this very browser; null where it keeps none. */
  own: string | null;
}

export interface Step {
  title: string;
  /** Does it; what came of it, or null where it was not done. The account's result says why. */
  run(): Promise<string | null>;
}

export interface DeletionDeps {
  account: Account;
  /** Whose: named in whatever is asked and signed, so that none of it is ever done for another account. */
  address: Address;
  /** What time it is by the site. */
  now(): number;
  /** The site keeps API keys. */
  hasApplications: boolean;
  readHandles(): Promise<readonly OwnHandle[] | null>;
  readKeys(): Promise<readonly SigningKeyRecord[] | null>;
  ownKey(): Promise<string | null>;
  endOtherSessions(address: Address): Promise<unknown>;
  deleteApplications(address: Address): Promise<number>;
}

const NOTHING = { displayName: "", bio: "", avatar: "" };
const DONE: readonly string[] = ["SUCCESS", "ALREADY_DONE"];
const OWN_KEY = "Revoke this browser's key";

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const isLive = ({ revokedAt, expiresAt }: SigningKeyRecord, now: number): boolean => revokedAt === null && expiresAt > now;

export async function readDeletable({ readHandles, readKeys, ownKey }: DeletionDeps): Promise<Deletable> {
  const [handles, keys, own] = await Promise.all([readHandles(), readKeys(), ownKey()]);
  return { handles, keys, own };
}

/** What is about to go, as the rest of the sentence "These go: …". */
export function goingWords({ handles, keys, own }: Deletable, release: boolean, { now, hasApplications }: DeletionDeps): string {
  const names = (handles ?? []).map(({ handle }) => `@${handle}`).join(", ");
  const live = (keys ?? []).filter((key) => isLive(key, now())).length;
  const parts = [
    "every sign-in",
    hasApplications && "all API keys",
    names !== "" && `name, words and picture of ${names}`,
    names !== "" && release && "those handles themselves",
    (live > 0 || own !== null) && `the names of signing keys, and the keys (${counted(live, "signs", "sign")} now)`,
  ];
  return parts.filter((part) => part !== false).join("; ");
}

/** The steps that are left, this browser's own key last: it signs all others. */
export function stepsOf({ handles, keys, own }: Deletable, release: boolean, deps: DeletionDeps): Step[] {
  const { account, address, now, hasApplications } = deps;

  function vouched(title: string, work: () => Promise<string>): Step {
    return {
      title,
      async run() {
        let done: string | null = null;
        await account.vouched(title, async () => {
          done = await work();
          return null;
        });
        return done;
      },
    };
  }

  async function sign(name: string, what: Signable, words: (status: string) => StatusWords): Promise<string | null> {
    let done: string | null = null;
    await account.sign(name, () => what, (status) => {
      const said = words(status);
      if (DONE.includes(status)) done = said.sentence;
      return said;
    });
    return done;
  }

  const empty = (handle: string): Step => {
    const title = `Empty the profile of @${handle}`;
    const what = aboutHandle("handles/profile", address, handle, (ts) => composeProfileMessage(address, handle, NOTHING, ts));
    return {
      title,
      run: () =>
        sign(title, what, (status) => {
          const said = handleWords(status, "profile", handle, account.state().key.until);
          return DONE.includes(status) ? { ...said, sentence: `The page of @${handle} shows no name, no words and no picture.` } : said;
        }),
    };
  };
  const giveBack = (handle: string): Step => {
    const title = `Give back @${handle}`;
    const what = aboutHandle("handles/release", address, handle, (ts) => composeHandleMessage("release", address, handle, ts));
    return { title, run: () => sign(title, what, (status) => handleWords(status, "release", handle, account.state().key.until)) };
  };
  const change = (what: KeyChange): Promise<string | null> => sign(actName(what), signable(what, address), (status) => keyWords(what, status));
  const isThis = (key: SigningKeyRecord): boolean => key.signingKey === own;
  const unname = (key: SigningKeyRecord): Step => ({
    title: `Take away the name “${titleOf(key)}”`,
    run: () => change({ op: "rename", key, name: "", isThis: isThis(key), by: "device" }),
  });
  const revoke = (key: SigningKeyRecord): Step => {
    const what: KeyChange = { op: "revoke", key, name: "", isThis: false, by: "device" };
    return { title: actName(what), run: () => change(what) };
  };
  /** Read anew: it may have been authorised for the steps before. */
  const revokeOwn: Step = {
    title: OWN_KEY,
    async run() {
      const mine = await deps.ownKey();
      const key = (await deps.readKeys())?.find(({ signingKey }) => signingKey === mine);
      if (key === undefined || !isLive(key, now())) return "This browser keeps no key that signs.";
      return change({ op: "revoke", key, name: "", isThis: true, by: "device" });
    },
  };

  // What is hidden by the operator looks blank, and may be shown again: where a signature costs no question, it is emptied too.
  const ready = account.state().key.state === "ready";
  const known = keys ?? [];
  const signed = [
    ...(handles ?? []).filter(({ isBlank }) => ready || !isBlank).map(({ handle }) => empty(handle)),
    ...(release ? (handles ?? []).map(({ handle }) => giveBack(handle)) : []),
    ...known.filter(({ name, revokedAt }) => name !== "" && revokedAt === null).map(unname),
    ...known.filter((key) => isLive(key, now()) && !isThis(key)).map(revoke),
  ];
  return [
    vouched("Sign out all other browsers", async () => {
      await deps.endOtherSessions(address);
      return "You are signed in nowhere else.";
    }),
    ...(hasApplications
      ? [vouched("Delete API keys", async () => {
          const count = await deps.deleteApplications(address);
          return count === 0 ? "There are none." : `${counted(count, "API key is", "API keys are")} deleted.`;
        })]
      : []),
    ...signed,
    ...(keys !== null && (signed.length > 0 || own !== null) ? [revokeOwn] : []),
  ];
}
