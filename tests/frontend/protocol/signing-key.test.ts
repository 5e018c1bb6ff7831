import assert from "node:assert/strict";
import { test } from "node:test";

import { CryptoUnavailable, fingerprintOf, generateSigningKey, signText } from "../../../static/src/protocol/signing-key.ts";
import { vectors } from "../support/vectors.ts";

test("a key is P-256 SPKI of 91 bytes in canonical base64, another one each time", async () => {
  const [one, other] = [await generateSigningKey(), await generateSigningKey()];
  const der = Buffer.from(one.signingKey, "base64");
  assert.equal(one.signingKey.length, 124);
  assert.equal(der.length, 91);
  assert.equal(der.toString("base64"), one.signingKey);
  assert.equal(der.subarray(0, 27).toString("hex"), "3059301306072a8648ce3d020106082a8648ce3d03010703420004");
  assert.notEqual(one.signingKey, other.signingKey);
});

test("t31 no script can read the private key", async () => {
  const { keyPair } = await generateSigningKey();
  assert.equal(keyPair.privateKey.extractable, false);
  for (const format of ["pkcs8", "jwk"] as const) {
    await assert.rejects(crypto.subtle.exportKey(format, keyPair.privateKey), { name: "InvalidAccessError" });
  }
});

test("a signature is raw r‖s over the exact UTF-8 bytes", async () => {
  const { keyPair } = await generateSigningKey();
  const text = '{"op":"follow","handle":"é\u{1f600}"}';
  const signature = await signText(keyPair.privateKey, text);
  assert.match(signature, /^0x[0-9a-f]{128}$/);
  const verify = (over: string): Promise<boolean> =>
    crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, keyPair.publicKey, Buffer.from(signature.slice(2), "hex"), Buffer.from(over, "utf-8"));
  assert.equal(await verify(text), true);
  assert.equal(await verify(`${text} `), false);
});

test("fingerprints are those of Python", async () => {
  const { accept } = vectors<{ accept: { text: string; fingerprint: string }[] }>("signing-keys");
  for (const { text, fingerprint } of accept) assert.equal(await fingerprintOf(text), fingerprint);
});

test("a page without WebCrypto is told so", async (context) => {
  context.mock.getter(crypto, "subtle", () => undefined);
  await assert.rejects(generateSigningKey(), CryptoUnavailable);
});
