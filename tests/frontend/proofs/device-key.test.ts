import assert from "node:assert/strict";
import { test } from "node:test";

import { hasSigned, importKey } from "../../../static/src/proofs/device-key.ts";
import { Refused } from "../../../static/src/proofs/refused.ts";
import { vectors } from "../support/vectors.ts";

test("keys are those of Python: one spelling each, and a point on the curve", async () => {
  const { accept, reject } = vectors<{ accept: { text: string }[]; reject: { name: string; text: unknown }[] }>("signing-keys");
  for (const { text } of accept) await importKey(text);
  for (const { name, text } of reject) if (typeof text === "string") await assert.rejects(importKey(text), Refused, name);
});

test("signatures are judged as Python judges them, high s and low s alike", async () => {
  const { signingKey, verify } = vectors<{ signingKey: string; verify: { name: string; signature: string; payload: string; verifies: boolean }[] }>("signatures");
  const key = await importKey(signingKey);
  for (const { name, signature, payload, verifies } of verify) {
    assert.equal(await hasSigned(key, signature, new TextEncoder().encode(payload)), verifies, name);
  }
});

test("raw signatures are judged as Wycheproof judges them", async () => {
  interface Group {
    publicKeyDer: string;
    tests: { tcId: number; msg: string; sig: string; result: string }[];
  }
  let counted = 0;
  for (const { publicKeyDer, tests } of vectors<{ testGroups: Group[] }>("public/wycheproof/ecdsa_secp256r1_sha256_p1363_test").testGroups) {
    const key = await importKey(Buffer.from(publicKeyDer, "hex").toString("base64"));
    for (const { tcId, msg, sig, result } of tests) {
      const holds = await hasSigned(key, `0x${sig}`, new Uint8Array(Buffer.from(msg, "hex"))).catch((error: unknown) => {
        assert.ok(error instanceof Refused, String(tcId));
        return false;
      });
      assert.equal(holds, result === "valid", String(tcId));
      counted++;
    }
  }
  assert.equal(counted, 262);
});
