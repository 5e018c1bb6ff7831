import assert from "node:assert/strict";
import { test } from "node:test";

import type { Ink } from "../../../static/src/record/tint.ts";
import { tint } from "../../../static/src/record/tint.ts";
import type { Part } from "../../../static/src/state/types.ts";

const ADDRESS = "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664";
const DEVICE = `0x${"9".repeat(128)}`;
const WALLET = `0x${"7".repeat(130)}`;

/** The ink of the run that holds `piece`. */
function inkOf(piece: string, text: string, part: Pick<Part, "kind" | "by">): Ink | null | undefined {
  return tint(text, part).find(([run]) => run.includes(piece))?.[1];
}

test("in a message the address is the wallet's, the operation the device's, the handle the gateway's, the time nobody's", () => {
  const message = `{"op":"follow","address":"${ADDRESS}","handle":"shiyu","ts":1795460676294}`;
  const part = { kind: "json", by: "device" } as const;
  const inks = ["follow", ADDRESS, "shiyu", "1795460676294", '"op"'].map((piece) => inkOf(piece, message, part));
  assert.deepEqual(inks, ["device", "wallet", "gateway", null, "key"]);
});

test("in a request the device's signature and key are the device's, not the wallet's, though they begin with 0x", () => {
  const request = `{"variables":{"input":{"message":"{}","signature":"${DEVICE}","signingKey":"MFkw"}}}`;
  const inks = [DEVICE, "MFkw", "{}"].map((piece) => inkOf(`"${piece}"`, request, { kind: "json", by: "site" }));
  assert.deepEqual(inks, ["device", "device", "device"]);
});

test("in a registration the wallet's signature is the wallet's", () => {
  assert.equal(inkOf(WALLET, `{"message":"text","signature":"${WALLET}"}`, { kind: "json", by: "site" }), "wallet");
});

test("in an answer status and time are the gateway's; a problem's status is the site's", () => {
  const answer = '{"data":{"follow":{"status":"SUCCESS","tsInServer":1795460676}}}';
  assert.equal(inkOf("SUCCESS", answer, { kind: "json", by: "gateway" }), "gateway");
  assert.equal(inkOf("1795460676", answer, { kind: "json", by: "gateway" }), "gateway");
  assert.equal(inkOf("502", '{"status":502}', { kind: "json", by: "site" }), "site");
});

test("a signature or key by itself has its maker's ink", () => {
  assert.deepEqual(tint(DEVICE, { kind: "hex", by: "device" }), [[DEVICE, "device"]]);
  assert.deepEqual(tint(WALLET, { kind: "hex", by: "wallet" }), [[WALLET, "wallet"]]);
  assert.deepEqual(tint("MFkw", { kind: "base64", by: "device" }), [["MFkw", "device"]]);
});

test("in a plain text an address is the wallet's, and nothing that only begins like one", () => {
  const text = `Address: ${ADDRESS}\nHash: 0x${"a".repeat(64)}`;
  assert.deepEqual(
    tint(text, { kind: "text", by: "site" }).filter(([, ink]) => ink !== null),
    [[ADDRESS, "wallet"]],
  );
});

for (const kind of ["json", "text", "hex"] as const) {
  test(`${kind}: the runs joined are the text, whatever it holds`, () => {
    for (const text of ['{"a":"b"}', `"${'\\"'.repeat(1_000)}`, `${ADDRESS}${ADDRESS} ${ADDRESS}`, '{"constructor":"x","__proto__":"y"}', ""]) {
      assert.equal(tint(text, { kind }).map(([run]) => run).join(""), text);
    }
  });
}
