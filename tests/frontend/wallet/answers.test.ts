import assert from "node:assert/strict";
import { test } from "node:test";

import type { Hex } from "../../../static/src/protocol/address.ts";
import { readAccounts, readChain, readSignature, signatureForm, UserRejected, walletError, WalletFailed, WalletLocked } from "../../../static/src/wallet/answers.ts";

const LOWER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const UPPER = "0xF39FD6E51AAD88F6F4CE6AB8827279CFFFB92266";
const EIP_1191 = "0xF39fD6E51Aad88F6f4CE6AB8827279CFFFb92266";

const ACCOUNTS: [name: string, answer: unknown, read: readonly string[] | null][] = [
  ["lower case", [LOWER], [LOWER]],
  ["upper case", [UPPER], [UPPER]],
  ["upper case, its prefix too", [UPPER.toUpperCase()], [UPPER]],
  ["another chain's checksum", [EIP_1191], [EIP_1191]],
  ["CAIP-10", [`eip155:1:${LOWER}`], [LOWER]],
  ["white space around it", [` ${LOWER}\n`], [LOWER]],
  ["an account of another kind before it", ["7S3P4HxJpyyigGzodYwHtCxZyUQe9JiBMHyRWXArAaKv", LOWER], [LOWER]],
  ["none", [], []],
  ["no list", LOWER, null],
  ["nothing", undefined, null],
  ["an object", { 0: LOWER, length: 1 }, null],
  ["rubbish", [null, 7, "vitalik.eth", {}], null],
  ["a digit too few", [LOWER.slice(0, -1)], null],
  ["a digit too many", [`${LOWER}0`], null],
];
for (const [name, answer, read] of ACCOUNTS) {
  test(`accounts are read as addresses: ${name}`, () => assert.deepEqual(readAccounts(answer), read));
}

const CHAINS: [answer: unknown, chain: number | null][] = [
  ["0x89", 137],
  ["0X89", 137],
  ["137", 137],
  [137, 137],
  [137n, 137],
  ["eip155:137", 137],
  [" 0x1 ", 1],
  ["0x0", null],
  [0, null],
  [-1, null],
  [1.5, null],
  [Number.NaN, null],
  ["1e3", null],
  ["", null],
  ["mainnet", null],
  ["0xffffffffffffffffff", null],
  [undefined, null],
  [{ chainId: "0x1" }, null],
  [["0x1"], null],
];
for (const [answer, chain] of CHAINS) {
  test(`a chain is read: ${typeof answer} ${String(answer)} is ${chain}`, () => assert.equal(readChain(answer), chain));
}

const bytes = (count: number): Hex => `0x${"ab".repeat(count)}`;
for (const [count, form] of [[0, /^No bytes.*contract/], [64, /EIP-2098/], [65, /r, s, v$/], [66, /^66 bytes.*contract/], [8_192, /contract/]] as const) {
  test(`a signature of ${count} bytes passes and is called what it is`, () => assert.match(signatureForm(readSignature(bytes(count))), form));
}
for (const answer of [bytes(8_193), "0xabc", "", "abcd", "0xzz", "signed", null, undefined, 7, [bytes(65)], { signature: bytes(65) }]) {
  test(`no signature: ${JSON.stringify(answer)?.slice(0, 30)}`, () => assert.throws(() => readSignature(answer), WalletFailed));
}

