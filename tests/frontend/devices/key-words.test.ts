import assert from "node:assert/strict";
import { test } from "node:test";

import type { SigningKeyRecord } from "../../../static/src/api/types.ts";
import type { KeyChange } from "../../../static/src/devices/key-words.ts";
import { actName, keyWords, signable } from "../../../static/src/devices/key-words.ts";
import { STATUSES } from "../../../static/src/protocol/statuses.ts";

const KEY: SigningKeyRecord = { signingKey: "MFkw", fingerprint: "ab12·cd34", name: "", entity: "", registeredAt: 1, expiresAt: 2, revokedAt: null, lastUsedAt: null };
const NAMED = { ...KEY, name: "Lost phone" };
const change = (changes: Partial<KeyChange> = {}): KeyChange => ({ op: "revoke", key: NAMED, name: "", isThis: false, by: "device", ...changes });

test("every status of a change has plain words, and every refusal a next step", () => {
  for (const op of ["rename", "renew", "revoke"] as const) {
    for (const by of ["device", "wallet"] as const) {
      for (const isThis of [true, false]) {
        for (const status of [...STATUSES.filter((each) => each !== "HANDLE_NOT_FOUND"), "NEVER_HEARD_OF"]) {
          const { sentence, next } = keyWords(change({ op, by, isThis }), status);
          assert.match(sentence, /^[A-Z“].*\.$/, `${op} ${status}: a sentence`);
          assert.doesNotMatch(sentence, /!|undefined|null/, `${op} ${status}: plain words`);
          // The field of a name that is refused is still open.
          const settled = status === "SUCCESS" || status === "ALREADY_DONE" || (op === "rename" && status === "INVALID_MESSAGE");
          if (!settled) assert.notEqual(next, null, `${op} ${status}: a next step`);
        }
      }
    }
  }
});

test("whoever revokes this browser's key is told the way back; another key's end offers none", () => {
  assert.equal(keyWords(change({ isThis: true }), "SUCCESS").next?.action, "authorise");
  assert.equal(keyWords(change(), "SUCCESS").next, null);
});

test("a key is called by its name, and by its fingerprint where it has none", () => {
  assert.equal(actName(change()), "Revoke Lost phone");
  assert.equal(actName(change({ op: "renew", key: KEY })), "Renew ab12·cd34");
});

test("what is signed is the contract's text, and who signed is said of all but a renewal", () => {
  const address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
  const sent = (op: KeyChange["op"]) => {
    const what = signable(change({ op, name: "Desk" }), address);
    return { path: what.path, text: what.compose(7), fields: what.fields("m", "0x1", "MFkx") };
  };
  const fields = { address, signingKey: "MFkw", message: "m", signature: "0x1" };
  assert.deepEqual(sent("rename"), { path: "signing-keys/rename", text: `{"op":"rename","address":"${address}","signingKey":"MFkw","name":"Desk","ts":7}`, fields: { ...fields, authorizedBy: "MFkx" } });
  assert.deepEqual(sent("revoke"), { path: "signing-keys/revoke", text: `{"op":"revoke","address":"${address}","signingKey":"MFkw","ts":7}`, fields: { ...fields, authorizedBy: "MFkx" } });
  assert.deepEqual(sent("renew"), { path: "signing-keys/renew", text: `{"op":"renew","address":"${address}","signingKey":"MFkw","ts":7}`, fields });
});
