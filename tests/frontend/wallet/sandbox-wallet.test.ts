import assert from "node:assert/strict";
import { test } from "node:test";
import { recoverMessageAddress } from "viem";

import { createMemory } from "../../../static/src/browser/memory.ts";
import { announceSandboxWallet } from "../../../static/src/wallet/sandbox-wallet.ts";
import type { Hex } from "../../../static/src/protocol/address.ts";
import type { SandboxAsk } from "../../../static/src/wallet/sandbox-wallet.ts";
import { connectWallet } from "../../../static/src/wallet/connection.ts";
import { UserRejected } from "../../../static/src/wallet/answers.ts";
import { memoryStorage } from "../support/fakes.ts";

const KEPT_AS = "countersign.sandbox";

function open(storage = memoryStorage(), approves = true) {
  const target = Object.assign(new EventTarget(), { location: { origin: "http://127.0.0.1:8000" } });
  const asks: SandboxAsk[] = [];
  const approve = async (ask: SandboxAsk): Promise<boolean> => {
    asks.push(ask);
    return approves;
  };
  const sandbox = announceSandboxWallet({ target, memory: createMemory(() => storage), chainId: 56, approve });
  return { target, storage, asks, sandbox, announced: sandbox.wallet };
}

const hex = (text: string): Hex => `0x${Buffer.from(text).toString("hex")}`;

