import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { shareable } from "../../../static/src/record/group-text.ts";
import type { Group } from "../../../static/src/record/groups.ts";
import { CannotUnpack, fromFragment, toFragment } from "../../../static/src/record/permalink.ts";
import type { Exchange } from "../../../static/src/api/types.ts";
import type { Step } from "../../../static/src/state/types.ts";

const EXCHANGE: Exchange = {
  request: { method: "POST", url: "http://127.0.0.1:8000/graphql", headers: { "content-type": "application/json" }, body: "{}" },
  response: { status: 200, headers: { "content-type": "application/json" }, body: '{"data":null}' },
  durationMs: 12,
};

const STEP: Step = {
  id: "link-1",
  trace: "link",
  act: "Follow @shiyu",
  actor: "site",
  kind: "proxied-mutation",
  title: "Proxied the mutation",
  at: 1_795_460_676_294,
  durationMs: 3.25,
  parts: [{ label: "Message", text: '{"op":"follow","handle":"shi\\u0079u"} ‖', kind: "json", by: "device", note: "exact", mark: { from: 7, to: 13, note: "says follow" } }],
  exchange: EXCHANGE,
};
const GROUP: Group = {
  id: "link",
  name: "Follow @shiyu",
  account: "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664",
  from: "link",
  steps: [STEP],
  outcome: { words: "SUCCESS", tone: "good", durationMs: 41 },
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

/** What version 1 wrote, or version 2 with these members changed. */
const shared = (more: object = {}): object => ({ version: 2, ...shareable(GROUP), ...more });

test("a link gives the exchange back, to the byte, with how it ended", async () => {
  const fragment = await toFragment(GROUP);
  assert.ok(fragment !== null);
  assert.match(fragment, /^#exchange=[A-Za-z0-9_-]+$/);
  assert.deepEqual(await fromFragment(fragment), GROUP);
});

test("a link made before exchanges had names still opens", async () => {
  const found = await fromFragment(fragmentOf({ version: 1, steps: [STEP] }));
  assert.deepEqual(found, { ...GROUP, account: null, outcome: null });
});

for (const name of ["Cookie", "set-cookie", "Authorization", "X-API-Key", "x-csrf-token", "Proxy-Authorization"]) {
  test(`${name} is never shared`, () => {
    const { request, response, durationMs } = EXCHANGE;
    const exchange = { request: { ...request, headers: { ...request.headers, [name]: "secret" } }, response: { ...response, headers: { [name]: "secret" } }, durationMs };
    const leaky = JSON.stringify(shareable({ ...GROUP, steps: [{ ...STEP, exchange }] }));
    assert.doesNotMatch(leaky, /secret/);
    assert.match(leaky, /content-type/);
  });
}

test("a sign-in's text and signature are never shared, refused or not; that there was one is", () => {
  const body = JSON.stringify({ message: LOGIN.parts[0]?.text, signature: "0x5151" });
  const refused: Step = { ...STEP, kind: "failure", parts: [], exchange: { ...EXCHANGE, request: { ...EXCHANGE.request, body } } };
  const text = JSON.stringify(shareable({ ...GROUP, steps: [LOGIN, refused, STEP] }));
  assert.doesNotMatch(text, /wants you to sign in|0x5151/);
  assert.match(text, /"title":"Signed in"/);
  assert.match(text, /neither kept nor shared/);
});

test("an exchange too long for a link gets none", async () => {
  let noise = "";
  for (let i = 0; i < 2_000; i++) noise += crypto.randomUUID();
  assert.equal(await toFragment({ ...GROUP, steps: [{ ...STEP, parts: [{ label: "Noise", text: noise, kind: "text" }] }] }), null);
});

test("bytes that a link would be refused for get none", async () => {
  assert.equal(await toFragment({ ...GROUP, steps: [{ ...STEP, parts: [{ label: "Text", text: "\u0000", kind: "text" }] }] }), null);
});

test("a fragment about something else is left alone", async () => {
  assert.equal(await fromFragment("#main"), null);
  assert.equal(await fromFragment(""), null);
});

test("a browser that cannot compress writes a longer link, which every browser opens", async (t) => {
  const packer = globalThis.CompressionStream;
  t.after(() => (globalThis.CompressionStream = packer));
  globalThis.CompressionStream = class {
    constructor() {
      throw new TypeError("deflate-raw is not known");
    }
  } as unknown as typeof CompressionStream;
  const fragment = (await toFragment(GROUP)) ?? "";
  assert.match(fragment, /^#exchange=\.[A-Za-z0-9_-]+$/);
  assert.deepEqual(await fromFragment(fragment), GROUP);
});

test("a browser that cannot unpack a link says so, and does not call it damaged", async (t) => {
  const fragment = (await toFragment(GROUP)) ?? "";
  const unpacker = globalThis.DecompressionStream;
  t.after(() => (globalThis.DecompressionStream = unpacker));
  Reflect.deleteProperty(globalThis, "DecompressionStream");
  await assert.rejects(fromFragment(fragment), CannotUnpack);
});

const step = (more: object): object => shared({ steps: [{ ...STEP, ...more }] });
const request = (more: object): object => step({ exchange: { ...EXCHANGE, request: { ...EXCHANGE.request, ...more } } });
const response = (more: object): object => step({ exchange: { ...EXCHANGE, response: { ...EXCHANGE.response, ...more } } });
const DAMAGED: Record<string, unknown> = {
  "no steps": { ...shared(), steps: undefined },
  "an empty list of steps": shared({ steps: [] }),
  "another version": shared({ version: 3 }),
  "steps beyond number": shared({ steps: Array.from({ length: 65 }, () => STEP) }),
  "a name that turns the direction of reading": shared({ name: "Follow \u202e@uyihs" }),
  "a name over several lines": shared({ name: "Follow\n@shiyu" }),
  "an endless name": shared({ name: "F".repeat(201) }),
  "an account that is no address": shared({ account: "shiyu" }),
  "an outcome of another tone": shared({ outcome: { words: "SUCCESS", tone: "constructor", durationMs: 1 } }),
  "an actor that is none of the four": step({ actor: "admin" }),
  "a kind that does not exist": step({ kind: "constructor" }),
  "a title with a control character": step({ title: "Answered\u001b[2J" }),
  "a time that is no number": step({ at: "now" }),
  "a time that no calendar has": step({ at: 1e300 }),
  "a duration below nothing": step({ durationMs: -1 }),
  "parts that are no list": step({ parts: {} }),
  "a part without text": step({ parts: [{ label: "x", kind: "text" }] }),
  "a part that steers a terminal": step({ parts: [{ label: "x", kind: "text", text: "\u001b[201~" }] }),
  "a mark behind the text": step({ parts: [{ label: "x", kind: "text", text: "x", mark: { from: 0, to: 2, note: "" } }] }),
  "a mark from its end": step({ parts: [{ label: "x", kind: "text", text: "x", mark: { from: 1, to: 0, note: "" } }] }),
  "a mark within a character": step({ parts: [{ label: "x", kind: "text", text: "x", mark: { from: 0.5, to: 1, note: "" } }] }),
  "a mark over several lines": step({ parts: [{ label: "x", kind: "text", text: "x", mark: { from: 0, to: 1, note: "a\nb" } }] }),
  "half a character": step({ parts: [{ label: "x", kind: "text", text: "\ud800" }] }),
  "a part beyond size": step({ parts: [{ label: "x", kind: "text", text: "a".repeat(100_001) }] }),
  "an exchange without a reply": step({ exchange: { request: EXCHANGE.request } }),
  "a command in its method": request({ method: "POST 'http://127.0.0.1:1/'; touch X; :" }),
  "an option as its method": request({ method: "-oX" }),
  "a method in lower case": request({ method: "post" }),
  "a file as its URL": request({ url: "file:///etc/passwd" }),
  "a script as its URL": request({ url: "javascript:alert(1)" }),
  "an option as its URL": request({ url: "-K/etc/passwd" }),
  "credentials in its URL": request({ url: "https://user:password@gateway.example/" }),
  "a URL over two lines": request({ url: "https://gateway.example/\n--next" }),
  "a URL that is none": request({ url: "http://" }),
  "a header's name that is no token": request({ headers: { "@/etc/passwd": "x" } }),
  "a header over two lines": request({ headers: { "x-a": "b\r\nx-c: d" } }),
  "a header that is no text": request({ headers: { "x-a": 1 } }),
  "a status that is no whole number": response({ status: 200.5 }),
  "a status beyond all": response({ status: 1_000 }),
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
  const fragment = (await toFragment(GROUP)) ?? "";
  await assert.rejects(fromFragment(fragment.slice(0, -20)));
});
