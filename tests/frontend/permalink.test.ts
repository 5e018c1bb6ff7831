import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { fromFragment, shareable, toFragment } from "../../static/src/permalink.ts";
import type { Step } from "../../static/src/types.ts";

const STEP: Step = {
  id: "act-1-1",
  trace: "act-1",
  act: "Follow @shiyu",
  actor: "site",
  kind: "proxied-mutation",
  title: "Proxied the mutation",
  at: 1_795_460_676_294,
  durationMs: 3.25,
  parts: [{ label: "Message", text: '{"op":"follow","handle":"shi\\u0079u"} ‖', kind: "json", by: "device", note: "exact" }],
  exchange: {
    request: { method: "POST", url: "http://127.0.0.1:8000/graphql", headers: { "content-type": "application/json" }, body: "{}" },
    response: { status: 200, headers: { "content-type": "application/json" }, body: '{"data":null}' },
    durationMs: 12,
  },
};
const LOGIN: Step = {
  id: "act-1-0",
  trace: "act-1",
  act: "Follow @shiyu",
  actor: "wallet",
  kind: "wallet-signature",
  title: "Signed in",
  at: 0,
  durationMs: null,
  parts: [{ label: "Text", text: "127.0.0.1:8000 wants you to sign in with your Ethereum account:\n0x", kind: "text" }],
};

function fragmentOf(value: unknown): string {
  return `#exchange=${deflateRawSync(JSON.stringify(value)).toString("base64url")}`;
}

test("a link gives the exchange back, to the byte", async () => {
  const fragment = await toFragment([STEP]);
  assert.ok(fragment !== null);
  assert.match(fragment, /^#exchange=[A-Za-z0-9_-]+$/);
  assert.deepEqual(await fromFragment(fragment), [STEP]);
});

for (const name of ["Cookie", "set-cookie", "Authorization", "X-API-Key", "x-csrf-token", "Proxy-Authorization"]) {
  test(`${name} is never shared`, () => {
    const { request, response, durationMs } = STEP.exchange ?? assert.fail();
    const leaky = { ...STEP, exchange: { request: { ...request, headers: { ...request.headers, [name]: "secret" } }, response: { ...response, headers: { [name]: "secret" } }, durationMs } };
    assert.doesNotMatch(JSON.stringify(shareable([leaky])), /secret/);
    assert.match(JSON.stringify(shareable([leaky])), /content-type/);
  });
}

test("a sign-in is never shared", () => {
  assert.deepEqual(shareable([LOGIN, STEP]), [STEP]);
});

test("an exchange too long for a link gets none", async () => {
  let noise = "";
  for (let i = 0; i < 4_000; i++) noise += crypto.randomUUID();
  assert.equal(await toFragment([{ ...STEP, title: noise }]), null);
});

test("a fragment about something else is left alone", async () => {
  assert.equal(await fromFragment("#main"), null);
  assert.equal(await fromFragment(""), null);
});

const DAMAGED: Record<string, unknown> = {
  "no steps": { version: 1 },
  "another version": { version: 2, steps: [] },
  "an actor that is none of the four": { version: 1, steps: [{ ...STEP, actor: "admin" }] },
  "a kind that does not exist": { version: 1, steps: [{ ...STEP, kind: "constructor" }] },
  "a time that is no number": { version: 1, steps: [{ ...STEP, at: "now" }] },
  "a time that no calendar has": { version: 1, steps: [{ ...STEP, at: 1e300 }] },
  "parts that are no list": { version: 1, steps: [{ ...STEP, parts: {} }] },
  "a part without text": { version: 1, steps: [{ ...STEP, parts: [{ label: "x", kind: "text" }] }] },
  "an exchange without a reply": { version: 1, steps: [{ ...STEP, exchange: { request: STEP.exchange?.request } }] },
  "headers that are no texts": { version: 1, steps: [{ ...STEP, exchange: { ...STEP.exchange, response: { status: 200, headers: { a: 1 }, body: "" } } }] },
};
for (const [what, value] of Object.entries(DAMAGED)) {
  test(`a link with ${what} is refused`, async () => {
    await assert.rejects(fromFragment(fragmentOf(value)), TypeError);
  });
}

test("a link that unpacks to megabytes is refused before it has", async () => {
  await assert.rejects(fromFragment(fragmentOf({ version: 1, steps: ["a".repeat(4_000_000)] })), RangeError);
});

test("a cut link is refused", async () => {
  const fragment = (await toFragment([STEP])) ?? "";
  await assert.rejects(fromFragment(fragment.slice(0, -20)));
});
