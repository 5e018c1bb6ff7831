import assert from "node:assert/strict";
import { test } from "node:test";

import type { AnnouncedWallet, Provider } from "../../static/src/types.ts";
import { connectWallet, UserRejected, walletError, WalletFailed, WalletLocked } from "../../static/src/wallet.ts";
import { ALICE, BOB, FakeWallet } from "./fakes.ts";

const wallet = (provider: Provider): AnnouncedWallet => ({ uuid: "u", name: "Test", icon: "", rdns: "org.example", provider });

const ERRORS: [name: string, error: unknown, kind: new (message: string) => Error, says?: RegExp][] = [
  ["4001", { code: 4001, message: "no" }, UserRejected],
  ["4001 as text", { code: "4001" }, UserRejected],
  ["5000, as WalletConnect says it", { code: 5000 }, UserRejected],
  ["ACTION_REJECTED, as ethers says it", Object.assign(new Error("x"), { code: "ACTION_REJECTED" }), UserRejected],
  ["4001 in a cause", new Error("x", { cause: { code: 4001 } }), UserRejected],
  ["4001 in data.originalError", { code: -32603, data: { originalError: { code: 4001 } } }, UserRejected],
  ["4001 in info.error", { code: "UNKNOWN", info: { error: { code: 4001 } } }, UserRejected],
  ["4100", { code: 4100 }, WalletLocked],
  ["a request open already", { code: -32002 }, WalletFailed, /open already/],
  ["an internal error that only mentions a rejection", { code: -32603, message: "User rejected? No." }, WalletFailed, /User rejected/],
  ["text", "boom", WalletFailed, /no reason/],
  ["nothing", undefined, WalletFailed, /no reason/],
];
for (const [name, error, kind, says] of ERRORS) {
  test(`a wallet's error: ${name} is ${kind.name}`, () => {
    const told = walletError(error);
    assert.equal(told.constructor, kind);
    if (says !== undefined) assert.match(told.message, says);
  });
}

test("an error that contains itself is read to an end", () => {
  const error: Record<string, unknown> = {};
  error["cause"] = error;
  assert.equal(walletError(error).constructor, WalletFailed);
});

test("connecting asks for accounts and the chain; a silent one asks for no permission", async () => {
  const fake = new FakeWallet([ALICE]);
  const connection = await connectWallet(wallet(fake), true);
  assert.equal(connection.address(), ALICE.address.toLowerCase());
  assert.equal(connection.chainId(), 1);
  assert.deepEqual(fake.asked, ["eth_requestAccounts", "eth_chainId"]);
  await connectWallet(wallet(fake), false);
  assert.deepEqual(fake.asked.slice(2), ["eth_accounts", "eth_chainId"]);
});

for (const [name, accounts] of [["none", []], ["nothing", null], ["no address", ["vitalik.eth"]], ["text", "0x"]] as const) {
  test(`a wallet that shows ${name} is locked`, async () => {
    const provider: Provider = { request: async () => accounts };
    await assert.rejects(connectWallet(wallet(provider), true), WalletLocked);
    assert.equal((await connectWallet(wallet(provider), false)).address(), null);
  });
}

test("the UTF-8 bytes of the text are signed, as hex, for the account that was named", async () => {
  const seen: unknown[] = [];
  const provider: Provider = {
    request: async ({ method, params }) => {
      if (method === "personal_sign") seen.push(...(params ?? []));
      return method === "personal_sign" ? "0xabcd" : [ALICE.address];
    },
  };
  const connection = await connectWallet(wallet(provider), true);
  assert.equal(await connection.personalSign("é\n", ALICE.address), "0xabcd");
  assert.deepEqual(seen, ["0xc3a90a", ALICE.address]);
});

for (const answer of [null, "", "0x", "signed", 7, "0xabc"]) {
  test(`${JSON.stringify(answer)} is no signature`, async () => {
    const provider: Provider = { request: async ({ method }) => (method === "personal_sign" ? answer : [ALICE.address]) };
    const connection = await connectWallet(wallet(provider), true);
    await assert.rejects(connection.personalSign("text", ALICE.address), WalletFailed);
  });
}

test("changes are told once each, whatever the wallet repeats, and not after closing", async () => {
  const fake = new FakeWallet([ALICE, BOB]);
  const connection = await connectWallet(wallet(fake), true);
  const told: unknown[] = [];
  connection.onAccounts((address) => told.push(address));
  connection.onChain((chain) => told.push(chain));
  connection.onDisconnect(() => told.push("gone"));
  fake.emit("accountsChanged", [ALICE.address]);
  fake.emit("accountsChanged", [BOB.address]);
  fake.emit("accountsChanged", [BOB.address.toLowerCase()]);
  fake.emit("chainChanged", "0x89");
  fake.emit("chainChanged", "0x89");
  fake.emit("chainChanged", "what");
  fake.emit("accountsChanged", []);
  fake.emit("accountsChanged", []);
  fake.emit("disconnect", { code: 4900 });
  fake.emit("accountsChanged", [ALICE.address]);
  fake.emit("disconnect", { code: 4900 });
  assert.deepEqual(told, [BOB.address, 137, null, ALICE.address, "gone"]);
  connection.close();
  fake.emit("accountsChanged", [BOB.address]);
  assert.equal(told.length, 5);
  assert.equal(fake.listeners(), 0);
});

test("a provider without events or chain still signs", async () => {
  const provider: Provider = {
    request: async ({ method }) => {
      if (method === "eth_chainId") throw { code: 4200 };
      return [ALICE.address];
    },
  };
  const connection = await connectWallet(wallet(provider), true);
  assert.equal(connection.chainId(), 1);
  connection.close();
});
