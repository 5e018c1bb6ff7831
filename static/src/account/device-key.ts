// This device's key: whether it is there and good, and how the wallet authorises it.

import type { Api } from "../api/api.ts";
import { ProblemError } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import type { SigningKeyRecord } from "../api/types.ts";
import type { KeyStore, StoredKey } from "../browser/key-store.ts";
import { KeyStoreUnavailable } from "../browser/key-store.ts";
import type { Locks } from "../browser/locks.ts";
import type { Memory } from "../browser/memory.ts";
import type { Channel } from "../browser/tabs.ts";
import type { Address } from "../protocol/address.ts";
import { composeAuthorizationText } from "../protocol/message.ts";
import { canSign, CryptoUnavailable, fingerprintOf, generateSigningKey, NO_SIGNING, worksAsKey } from "../protocol/signing-key.ts";
import type { Act } from "../state/act.ts";
import { holdFor } from "../state/act.ts";
import type { KeyState } from "../state/types.ts";
import { forWallet, GATEWAY, GATEWAY_HAS_IT, STORAGE } from "../state/waits.ts";
import { signatureForm } from "../wallet/answers.ts";
import type { WalletConnection } from "../wallet/connection.ts";

export const NO_KEY: KeyState = { state: "none", fingerprint: null, since: null, until: null, reason: null };
const LOST = "This browser lost its key.";
const REVOKED = "This device's key was revoked.";
const UNKNOWN = "The gateway does not know this device's key.";
const NO_PLACE = "This browser does not let the page keep a key, as in some private windows.";
const DAY_MS = 86_400_000;

interface DeviceKeyDeps {
  api: Api;
  keyStore: KeyStore;
  memory: Memory;
  clock: Clock;
  serverClock: ServerClock;
  locks: Locks;
  channel: Channel;
  keyLifetimeDays: number;
}

interface Authorisation {
  status: string;
  key: KeyState;
  /** What the gateway took to answer, in milliseconds; null where another tab's answer was found. */
  durationMs: number | null;
}

export interface DeviceKeys {
  /** Compares what this browser keeps with what the gateway knows. `fresh`: the account signed in just now. */
  load(address: Address, fresh: boolean, act: Act): Promise<KeyState>;
  /** Makes a key and has the wallet authorise it, unless a tab of this browser has done so. Answers with the status. */
  authorise(address: Address, connection: WalletConnection, act: Act): Promise<Authorisation>;
  /** The key to sign with; null where none is confirmed. */
  confirmed(address: Address, act: Act): Promise<StoredKey | null>;
  /** The key signs nothing any more, and is not kept either: the next one takes its place. */
  forget(address: Address, act: Act): Promise<void>;
  /** The gateway refused the key. */
  refused(address: Address, act: Act): Promise<KeyState>;
  /** The gateway said that the key's time is over. */
  ranOut(address: Address, act: Act): Promise<KeyState>;
}

/** What is remembered of an address's key beside the key itself begins so. */
const NOTE = "countersign.device.";

/** Forgets every key of this browser, and that there was one. */
export async function forgetEveryKey({ keyStore, memory }: Pick<DeviceKeyDeps, "keyStore" | "memory">): Promise<void> {
  await keyStore.clear();
  for (const name of memory.names(NOTE)) memory.set(name, null);
}

const lost = (reason: string): KeyState => ({ ...NO_KEY, state: "lost", reason });