test("it announces itself like any other wallet, to pages that ask later too", () => {
  const { target, announced } = open();
  assert.equal(announced.name, "Sandbox wallet");
  assert.equal(announced.rdns, "app.countersign.sandbox");
  assert.match(announced.icon, /^data:image\/svg\+xml,/);
  assert.match(announced.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const heard: unknown[] = [];
  target.addEventListener("eip6963:announceProvider", (event) => heard.push((event as CustomEvent<{ provider: unknown }>).detail.provider));
  target.dispatchEvent(new Event("eip6963:requestProvider"));
  assert.deepEqual(heard, [announced.provider]);
});

test("connecting makes an identity without asking, and the same one is there on the next visit", async () => {
  const { announced, sandbox, asks, storage } = open();
  assert.deepEqual(await announced.provider.request({ method: "eth_accounts" }), []);
  const connection = await connectWallet(announced, true);
  assert.deepEqual(sandbox.identities().map((address) => address.toLowerCase()), [connection.address()]);
  assert.deepEqual(asks, []);
  const next = open(storage);
  assert.equal((await connectWallet(next.announced, false)).address(), connection.address());
});

test("it is on the chain that it was told", async () => {
  assert.equal(await open().announced.provider.request({ method: "eth_chainId" }), "0x38");
});

test("two requests at once make one identity", async () => {
  const { announced, sandbox } = open();
  await Promise.all([connectWallet(announced, true), connectWallet(announced, true)]);
  assert.equal((sandbox.identities()).length, 1);
});

test("it shows the exact text before it signs, and signs as personal_sign does", async () => {
  const { announced, asks } = open();
  const connection = await connectWallet(announced, true);
  const address = connection.address();
  assert.ok(address);
  const text = "127.0.0.1:8000 wants you to sign in with your Ethereum account:\n0x…";
  const signature = await connection.personalSign(text, address);
  const signer = await recoverMessageAddress({ message: text, signature });
  assert.equal(signer.toLowerCase(), address);
  assert.deepEqual(asks, [{ origin: "http://127.0.0.1:8000", address: signer, text, kind: "sign-in" }]);
});

const KINDS: [text: string, kind: SandboxAsk["kind"]][] = [
  ["I authorize Countersign from this device using signing key:\nMFkw", "authorisation"],
  ["I authorize Countersign from this device using signing key:\nMFkw\nand more", "other"],
  ["evil\nexample wants you to sign in with your Ethereum account:\n", "other"],
  [`{"op":"renew","address":"0x${"aB".repeat(20)}","signingKey":"MFkw+/==","ts":1}`, "key"],
  [`{"op":"follow","address":"0x${"aB".repeat(20)}","handle":"shiyu","ts":1}`, "other"],
  ["anything", "other"],
];
for (const [text, kind] of KINDS) {
  test(`it says what kind of text it is: ${kind}, ${JSON.stringify(text.slice(0, 20))}`, async () => {
    const { announced, asks } = open();
    const connection = await connectWallet(announced, true);
    await connection.personalSign(text, connection.address() ?? "0x");
    assert.equal(asks[0]?.kind, kind);
  });
}

test("bytes that are no text are shown as bytes", async () => {
  const { announced, sandbox, asks } = open();
  await connectWallet(announced, true);
  await announced.provider.request({ method: "personal_sign", params: ["0xff00", sandbox.active()] });
  assert.equal(asks[0]?.text, "0xff00");
});

test("a byte order mark is shown, not swallowed", async () => {
  const { announced, sandbox, asks } = open();
  await connectWallet(announced, true);
  await announced.provider.request({ method: "personal_sign", params: [hex("\ufeffhello"), sandbox.active()] });
  assert.equal(asks[0]?.text, "\ufeffhello");
});

test("Reject is a rejection", async () => {
  const { announced } = open(memoryStorage(), false);
  const connection = await connectWallet(announced, true);
  await assert.rejects(connection.personalSign("text", connection.address() ?? "0x"), UserRejected);
});

test("it signs for the identity in use only, and nothing before it is connected", async () => {
  const { announced, sandbox, asks } = open();
  const first = await sandbox.newIdentity();
  const second = await sandbox.newIdentity();
  const sign = (address: string) => announced.provider.request({ method: "personal_sign", params: [hex("x"), address] });
  await assert.rejects(sign(second), { code: 4100 });
  await connectWallet(announced, true);
  await assert.rejects(sign(first), { code: 4100 });
  await assert.rejects(announced.provider.request({ method: "personal_sign", params: ["text", second] }), { code: -32602 });
  assert.deepEqual(asks, []);
  await sign(second);
});

test("switching and making identities is told as accountsChanged; other methods are unknown", async () => {
  const { announced, sandbox } = open();
  const connection = await connectWallet(announced, true);
  const told: unknown[] = [];
  connection.onAccounts((address) => told.push(address));
  const first = sandbox.active();
  const second = await sandbox.newIdentity();
  await sandbox.use(first ?? "0x");
  await sandbox.use(first ?? "0x");
  assert.deepEqual(told, [second.toLowerCase(), first?.toLowerCase()]);
  await assert.rejects(sandbox.use("0x0000000000000000000000000000000000000000"), RangeError);
  await announced.provider.request({ method: "wallet_revokePermissions" });
  assert.equal(told.at(-1), null);
  await assert.rejects(announced.provider.request({ method: "eth_sendTransaction" }), { code: 4200 });
});

test("another tab's switch is this tab's switch", async () => {
  const { announced, storage, target } = open();
  const connection = await connectWallet(announced, true);
  const told: unknown[] = [];
  connection.onAccounts((address) => told.push(address));
  const other = await open(storage).sandbox.newIdentity();
  target.dispatchEvent(Object.assign(new Event("storage"), { key: "unrelated" }));
  assert.deepEqual(told, []);
  target.dispatchEvent(Object.assign(new Event("storage"), { key: KEPT_AS }));
  assert.deepEqual(told, [other.toLowerCase()]);
});

test("every identity stays listed, oldest first, and two tabs that make one at once lose none", async () => {
  const storage = memoryStorage();
  const first = await open(storage).sandbox.newIdentity();
  // Neither tab has heard of what the other does.
  const tabs = [open(storage).sandbox, open(storage).sandbox];
  const made = await Promise.all(tabs.map((tab) => tab.newIdentity()));
  const listed = open(storage).sandbox.identities();
  assert.equal(listed[0], first);
  assert.deepEqual([...listed].sort(), [first, ...made].sort());
});

test("identities of before, kept in one list, are still there, and so is the one in use", () => {
  const storage = memoryStorage();
  const identities = [1, 2, 3].map((digit) => ({ address: `0x${`${digit}`.repeat(40)}`, privateKey: `0x${`${digit}`.repeat(64)}` }));
  storage.setItem(KEPT_AS, JSON.stringify({ identities, active: identities[1]?.address, connected: true }));
  for (const { sandbox } of [open(storage), open(storage)]) {
    assert.deepEqual(sandbox.identities(), identities.map(({ address }) => address));
    assert.equal(sandbox.active(), identities[1]?.address);
  }
});

test("identities are listed in the order of their making, however fast they are made", async () => {
  const { sandbox } = open(memoryStorage());
  const made: string[] = [];
  for (let i = 0; i < 12; i++) made.push(await sandbox.newIdentity());
  assert.deepEqual(sandbox.identities(), made);
});

test("a damaged identity costs no other", async () => {
  const storage = memoryStorage();
  const { sandbox } = open(storage);
  const [first, second] = [await sandbox.newIdentity(), await sandbox.newIdentity()];
  storage.setItem(`${KEPT_AS}.identity.${second.toLowerCase()}`, "{");
  assert.deepEqual(open(storage).sandbox.identities(), [first]);
});

for (const damaged of ["", "{", "null", "[]", '{"identities":[{"address":"0x1","privateKey":"0x2"}]}', '{"identities":{}}']) {
  test(`damaged storage begins anew: ${damaged}`, async () => {
    const storage = memoryStorage();
    storage.setItem(KEPT_AS, damaged);
    const { sandbox } = open(storage);
    assert.deepEqual(sandbox.identities(), []);
    assert.match(await sandbox.newIdentity(), /^0x[0-9a-fA-F]{40}$/);
  });
}

test("forgotten identities are gone for every tab, and a page that was connected hears it", async () => {
  const { announced, sandbox, storage } = open();
  storage.setItem("theme-of-another", "stays");
  await connectWallet(announced, true);
  await sandbox.newIdentity();
  const heard: unknown[] = [];
  announced.provider.on?.("accountsChanged", (accounts) => heard.push(accounts));
  sandbox.forget();
  assert.deepEqual([sandbox.identities(), sandbox.active(), heard], [[], null, [[]]]);
  assert.deepEqual(open(storage).sandbox.identities(), []);
  assert.equal(storage.getItem("theme-of-another"), "stays");
});
