// The public halves of device keys, and what they signed: ECDSA over P-256 with SHA-256, by WebCrypto.
// As webapp/protocol/signing_key.py takes them; https://www.w3.org/TR/webcrypto-2/#ecdsa

import { Refused } from "./refused.ts";
import { readKeySignature, readSigningKey } from "./signed.ts";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** The key in its one spelling: base64 of the 91 bytes of SPKI. Throws `Refused`, for a point that is none on the curve, too. */
export async function importKey(text: string): Promise<CryptoKey> {
  const spki = readSigningKey(text);
  try {
    return await crypto.subtle.importKey("spki", spki, P256, false, ["verify"]);
  } catch {
    throw new Refused("signingKey", "a point on P-256");
  }
}

/** Whether the key signed exactly these bytes. Throws `Refused` for what is no signature: 0x and raw r and s, 64 bytes. */
export async function hasSigned(key: CryptoKey, signature: string, payload: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const digits = readKeySignature(signature).slice(2);
  const raw = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return crypto.subtle.verify(P256, key, raw, payload);
}