export function createDeviceKeys(deps: DeviceKeyDeps): DeviceKeys {
  const { api, keyStore, memory, clock, serverClock, locks, channel, keyLifetimeDays } = deps;
  const noteOf = (address: Address): string => `${NOTE}${address.toLowerCase()}`;

  /** The keys that the gateway lists; null where it cannot, undefined where it could not be asked. */
  async function listed(): Promise<readonly SigningKeyRecord[] | null | undefined> {
    try {
      return await api.signingKeys();
    } catch (error) {
      if (error instanceof ProblemError) return undefined;
      throw error;
    }
  }

  /** Nothing is stored: a key that is gone is another thing than a key that never was. */
  function missing(address: Address, records: readonly SigningKeyRecord[] | null | undefined): KeyState {
    const note = memory.get(noteOf(address));
    const live = records?.some(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > serverClock.now()) === true;
    // Signing in leaves a note, so a session without one is a browser whose storage was cleared.
    if (note === null ? live : note !== "none") return lost(LOST);
    memory.set(noteOf(address), "none");
    return NO_KEY;
  }

  async function describe(key: StoredKey, record: SigningKeyRecord | null): Promise<KeyState> {
    const fingerprint = await fingerprintOf(key.signingKey);
    const since = record?.registeredAt ?? key.confirmedAt;
    const until = record?.expiresAt ?? (since === null ? null : since + keyLifetimeDays * DAY_MS);
    memory.set(noteOf(key.address as Address), fingerprint);
    const expired = key.ranOut === true || (until !== null && until <= serverClock.now());
    return { state: expired ? "expired" : "ready", fingerprint, since, until, reason: null };
  }

  const kept = (key: StoredKey, act: Act): Promise<void> => act.waitFor(STORAGE, keyStore.put(key, act.signal));
  const dropped = (address: Address, act: Act): Promise<void> => act.waitFor(STORAGE, keyStore.remove(address, act.signal));

  /** The key that this browser keeps; one that was damaged is as good as none. */
  async function stored(address: Address, act: Act): Promise<StoredKey | null> {
    const key = await act.waitFor(STORAGE, keyStore.get(address));
    return key !== null && (await act.still(worksAsKey(key))) ? key : null;
  }

  async function compare(address: Address, act: Act): Promise<KeyState> {
    const key = await stored(address, act);
    const records = await act.waitFor(GATEWAY, listed());
    if (key === null) return missing(address, records);
    const record = records?.find(({ signingKey }) => signingKey === key.signingKey) ?? null;
    if (record === null) {
      if (key.state === "pending") return NO_KEY;
      if (!Array.isArray(records)) return describe(key, null);
      await kept({ ...key, state: "pending", confirmedAt: null }, act);
      return lost(UNKNOWN);
    }
    if (record.revokedAt !== null) {
      await dropped(address, act);
      return lost(REVOKED);
    }
    // A pending key that the gateway knows: the reply to its registration was lost.
    if (key.state === "pending") await kept({ ...key, state: "confirmed", confirmedAt: record.registeredAt }, act);
    return describe(key, record);
  }

  async function load(address: Address, fresh: boolean, act: Act): Promise<KeyState> {
    // At once: whoever leaves the page before the gateway has answered has lost nothing.
    if (fresh && memory.get(noteOf(address)) === null) memory.set(noteOf(address), "none");
    if (!canSign()) return { ...NO_KEY, reason: NO_SIGNING };
    try {
      return await act.still(compare(address, act));
    } catch (error) {
      if (error instanceof KeyStoreUnavailable) return { ...NO_KEY, reason: NO_PLACE };
      throw error;
    }
  }

  /** The pending key of an earlier try, or a new one; kept before the wallet is asked, so that no tab makes another. */
  async function pendingKey(address: Address, renew: boolean, act: Act): Promise<{ key: StoredKey; made: boolean }> {
    const earlier = await stored(address, act);
    if (earlier?.state === "pending" && !renew) return { key: earlier, made: false };
    const fresh = await act.still(generateSigningKey());
    const key: StoredKey = { address: address.toLowerCase(), ...fresh, state: "pending", createdAt: clock.now(), confirmedAt: null };
    await kept(key, act);
    return { key, made: true };
  }

  async function register(address: Address, connection: WalletConnection, act: Act): Promise<Authorisation> {
    if (!canSign()) throw new CryptoUnavailable(NO_SIGNING);
    const before = await load(address, true, act);
    if (before.state === "ready") return { status: "SUCCESS", key: before, durationMs: null };
    const { key, made } = await pendingKey(address, before.state === "expired", act);
    const text = composeAuthorizationText(api.session().entity, key.signingKey);
    const title = made ? "Made this device's key" : "Took the key of an earlier try";
    act.step({ actor: "device", kind: "challenge", title, parts: [{ label: "Text to sign", text, kind: "text", by: "device" }] });

    const signing = clock.elapsed();
    const signature = await act.waitFor(forWallet(connection.wallet), connection.personalSign(text, address));
    const parts = [
      { label: "Text", text, kind: "text" as const, by: "device" as const },
      { label: "Signature", text: signature, kind: "hex" as const, by: "wallet" as const, note: signatureForm(signature) },
    ];
    act.step({ actor: "wallet", kind: "wallet-signature", title: "Authorised the key", parts }, signing);

    const sending = clock.elapsed();
    const { status, exchange } = await act.waitFor(GATEWAY_HAS_IT, api.registerSigningKey(address, text, signature));
    const durationMs = clock.elapsed() - sending;
    act.step({ actor: "gateway", kind: "registration", title: `Registered the key: ${status}`, parts: [{ label: "Status", text: status, kind: "text", by: "gateway" }], exchange }, sending);
    if (status === "SUCCESS") {
      // Where this is not kept any more, the next look finds the pending key among those that the gateway knows.
      await kept({ ...key, state: "confirmed", confirmedAt: serverClock.now() }, act);
      channel.post({ kind: "key", address });
      return { status, key: await load(address, true, act), durationMs };
    }
    // This pair of address and key will never be accepted: the next try makes another.
    if (status === "INVALID_SIGNING_KEY") await dropped(address, act);
    return { status, key: before, durationMs };
  }

  return {
    load,
    authorise: (address, connection, act) => holdFor(act, locks, `key:${address.toLowerCase()}`, () => register(address, connection, act)),
    async confirmed(address, act) {
      const key = await stored(address, act);
      return key?.state === "confirmed" ? key : null;
    },
    async forget(address, act) {
      await dropped(address, act);
      memory.set(noteOf(address), "none");
      channel.post({ kind: "key", address });
    },
    async refused(address, act) {
      const key = await load(address, true, act);
      if (key.state !== "ready") return key;
      // The gateway lists no keys, or lists it and refuses it all the same: only another key can help.
      await dropped(address, act);
      return lost(UNKNOWN);
    },
    async ranOut(address, act) {
      const key = await stored(address, act);
      if (key !== null) await kept({ ...key, ranOut: true }, act);
      return load(address, true, act);
    },
  };
}
