// What keys and wallets sign, and their signatures, read to the byte: as Python reads them in webapp/protocol
// (address.py, authorization.py, display_text.py, handle_message.py, key_message.py, message.py, signed_text.py,
// signing_key.py). Every reader throws `Refused`, with the fault's place in the text where it is known.

import type { Address, Hex } from "../protocol/address.ts";
import { isHandle } from "../protocol/handle.ts";
import type { Json, ReadJson, Span } from "./json.ts";
import { JsonError, readJson } from "./json.ts";
import { INT64, isObject, isWellFormed } from "./members.ts";
import { Refused } from "./refused.ts";

/** The EIP-55 spelling of an address in lower case. */
type Checksum = (address: Address) => Address;

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const HEX_BYTES = /^0x(?:[0-9a-fA-F]{2})*$/;
const KEY_SIGNATURE = /^0x[0-9a-fA-F]{128}$/;
const WALLET_SIGNATURE = /^0x[0-9a-fA-F]{130}$/;
const AUTHORIZATION = /^I authorize ([!-~](?:[ -~]{0,62}[!-~])?) from this device using signing key:\n([!-~]+)$/;
const FIRST_LINE = /^I authorize [!-~](?:[ -~]{0,62}[!-~])? from this device using signing key:\n/;
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** v as wallets write it, and as it is published. */
const V: Readonly<Record<string, string>> = { "00": "1b", "01": "1c", "1b": "1b", "1c": "1c" };
const MAX_CONTRACT_SIGNATURE = 8192;
const KEY_LENGTH = 124;
/** All that DER allows before the point, and the point's first byte: uncompressed (RFC 5480). */
const SPKI_HEADER = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
const SPKI_LENGTH = 91;

/** The whole of a text from an index on. */
const after = (text: string, from: number): Span => ({ from: Math.min(from, text.length), to: text.length });
const at = (from: number): Span => ({ from, to: from + 1 });

/** Where a text stops being 0x and so many hex digits. */
function offHex(text: string, digits: number): Span {
  if (!text.startsWith("0x")) return { from: 0, to: Math.min(2, text.length) };
  const off = text.slice(2).search(/[^0-9a-fA-F]/);
  return off >= 0 ? at(off + 2) : after(text, Math.min(text.length, digits + 2));
}

/** Where two spellings of the same differ first. */
export function firstDifference(given: string, right: string): Span {
  for (let index = 0; index < given.length; index++) if (given[index] !== right[index]) return at(index);
  return after(given, right.length);
}

export function looksLikeAddress(text: string): boolean {
  return ADDRESS.test(text);
}

/** An address in its one EIP-55 spelling: all lower case, all upper case, or with the right checksum. */
export function readAddress(text: string, checksum: Checksum): Address {
  if (!looksLikeAddress(text)) throw new Refused("address", "0x and 40 hexadecimal digits", offHex(text, 40));
  const digits = text.slice(2);
  const right = checksum(`0x${digits.toLowerCase()}`);
  if (digits !== digits.toLowerCase() && digits !== digits.toUpperCase() && text !== right) {
    throw new Refused("address", "an EIP-55 checksum that fits", firstDifference(text, right));
  }
  return right;
}

/** The two lines that a wallet signs to authorise a key, to the byte. */
interface AuthorizationText {
  /** Who asked. */
  entity: string;
  /** Printable ASCII without spaces, not yet read as a key. */
  signingKey: string;
}

export function readAuthorizationText(text: string): AuthorizationText {
  const [, entity, signingKey] = AUTHORIZATION.exec(text) ?? [];
  if (entity === undefined || signingKey === undefined) {
    const first = FIRST_LINE.exec(text)?.[0];
    const off = first === undefined ? -1 : text.slice(first.length).search(/[^!-~]/);
    const span = first === undefined ? null : off < 0 ? after(text, first.length) : at(first.length + off);
    throw new Refused("message", "'I authorize {entity} from this device using signing key:', a line feed, and the key", span);
  }
  return { entity, signingKey };
}

