// The device key: ECDSA over P-256 in WebCrypto, whose private half no script can read.
// https://www.w3.org/TR/webcrypto-2/#ecdsa

import type { Hex } from "./address.ts";
import { hexOf } from "./message.ts";

/** A key pair with its public half in the contract's form: base64 of the 91 bytes of SPKI DER. */
interface SigningKey {
  signingKey: string;
  keyPair: CryptoKeyPair;
}

/** What is missing then, and what to do, as sentences. */
export const NO_SIGNING = "Browsers sign only on pages that came over https or from this machine. Open this page that way.";

/** The browser gives no WebCrypto here: the page came neither over https nor from this machine. */
export class CryptoUnavailable extends Error {
  override name = "CryptoUnavailable";
}

/** Whether this browser signs on this page at all. WebCrypto is typed as always there, and absent where the page is no secure context. */
export function canSign(): boolean {
  return (globalThis.crypto as Crypto | undefined)?.subtle !== undefined;
}

function subtle(): SubtleCrypto {
  if (!canSign()) throw new CryptoUnavailable(NO_SIGNING);
  return globalThis.crypto.subtle;
}

/** Makes a key pair; the private key is not extractable. */
export async function generateSigningKey(): Promise<SigningKey> {
  const keyPair = await subtle().generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const spki = await subtle().exportKey("spki", keyPair.publicKey);
  return { signingKey: btoa(String.fromCharCode(...new Uint8Array(spki))), keyPair };
}

/** `xxxx·xxxx`: the first eight hex digits of the SHA-256 of the SPKI DER. */
export async function fingerprintOf(signingKey: string): Promise<string> {
  const spki = Uint8Array.from(atob(signingKey), (character) => character.charCodeAt(0));
  const digest = hexOf(await subtle().digest("SHA-256", spki));
  return `${digest.slice(0, 4)}·${digest.slice(4, 8)}`;
}

/** Signs the UTF-8 bytes of `text`: 0x and 128 hex digits, raw r‖s (IEEE P1363) over SHA-256. */
export async function signText(privateKey: CryptoKey, text: string): Promise<Hex> {
  const bytes = new TextEncoder().encode(text);
  return `0x${hexOf(await subtle().sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, bytes))}`;
}

/** Whether what was stored as a key signs, and `signingKey` is its public half. */
export async function worksAsKey({ signingKey, keyPair }: SigningKey): Promise<boolean> {
  const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const probe = new Uint8Array(32);
  try {
    const spki = Uint8Array.from(atob(signingKey), (character) => character.charCodeAt(0));
    const publicKey = await subtle().importKey("spki", spki, ecdsa, false, ["verify"]);
    return await subtle().verify(ecdsa, publicKey, await subtle().sign(ecdsa, keyPair.privateKey, probe), probe);
  } catch (error) {
    if (error instanceof CryptoUnavailable) throw error;
    return false; // whatever was stored there
  }
}
