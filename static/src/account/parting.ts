// Leaving: what this device's keys can still do when nobody is signed in, and their end, which they sign themselves. Loaded
// only then; imports nothing, so that the first page is not cut into pieces for its sake.

import type { Api } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import type { Bootstrap } from "../api/types.ts";
import type { StoredKey } from "../browser/key-store.ts";
import type { Address, Hex } from "../protocol/address.ts";
import type { Act } from "../state/act.ts";
import type { NextStep, Result, State, Waiting } from "../state/types.ts";
import type { dayOf, shortAddress } from "../text/format.ts";
import type { DeviceKeys } from "./device-key.ts";

/** Whoever signed out: `addresses` were signed in, and `was` is how the page stood. */
export interface Leaver {
  /** What is said of the sign-out itself. */
  sentence: string;
  was: State;
  addresses: readonly Address[];
}

interface PartingDeps {
  api: Api;
  clock: Clock;
  serverClock: ServerClock;
  bootstrap: Pick<Bootstrap, "keyLifetimeDays">;
}

const DAY_MS = 86_400_000;
const TRY_AGAIN: NextStep = { label: "Try again", action: "retry" };

/** Says that the session has ended, and whose keys have not: a key needs no session to sign. */
export async function stillSigns(
  { sentence, was, addresses }: Leaver,
  keys: DeviceKeys,
  act: Act,
  { serverClock, bootstrap }: PartingDeps,
  day: typeof dayOf,
  short: typeof shortAddress,
): Promise<Result> {
  const live: { address: Address; until: number }[] = [];
  for (const address of addresses) {
    const key = await keys.confirmed(address, act);
    if (key === null) continue;
    const told = address === was.address ? was.key.until : null;
    const until = told ?? (key.confirmedAt ?? key.createdAt) + bootstrap.keyLifetimeDays * DAY_MS;
    if (until > serverClock.now()) live.push({ address, until });
  }
  const [first, ...more] = live;
  if (first === undefined) return { kind: "note", sentence, next: null };
  if (more.length === 0) {
    const still = `This device's key can still sign for ${short(first.address)} until ${day(first.until)}, unless you revoke it.`;
    return { kind: "note", sentence: `${sentence} ${still}`, next: { label: "Revoke this device's key", action: "revoke-key" } };
  }
  const names = live.map(({ address }) => short(address)).join(", ");
  const still = `This device's keys can still sign for ${names}, unless you revoke them.`;
  return { kind: "note", sentence: `${sentence} ${still}`, next: { label: "Revoke this device's keys", action: "revoke-key" } };
}

/** What each status of `revokeSigningKey` comes to here, and whether the key is of any use after it. */
const OUTCOMES: Readonly<Record<string, { sentence: string; over: boolean }>> = {
  SUCCESS: { sentence: "This device's key is revoked, and deleted here. It signs nothing any more.", over: true },
  ALREADY_DONE: { sentence: "This device's key was revoked already. It signs nothing any more.", over: true },
  INVALID_SIGNING_KEY: { sentence: "The gateway does not know this device's key, so it signs nothing there. It is deleted here.", over: true },
  EXPIRED_SIGNING_KEY: { sentence: "This device's key ran out, so it signs nothing any more. It is deleted here.", over: true },
  MESSAGE_EXPIRED: { sentence: "The message's time is too far from the gateway's. Nothing was changed; try again.", over: false },
};
const OTHERWISE = { sentence: "The gateway did not revoke this device's key. Nothing was changed; try again.", over: false };

type Sign = (privateKey: CryptoKey, text: string) => Promise<Hex>;

async function revoke(
  address: Address,
  { signingKey, keyPair }: StoredKey,
  act: Act,
  { api, clock, serverClock }: PartingDeps,
  waiting: Waiting,
  sign: Sign,
): Promise<string> {
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
  const { status, exchange } = await act.waitFor(waiting, api.operate("signing-keys/revoke", { address, message, signature, signingKey }));
  const answer = { label: "Answer", text: exchange.response.body, kind: "json", by: "gateway" } as const;
  act.step({ actor: "gateway", kind: "reply", title: `Answered ${status}`, parts: [answer], exchange }, sending);
  return status;
}

/** Revokes the leaver's keys of this device, each by its own signature, and deletes them here. Asks no wallet. */
export async function revokeKeys({ addresses }: Leaver, keys: DeviceKeys, act: Act, deps: PartingDeps, waiting: Waiting, sign: Sign): Promise<Result> {
  let result: Result = { kind: "note", sentence: "This browser keeps no key of that account any more.", next: null };
  let ended = 0;
  for (const address of addresses) {
    const key = await keys.confirmed(address, act);
    if (key === null) continue;
    const status = await revoke(address, key, act, deps, waiting, sign);
    const { sentence, over } = OUTCOMES[status] ?? OTHERWISE;
    const next = over ? null : TRY_AGAIN;
    result = { kind: "status", op: "revoke", handle: null, status, tsInServer: null, sentence, next, digest: null, durationMs: null };
    if (!over) return result;
    await keys.forget(address, act);
    ended++;
  }
  return ended > 1 ? { ...result, sentence: "This device's keys are deleted here, and sign nothing any more." } : result;
}