function requireRange(text: string, order: bigint, curve: string): void {
  for (const from of [2, 66]) {
    const number = BigInt(`0x${text.slice(from, from + 64)}`);
    if (number <= 0n || number >= order) throw new Refused("signature", `r and s from 1 to the order of ${curve} less one`, { from, to: from + 64 });
  }
}

/** A device's signature: raw r and s (IEEE P1363), 32 bytes each, in lower case; high s is as good as low s. */
export function readKeySignature(text: string): Hex {
  if (!KEY_SIGNATURE.test(text)) throw new Refused("signature", "0x and 128 hexadecimal digits: r and s, 32 bytes each", offHex(text, 128));
  requireRange(text, P256_ORDER, "P-256");
  return text.toLowerCase() as Hex;
}

/** A wallet's recoverable signature in the spelling that is published: lower case, v of 1b or 1c. */
export function readWalletSignature(text: string): Hex {
  if (!WALLET_SIGNATURE.test(text)) throw new Refused("signature", "0x and 130 hexadecimal digits: r, s and v", offHex(text, 130));
  requireRange(text, SECP256K1_ORDER, "secp256k1");
  const v = V[text.slice(130).toLowerCase()];
  if (v === undefined) throw new Refused("signature", "v of 27 or 28, or of 0 or 1", { from: 130, to: 132 });
  return `${text.slice(0, 130).toLowerCase()}${v}` as Hex;
}

/** What a wallet gave, before anybody knows whether a key or a contract stands behind it (EIP-1271, ERC-6492). */
interface GivenSignature {
  /** In lower case. */
  text: Hex;
  /** The same as a key's signature; null: no key's has this form. */
  byKey: Hex | null;
}

