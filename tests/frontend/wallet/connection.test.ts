import assert from "node:assert/strict";
import { test } from "node:test";

import type { AnnouncedWallet, Provider } from "../../../static/src/wallet/types.ts";
import { connectWallet } from "../../../static/src/wallet/connection.ts";
import { WalletFailed, WalletLocked } from "../../../static/src/wallet/answers.ts";
import { ALICE, BOB, deferred, FakeWallet } from "../support/fakes.ts";

const wallet = (provider: Provider): AnnouncedWallet => ({ uuid: "u", name: "Test", icon: "", rdns: "org.example", provider });

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

test("a wallet is given its account in its own spelling, and the page has it in lower case", async () => {
  const other = `0x${ALICE.address.slice(2).toUpperCase()}` as const;
  const signers: unknown[] = [];
  const provider: Provider = {
    request: async ({ method, params }) => {
      if (method === "personal_sign") signers.push(params?.[1]);
      return method === "personal_sign" ? "0x" : [other];
    },
  };
  const connection = await connectWallet(wallet(provider), true);
  assert.equal(connection.address(), ALICE.address.toLowerCase());
  assert.equal(await connection.personalSign("text", ALICE.address), "0x");
  await connection.personalSign("text", BOB.address);
  assert.deepEqual(signers, [other, BOB.address]);
});

test("what is no signature is told as such", async () => {
  const provider: Provider = { request: async ({ method }) => (method === "personal_sign" ? "signed" : [ALICE.address]) };
  const connection = await connectWallet(wallet(provider), true);
  await assert.rejects(connection.personalSign("text", ALICE.address), WalletFailed);
});

test("changes are told once each, whatever the wallet repeats, and not after closing", async () => {
  const fake = new FakeWallet([ALICE, BOB]);
  const connection = await connectWallet(wallet(fake), true);
  const told: unknown[] = [];
  connection.onAccounts((address) => told.push(address));
  fake.emit("accountsChanged", [ALICE.address]);
  fake.emit("accountsChanged", [BOB.address]);
  fake.emit("accountsChanged", [BOB.address.toLowerCase()]);
  fake.emit("chainChanged", "0x89");
  fake.emit("chainChanged", "what");
  fake.emit("accountsChanged", []);
  fake.emit("accountsChanged", []);
  fake.emit("accountsChanged", [ALICE.address]);
  const [alice, bob] = [ALICE, BOB].map(({ address }) => address.toLowerCase());
  assert.deepEqual(told, [bob, null, alice]);
  assert.equal(connection.chainId(), 137);
  connection.close();
  fake.emit("accountsChanged", [BOB.address]);
  assert.equal(told.length, 3);
  assert.equal(fake.listeners(), 0);
});

for (const error of [{ code: 1013 }, { code: 4900 }, { code: 4901 }, undefined]) {
  test(`a wallet that lost its chain keeps its account: disconnect, ${JSON.stringify(error)}`, async () => {
    const fake = new FakeWallet([ALICE]);
    const connection = await connectWallet(wallet(fake), true);
    const told: unknown[] = [];
    connection.onAccounts((address) => told.push(address));
    fake.emit("disconnect", error);
    assert.deepEqual(told, []);
    assert.equal(connection.address(), ALICE.address.toLowerCase());
  });
}

for (const said of [undefined, null, "locked", {}, { accounts: [] }, ["vitalik.eth"], [null]]) {
  test(`after an accountsChanged that cannot be read the wallet is asked: ${JSON.stringify(said)}`, async () => {
    const fake = new FakeWallet([ALICE, BOB]);
    const connection = await connectWallet(wallet(fake), true);
    const told = deferred<unknown>();
    connection.onAccounts(told.resolve);
    // It shows no account now: that too is no reason to sign anybody out who was not named.
    fake.accounts = [];
    fake.emit("accountsChanged", said);
    await Promise.resolve();
    assert.equal(fake.asked.at(-1), "eth_accounts");
    fake.accounts = [BOB];
    fake.emit("accountsChanged", said);
    assert.equal(await told.promise, BOB.address.toLowerCase());
  });
}

test("a wallet that throws wherever it can still connects, and is left", async () => {
  const trap = (): never => {
    throw new Error("trap");
  };
  const request: Provider["request"] = async ({ method }) => (method === "eth_chainId" ? trap() : [ALICE.address]);
  for (const provider of [{ request, on: trap, removeListener: trap }, { request, on: async () => trap(), removeListener: async () => trap() }]) {
    const connection = await connectWallet(wallet(provider), true);
    assert.equal(connection.address(), ALICE.address.toLowerCase());
    connection.close();
  }
  await assert.rejects(connectWallet(wallet({ request: trap }), true), WalletFailed);
});

test("a wallet without events or chain still signs", async () => {
  const provider: Provider = {
    request: async ({ method }) => {
      if (method === "eth_chainId") throw { code: 4200 };
      return [ALICE.address];
    },
  };
  const connection = await connectWallet(wallet(provider), true);
  assert.equal(connection.chainId(), null);
  connection.close();
});
