// What a browser can say of an edited request before it is sent: the rules of the gateway, in its order, as far as they
// need nothing that only the gateway knows.

import { hasSigned, importKey } from "../proofs/device-key.ts";
import { Refused } from "../proofs/refused.ts";
import type { HandleSaid } from "../proofs/signed.ts";
import { readAddress, readLoggedMessage } from "../proofs/signed.ts";
import type { Address } from "../protocol/address.ts";
import { isHandle } from "../protocol/handle.ts";
import type { Status } from "../protocol/statuses.ts";
import type { KeyIs } from "./lesson.ts";
import type { Request } from "./requests.ts";

export interface Finding {
  good: boolean;
  words: string;
}

/** `status`: what the gateway is bound to answer; null where that hangs on what only it knows. */
export interface Verdict {
  message: Finding;
  signature: Finding;
  signingKey: Finding;
  status: Status | null;
}

interface Known {
  /** By the gateway's clock, in milliseconds. */
  now: number;
  keyIs: KeyIs;
  /** The text that the lesson signed last; null where it signed none. */
  signedText: string | null;
  checksum(address: Address): Address;
}

/** The window of a message's time, in milliseconds, where the operator has not chosen another. */
const PAST_MS = 300_000n;
const FUTURE_MS = 60_000n;
const LONGEST = 1024;

const good = (words: string): Finding => ({ good: true, words });
const bad = (words: string): Finding => ({ good: false, words });

/** What a reader gives, or why it refuses. */
async function tried<T>(read: () => T | Promise<T>): Promise<{ value: T } | { refused: Refused }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof Refused) return { refused: error };
    throw error;
  }
}

/** `41 s`, `4 min`: how long, in the largest unit that is whole enough. */
function span(ms: bigint): string {
  const seconds = ms / 1_000n;
  if (seconds < 120n) return `${seconds} s`;
  const minutes = seconds / 60n;
  if (minutes < 120n) return `${minutes} min`;
  const hours = minutes / 60n;
  return hours < 72n ? `${hours} hours` : `${hours / 24n} days`;
}

function age(ts: bigint, now: bigint): string {
  if (ts - now < 1_000n && now - ts < 1_000n) return "just written";
  return ts > now ? `${span(ts - now)} ahead` : `${span(now - ts)} old`;
}

/** The message of a follow or unfollow that says the same as the request. */
function readFollow({ op, fields }: Request, address: Address, checksum: Known["checksum"]): HandleSaid {
  const said = readLoggedMessage(fields.message, checksum);
  if (said.op !== "follow" && said.op !== "unfollow") throw new Refused("op", '"follow" or "unfollow"');
  if (new TextEncoder().encode(fields.message).length > LONGEST) throw new Refused("message", `at most ${LONGEST} bytes of UTF-8`);
  if (said.op !== op) throw new Refused("op", `"${op}", as in the mutation`);
  if (said.address !== address) throw new Refused("address", "the address of the request");
  if (said.handle !== fields.handle) throw new Refused("handle", "the handle of the request");
  return said;
}

const KEY_WORDS: Readonly<Record<KeyIs, Finding>> = {
  registered: good("P-256, authorised by the wallet of this address"),
  expired: bad("P-256, and authorised once, but it ran out"),
  "not registered": bad("P-256, but no wallet authorised it for this address"),
  unknown: good("P-256; whether a wallet authorised it, the gateway knows"),
};

/** Looks at all three texts; each is told what is wrong with it, whatever the gateway would stop at. */
export async function verdictOn(request: Request, { now: exactly, keyIs, signedText, checksum }: Known): Promise<Verdict> {
  const now = BigInt(Math.round(exactly));
  const { message, signature, signingKey } = request.fields;
  const address = await tried(() => readAddress(request.fields.address, checksum));
  const payload = new TextEncoder().encode(message);
  const said = await tried(() => readFollow(request, "value" in address ? address.value : "0x", checksum));
  const key = await tried(() => importKey(signingKey));
  const signed = await tried(async () => hasSigned("value" in key ? key.value : await anyKey(), signature, payload));

  const timely = "value" in said && said.value.ts >= 0n && said.value.ts >= now - PAST_MS && said.value.ts <= now + FUTURE_MS;
  const aged = "value" in said ? age(said.value.ts, now) : "";
  const ofMessage =
    "refused" in said ? bad(`Not this message: ${said.refused.field}, expected ${said.refused.expected}`)
    : timely ? good(`Well formed, ${payload.length} bytes, ${aged}`)
    : bad(`Well formed, but ${aged}: the gateway takes 5 minutes, and 1 ahead`);
  const ofKey = "refused" in key ? bad(`No P-256 key: expected ${key.refused.expected}`) : KEY_WORDS[keyIs];
  const ofSignature =
    "refused" in signed ? bad(`No signature: expected ${signed.refused.expected}`)
    : "refused" in key ? bad("Well formed, but there is no key to check it with")
    : signed.value ? good("Made by this key, over exactly this message")
    : signedText !== null && signedText !== message ? bad("Not of this message: it was changed after signing")
    : bad("Not made by this key over this message");

  const status: Status | null =
    "refused" in address ? "INVALID_ADDRESS"
    : !isHandle(request.fields.handle) ? "HANDLE_NOT_FOUND"
    : "refused" in said ? "INVALID_MESSAGE"
    : !timely ? "MESSAGE_EXPIRED"
    : "refused" in key || keyIs === "not registered" ? "INVALID_SIGNING_KEY"
    : keyIs === "expired" ? "EXPIRED_SIGNING_KEY"
    : "refused" in signed || !signed.value ? "INVALID_SIGNATURE"
    : null;
  return { message: ofMessage, signature: ofSignature, signingKey: ofKey, status };
}

/** A key that made none of the signatures, to have their form read all the same. */
async function anyKey(): Promise<CryptoKey> {
  const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  return publicKey;
}