export function readGivenSignature(text: string): GivenSignature {
  if (text.length > 2 + 2 * MAX_CONTRACT_SIGNATURE || !HEX_BYTES.test(text)) {
    const expected = `0x and hexadecimal digits, two a byte, of at most ${MAX_CONTRACT_SIGNATURE} bytes`;
    throw new Refused("signature", expected, offHex(text, 2 * MAX_CONTRACT_SIGNATURE));
  }
  let byKey: Hex | null = null;
  try {
    byKey = readWalletSignature(text);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
  return { text: text.toLowerCase() as Hex, byKey };
}

/** The 91 bytes of a signing key's SPKI; whether its point lies on P-256 is for WebCrypto to say. */
export function readSigningKey(text: string): Uint8Array<ArrayBuffer> {
  if (text.length !== KEY_LENGTH) throw new Refused("signingKey", `${KEY_LENGTH} characters of base64`, after(text, KEY_LENGTH));
  const spki = bytesOfBase64(text);
  if (spki === null) throw new Refused("signingKey", "canonical base64: encoding it again gives the same text");
  const header = Uint8Array.from(SPKI_HEADER.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (spki.length !== SPKI_LENGTH || !header.every((byte, index) => spki[index] === byte)) {
    throw new Refused("signingKey", "the SPKI of an uncompressed P-256 key, 91 bytes of DER");
  }
  return spki;
}

/** Null: not the one spelling that base64 has for these bytes. */
function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const decoded = atob(text);
    return btoa(decoded) === text ? Uint8Array.from(decoded, (character) => character.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

// --- messages --------------------------------------------------------------------------------------------------

const FOLLOW_OPERATIONS = ["follow", "unfollow"] as const;
const HANDLE_OPERATIONS = ["claim", "release", "profile", "remove", "block", "unblock"] as const;
const ABOUT_FOLLOWERS = ["remove", "block", "unblock"] as const;
const KEY_OPERATIONS = ["revoke", "rename", "renew"] as const;

/** What a profile shows: each may be empty. */
export interface Shown {
  readonly displayName: string;
  readonly bio: string;
  readonly avatar: string;
}

interface Common {
  readonly address: Address;
  /** By the signer's clock, in ms since the epoch; within int64, which not every number can hold. */
  readonly ts: bigint;
}

/** What a message says about an address and a handle. */
export interface HandleSaid extends Common {
  readonly kind: "operation";
  readonly op: (typeof FOLLOW_OPERATIONS)[number] | (typeof HANDLE_OPERATIONS)[number];
  readonly handle: string;
  /** With `profile`. */
  readonly shown: Shown | null;
  /** With `remove`, `block` and `unblock`, whom that is done to. */
  readonly follower: Address | null;
}

/** What a message says about a signing key. */
interface KeySaid extends Common {
  readonly kind: "key";
  readonly op: (typeof KEY_OPERATIONS)[number];
  /** Which key it is about, not yet read as one. */
  readonly signingKey: string;
  /** The new one, with `rename`; it may be empty. */
  readonly name: string | null;
}

/** Who, what and when: what a message says, whoever signed it. */
export type Said = HandleSaid | KeySaid;

const MAX_BYTES = 1024;
const MAX_PROFILE_BYTES = 8192;
const THIRTEEN_DIGITS = /^[0-9]{13}$/;
const REFUSED = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/u;
const HTTPS = /^https:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:\/[!-~]*)?$/;
const UNSAFE_IN_URL = /["'<>\\^`{|}]/;
const LONGEST_AVATAR_URL = 2048;
const PICTURE = /^data:image\/(?:png|jpeg|webp|gif);base64,([A-Za-z0-9+/]+={0,2})$/;

const has = <T extends string>(names: readonly T[], name: Json | undefined): name is T => names.some((one) => one === name);

/** A JSON object that names no member twice and holds no number but integers, and its exact text. */
class SignedText {
  readonly text: string;
  readonly #read: ReadJson;

  constructor(text: string, most: number) {
    this.text = text;
    this.requireLength(most);
    try {
      this.#read = readJson(text);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      const [field, expected] = FAULTS[error.rule];
      throw new Refused(field, error.rule === "syntax" ? `${expected}; ${error.expected}` : expected, error.span);
    }
    if (!isObject(this.#read.value)) throw new Refused("message", "a JSON object");
  }

  requireLength(most: number): void {
    const { length } = new TextEncoder().encode(this.text);
    if (length > most) throw new Refused("message", `at most ${most} bytes of UTF-8`);
  }

  member(name: string): Json | undefined {
    return isObject(this.#read.value) ? this.#read.value.get(name) : undefined;
  }

  refuse(name: string, expected: string): Refused {
    return new Refused(name, expected, this.#read.spans.get(name) ?? null);
  }

  requireMembers(...names: readonly string[]): void {
    const members = isObject(this.#read.value) ? [...this.#read.value.keys()] : [];
    if (members.length === names.length && members.every((name) => names.includes(name))) return;
    throw new Refused("message", `an object of exactly ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);
  }

  operation<T extends string>(kind: readonly T[]): T {
    const op = this.member("op");
    if (has(kind, op)) return op;
    const quoted = kind.map((one) => `"${one}"`);
    throw this.refuse("op", `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`);
  }

  string(name: string): string {
    const value = this.member(name);
    if (typeof value !== "string") throw this.refuse(name, "a string");
    if (!isWellFormed(value)) throw this.refuse(name, "a string without lone surrogates");
    return value;
  }

  address(checksum: Checksum, name = "address"): Address {
    const value = this.member(name);
    if (typeof value !== "string") throw this.refuse(name, "0x and 40 hexadecimal digits");
    return this.within(name, () => readAddress(value, checksum));
  }

  /** A member's own reader, whose fault is that member's. */
  within<T>(name: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw error instanceof Refused ? this.refuse(name, error.expected) : error;
    }
  }

  ts(): bigint {
    const value = this.member("ts");
    if (typeof value === "string" && THIRTEEN_DIGITS.test(value)) return BigInt(value);
    if (typeof value === "bigint" && value >= -INT64 && value < INT64) return value;
    throw this.refuse("ts", "milliseconds as an integer within int64, or as a string of 13 digits");
  }

  /** One line of at most so many code points; it may be empty. */
  display(name: string, longest: number): string {
    const text = this.string(name);
    if ([...text].length > longest) throw this.refuse(name, `at most ${longest} characters`);
    if (text !== text.trim()) throw this.refuse(name, "text without outer white space");
    if (REFUSED.test(text)) throw this.refuse(name, "text without control characters, line breaks or marks of direction");
    return text;
  }

  avatar(): string {
    const text = this.string("avatar");
    const isHttps = text.length <= LONGEST_AVATAR_URL && !UNSAFE_IN_URL.test(text) && HTTPS.test(text);
    const picture = PICTURE.exec(text)?.[1];
    if (text === "" || isHttps || (picture !== undefined && bytesOfBase64(picture) !== null)) return text;
    throw this.refuse("avatar", "nothing, an https URL, or a PNG, JPEG, WebP or GIF picture as a base64 data URL");
  }
}

const FAULTS: Readonly<Record<JsonError["rule"], readonly [field: string, expected: string]>> = {
  syntax: ["message", "one JSON object and nothing after it"],
  nesting: ["message", "a JSON object that nests nothing"],
  members: ["message", "each member once"],
  digits: ["ts", "an integer within int64"],
  numbers: ["message", "no number but an integer ts"],
};

/** A message of the log of an address and a handle; the handle's form is not looked at. */
export function readLoggedMessage(text: string, checksum: Checksum): HandleSaid {
  const signed = new SignedText(text, MAX_PROFILE_BYTES);
  const isOwn = has(HANDLE_OPERATIONS, signed.member("op"));
  const isAboutFollower = has(ABOUT_FOLLOWERS, signed.member("op"));
  if (signed.member("op") === "profile") signed.requireMembers("op", "address", "handle", "displayName", "bio", "avatar", "ts");
  else {
    signed.requireLength(MAX_BYTES);
    signed.requireMembers("op", "address", "handle", ...(isAboutFollower ? ["follower"] : []), "ts");
  }
  const op = isOwn ? signed.operation(HANDLE_OPERATIONS) : signed.operation(FOLLOW_OPERATIONS);
  const said = { kind: "operation", op, address: signed.address(checksum), handle: signed.string("handle"), ts: signed.ts(), follower: isAboutFollower ? signed.address(checksum, "follower") : null } as const;
  if (op !== "profile") return { ...said, shown: null };
  return { ...said, shown: { displayName: signed.display("displayName", 50), bio: signed.display("bio", 200), avatar: signed.avatar() } };
}

/** A message about a signing key; the key's form is not looked at. */
export function readKeyMessage(text: string, checksum: Checksum): KeySaid {
  const signed = new SignedText(text, MAX_BYTES);
  const op = signed.operation(KEY_OPERATIONS);
  if (op === "rename") signed.requireMembers("op", "address", "signingKey", "name", "ts");
  else signed.requireMembers("op", "address", "signingKey", "ts");
  const name = op === "rename" ? signed.display("name", 40) : null;
  return { kind: "key", op, name, address: signed.address(checksum), signingKey: signed.string("signingKey"), ts: signed.ts() };
}

/** A message of either log, by its `op`. */
export function readMessage(text: string, checksum: Checksum): Said {
  const op = new SignedText(text, MAX_PROFILE_BYTES).member("op");
  return has(KEY_OPERATIONS, op) ? readKeyMessage(text, checksum) : readLoggedMessage(text, checksum);
}

export function requireHandle(handle: string): void {
  if (!isHandle(handle)) throw new Refused("handle", "1 to 20 of a-z, 0-9, _ and -, beginning with a letter or a digit");
}

/** Where a member of a message's text has its value; null: the text is no JSON object, or has no such member. */
export function spanOf(text: string, member: string): Span | null {
  try {
    return readJson(text).spans.get(member) ?? null;
  } catch {
    return null;
  }
}
