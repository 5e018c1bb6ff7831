// The demo signers of a gateway: addresses as which everybody may sign, since their device keys are published.

import type { Address } from "../protocol/address.ts";
import { signText } from "../protocol/signing-key.ts";
import type { Author } from "./requests.ts";

export interface DemoSigner {
  handle: string;
  /** 0x and hex digits: the private half of its device key. */
  deviceSecret: string;
  /** The public half: base64 of the SPKI DER. */
  signingKey: string;
  /** The status that whatever it signs is answered. */
  earns: string;
  /** Null where the gateway has no such signer. */
  address: Address | null;
}

const COORDINATE = 32;

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The signer, able to sign. The point on the curve is the end of the public half (RFC 5480). */
export async function authorOf({ deviceSecret, signingKey, address }: DemoSigner & { address: Address }): Promise<Author> {
  const spki = Uint8Array.from(atob(signingKey), (character) => character.charCodeAt(0));
  const digits = deviceSecret.slice(2).padStart(2 * COORDINATE, "0");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: base64url(spki.slice(-2 * COORDINATE, -COORDINATE)),
    y: base64url(spki.slice(-COORDINATE)),
    d: base64url(Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))),
  };
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  return { address, signingKey, sign: (text) => signText(key, text) };
}
