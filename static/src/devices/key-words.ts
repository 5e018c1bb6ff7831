// What is signed about a key, and what the page says of each answer.

import type { SigningKeyRecord } from "../api/types.ts";
import type { Signable } from "../follow/operation.ts";
import type { Address } from "../protocol/address.ts";
import type { KeyOperation } from "../protocol/message.ts";
import { composeKeyMessage } from "../protocol/message.ts";
import type { StatusWords } from "../state/status-words.ts";
import { AUTHORISE_AGAIN, SIGN_IN_AGAIN, TRY_AGAIN } from "../state/status-words.ts";
import type { NextStep } from "../state/types.ts";

/** A change of one key: `name` is the new one, of a rename alone. */
export interface KeyChange {
  op: KeyOperation;
  key: SigningKeyRecord;
  name: string;
  /** It is the key of this very browser. */
  isThis: boolean;
  by: "device" | "wallet";
}

/** What people call a key. */
export const titleOf = ({ name, fingerprint }: Pick<SigningKeyRecord, "name" | "fingerprint">): string => (name === "" ? fingerprint : name);

/** The act, as the page names it. */
export const actName = ({ op, key }: KeyChange): string => `${{ rename: "Rename", renew: "Renew", revoke: "Revoke" }[op]} ${titleOf(key)}`;

/** What is signed for it, and sent. */
export function signable({ op, key: { signingKey }, name }: KeyChange, address: Address): Signable {
  return {
    path: `signing-keys/${op}`,
    about: `${op} ${signingKey} ${name}`,
    compose: (ts) => composeKeyMessage(op, address, signingKey, name, ts),
    fields: (message, signature, by) => ({ address, signingKey, message, signature, ...(op !== "renew" && { authorizedBy: by }) }),
    changesKeys: true,
  };
}

const LOOK_AGAIN: NextStep = { label: "Look again", action: "reload" };

const say = (sentence: string, next: NextStep | null = null): StatusWords => ({ sentence, next });

function success({ op, key, name, isThis }: KeyChange): StatusWords {
  if (op === "rename") return say(name === "" ? `The key ${key.fingerprint} has no name any more.` : `The key ${key.fingerprint} is called “${name}” now.`);
  if (op === "renew") return say(`“${titleOf(key)}” signs for another whole term from now on.`);
  return isThis
    ? say("This browser's key is revoked, and deleted here. It signs nothing any more.", AUTHORISE_AGAIN)
    : say(`“${titleOf(key)}” is revoked. It signs nothing any more, wherever it is.`);
}

const MALFORMED: Readonly<Record<KeyOperation, StatusWords>> = {
  rename: say("The gateway takes no such name: one line of at most 40 characters, each of which can be seen. Choose another."),
  renew: say("The signed message is malformed, or says something else than the request. Nothing was changed.", TRY_AGAIN),
  revoke: say("The signed message is malformed, or says something else than the request. Nothing was changed.", TRY_AGAIN),
};

/** What to say about a status of `renameSigningKey`, `renewSigningKey` and `revokeSigningKey`. */
export function keyWords(change: KeyChange, status: string): StatusWords {
  const { op, key, isThis, by } = change;
  switch (status) {
    case "SUCCESS":
      return success(change);
    case "ALREADY_DONE":
      return say(op === "revoke" ? `“${titleOf(key)}” was revoked already.` : op === "rename" ? "It is called that already." : "The gateway has that renewal already.");
    case "INVALID_ADDRESS":
      return say("The gateway does not take this for a valid address. Sign in again.", SIGN_IN_AGAIN);
    case "INVALID_MESSAGE":
      return MALFORMED[op];
    case "MESSAGE_EXPIRED":
      return say("The message's time is too far from the gateway's. Nothing was changed; try again.", TRY_AGAIN);
    case "INVALID_SIGNING_KEY":
      return by === "device" && isThis
        ? say("The gateway does not accept this browser's key any more: it was revoked, or is not known there.", AUTHORISE_AGAIN)
        : say(`The gateway does not accept one of the keys: “${titleOf(key)}”${by === "device" ? ", or this browser's own," : ""} was revoked, or is not known there.`, LOOK_AGAIN);
    case "EXPIRED_SIGNING_KEY":
      return op === "renew"
        ? say("That key has run out, and what has run out is not renewed. Its device needs a new one, which your wallet authorises there.", isThis ? AUTHORISE_AGAIN : LOOK_AGAIN)
        : say("This browser's key ran out. Authorise it again, then try once more.", AUTHORISE_AGAIN);
    case "INVALID_SIGNATURE":
      return by === "device"
        ? say("The signature is malformed, or this browser's key did not make it over this message.", TRY_AGAIN)
        : say("The signature is not that of this account's own key. A contract wallet cannot sign this: the key of a device that it authorised renames and revokes, and nothing renews.", op === "renew" ? TRY_AGAIN : { label: "Authorise this device", action: "authorise" });
    case "RATE_LIMITED":
      return say("Too much was changed about keys within a minute. Wait a little.", TRY_AGAIN);
    default:
      return say("The gateway answered with a status that this page does not know.", TRY_AGAIN);
  }
}
