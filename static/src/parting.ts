// The end of this device's key, for whoever has signed out: it signs its own revocation. Loaded only then; imports nothing,
// so that it stays a piece of its own.

import type { Act } from "./act.ts";
import type { Api, OperationReply } from "./api.ts";
import type { DeviceKeys } from "./device-key.ts";
import type { Clock, ServerClock } from "./server-clock.ts";
import type { Address, Hex, NextStep, Result, Waiting } from "./types.ts";

export interface PartingDeps {
  api: Api;
  clock: Clock;
  serverClock: ServerClock;
}

const TRY_AGAIN: NextStep = { label: "Try again", action: "retry" };

/** What each status of `revokeSigningKey` comes to here, and whether the key is of any use after it. */
const OUTCOMES: Readonly<Record<string, { sentence: string; over: boolean }>> = {
  SUCCESS: { sentence: "This device's key is revoked, and deleted here. It signs nothing any more.", over: true },
  ALREADY_DONE: { sentence: "This device's key was revoked already. It signs nothing any more.", over: true },
  INVALID_SIGNING_KEY: { sentence: "The gateway does not know this device's key, so it signs nothing there. It is deleted here.", over: true },
  EXPIRED_SIGNING_KEY: { sentence: "This device's key ran out, so it signs nothing any more. It is deleted here.", over: true },
  MESSAGE_EXPIRED: { sentence: "The message's time is too far from the gateway's. Nothing was changed; try again.", over: false },
};
const OTHERWISE = { sentence: "The gateway did not revoke this device's key. Nothing was changed; try again.", over: false };

/** Revokes `address`'s key of this device by its own signature, and deletes it here. Asks no wallet. */
export async function revokeKey(
  address: Address,
  keys: DeviceKeys,
  act: Act,
  { api, clock, serverClock }: PartingDeps,
  waiting: Waiting,
  sign: (privateKey: CryptoKey, text: string) => Promise<Hex>,
): Promise<Result> {
  const key = await keys.confirmed(address, act);
  if (key === null) return { kind: "note", sentence: "This browser keeps no key of that account any more.", next: null };
  const { signingKey, keyPair } = key;
  // By the site's time: a computer's clock that is off must not keep anyone from this.
  const message = JSON.stringify({ op: "revoke", address, signingKey, ts: Math.round(serverClock.now()) });
  const signing = clock.elapsed();
  const signature = await act.still(sign(keyPair.privateKey, message));
  const shown = [
    { label: "Message", text: message, kind: "json", by: "device" },
    { label: "Signature", text: signature, kind: "hex", by: "device", note: "P-256, raw r‖s, 64 bytes" },
    { label: "Signing key", text: signingKey, kind: "base64", by: "device", note: "SPKI, 91 bytes" },
  ] as const;
  act.step({ actor: "device", kind: "device-signature", title: "Signed its own revocation", parts: [...shown] }, signing);

  const sending = clock.elapsed();
  const reply: OperationReply = await act.waitFor(waiting, api.operate("signing-keys/revoke", { address, message, signature, signingKey }));
  const { status, tsInServer, exchange } = reply;
  const answer = { label: "Answer", text: exchange.response.body, kind: "json", by: "gateway" } as const;
  act.step({ actor: "gateway", kind: "reply", title: `Answered ${status}`, parts: [answer], exchange }, sending);

  const { sentence, over } = OUTCOMES[status] ?? OTHERWISE;
  if (over) await keys.forget(address, act);
  const next = over ? null : TRY_AGAIN;
  return { kind: "status", op: "revoke", handle: null, status, tsInServer, sentence, next, digest: null, durationMs: null };
}