const inpage = "TypeError: Cannot read properties of null (reading 'sign')\n    at Object.request (chrome-extension://abcdefgh/inpage.js:1:23456)\n    at async sign";
const ERRORS: [name: string, error: unknown, kind: new (message: string) => Error, says?: string][] = [
  ["4001", { code: 4001, message: "no" }, UserRejected],
  ["4001 as text", { code: "4001" }, UserRejected],
  ["5000, as WalletConnect says it", { code: 5000 }, UserRejected],
  ["5001", { code: 5001, message: "User disapproved requested methods" }, UserRejected],
  ["ACTION_REJECTED, as ethers says it", Object.assign(new Error("x"), { code: "ACTION_REJECTED" }), UserRejected],
  ["4001 in a cause", new Error("x", { cause: { code: 4001 } }), UserRejected],
  ["4001 in data.originalError", { code: -32603, data: { originalError: { code: 4001 } } }, UserRejected],
  ["4001 in info.error", { code: "UNKNOWN", info: { error: { code: 4001 } } }, UserRejected],
  ["-32603 with its words", { code: -32603, message: "MetaMask Personal Message Signature: User denied message signature." }, UserRejected],
  ["words in data.originalError", { code: -32603, message: "Internal JSON-RPC error.", data: { originalError: { message: "User canceled" } } }, UserRejected],
  ["words in a cause that is text", new Error("Signing failed", { cause: "Rejected by user" }), UserRejected],
  ["words in JSON in a message", { code: -32000, message: 'Error: {"code":-32603,"message":"User rejected signing"}' }, UserRejected],
  ["a Ledger's", new Error("Ledger device: Condition of use not satisfied (denied by the user?) (0x6985)"), UserRejected],
  ["text", "User rejected the request.", UserRejected],
  ["one word", "Cancelled", UserRejected],
  ["an object without a code", { message: "User rejected the request." }, UserRejected],
  ["ethers' reason", { reason: "user rejected signing", message: "x" }, UserRejected],
  ["4100", { code: 4100, message: "The requested account has not been authorized by the user." }, WalletLocked],
  ["4100 as text", { code: "4100" }, WalletLocked],
  ["a request open already", { code: -32002 }, WalletFailed, "It has a request open already: answer that one first"],
  ["a request open already, as text", { code: "-32002", message: "User rejected?" }, WalletFailed, "It has a request open already: answer that one first"],
  ["a request open already, in words", { message: "Request of type 'personal_sign' already pending for origin" }, WalletFailed, "It has a request open already: answer that one first"],
  ["what a node rejected", { code: -32603, message: "The node rejected the transaction" }, WalletFailed, "The node rejected the transaction"],
  ["a reason", { code: -32000, message: "  Device unplugged \n  see the manual" }, WalletFailed, "Device unplugged"],
  ["a reason behind Error:", { message: "Error: Device unplugged" }, WalletFailed, "Device unplugged"],
  ["a reason inside", { message: "{}", data: { message: "Device unplugged" } }, WalletFailed, "Device unplugged"],
  ["text without a reason", "", WalletFailed, "It gave no reason"],
  ["nothing", undefined, WalletFailed, "It gave no reason"],
  ["a number", 7, WalletFailed, "It gave no reason"],
  ["a stack", { code: -32603, message: inpage }, WalletFailed, "It gave no reason"],
  ["a stack's first line", new TypeError("Cannot read properties of undefined"), WalletFailed, "It gave no reason"],
  ["JSON", { message: '{"jsonrpc":"2.0","error":{}}' }, WalletFailed, "It gave no reason"],
  ["a page", { message: "<!doctype html><title>502 Bad Gateway</title>" }, WalletFailed, "It gave no reason"],
  ["a link", { message: "Update at https://evil.example/wallet" }, WalletFailed, "It gave no reason"],
  ["bidi characters", { message: "All \u202efine\u202c\u0000" }, WalletFailed, "All fine"],
  ["a long story", { message: "x".repeat(5_000) }, WalletFailed, `${"x".repeat(159)}…`],
  [
    "members that throw",
    {
      get code(): never {
        throw new Error("trap");
      },
    },
    WalletFailed,
    "It gave no reason",
  ],
];
for (const [name, error, kind, says] of ERRORS) {
  test(`a wallet's error: ${name} is ${kind.name}`, () => {
    const told = walletError(error);
    assert.equal(told.constructor, kind);
    if (says !== undefined) assert.equal(told.message, says);
  });
}

test("an error that contains itself is read to an end", () => {
  const error: Record<string, unknown> = {};
  for (const member of ["cause", "data", "error", "info", "originalError"]) error[member] = error;
  assert.equal(walletError(error).constructor, WalletFailed);
});
