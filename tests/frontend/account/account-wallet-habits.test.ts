import assert from "node:assert/strict";
import { test } from "node:test";

import { wrongChain } from "../../../static/src/account/chains.ts";
import type { NextStep } from "../../../static/src/state/types.ts";
import { FakeBrowser } from "../support/fake-browser.ts";
import { problem } from "../support/fake-site.ts";
import { rejection } from "../support/fakes.ts";

async function onPolygon() {
  const browser = new FakeBrowser();
  browser.site.chainIds = [1, 8453];
  browser.wallet.chain = "0x89";
  const { account } = await browser.open();
  await account.follow("shiyu");
  const result = account.state().result;
  assert.ok(result?.kind === "problem");
  return { browser, account, result, next: result.next ?? ({} as NextStep) };
}

test("a wallet on a chain that may not sign in is told which may, and the switch it offers finishes what was begun", async () => {
  const { browser, account, result, next } = await onPolygon();
  assert.equal(result.sentence, "This site signs in accounts of Ethereum (1) and Base (8453); Test wallet is on Polygon (137).");
  assert.deepEqual(next, { label: "Switch to Ethereum", action: "switch-chain" });
  assert.equal(browser.site.count("POST /login/challenge"), 0);
  assert.deepEqual(browser.wallet.texts, []);

  await account.act(next);
  assert.equal(browser.wallet.chain, "0x1");
  assert.match(browser.wallet.texts[0] ?? "", /^Chain ID: 1$/m);
  assert.equal(account.state().profile?.isFollowedByMe, true);
});

test("refusing the switch in the wallet is no error, and asking again is up to the visitor", async () => {
  const { browser, account, next } = await onPolygon();
  browser.wallet.onSwitch = rejection;
  await account.act(next);
  const { result } = account.state();
  assert.deepEqual([result?.kind, result?.sentence], ["cancelled", "Cancelled in wallet"]);
  const asked = browser.wallet.asked.filter((method) => method === "wallet_switchEthereumChain").length;
  await account.act({ label: "", action: "retry" });
  assert.match(account.state().result?.sentence ?? "", /is on Polygon \(137\)\.$/);
  assert.equal(browser.wallet.asked.filter((method) => method === "wallet_switchEthereumChain").length, asked);
});

const STUCK: [name: string, onSwitch: () => void][] = [
  ["has no such chain", () => { throw { code: -32603, data: { originalError: { code: 4902 } } }; }],
  ["never switches", () => { throw { code: 4200, message: "Not supported" }; }],
  ["says that it did, and did not", () => undefined],
];
for (const [name, onSwitch] of STUCK) {
  test(`a wallet that ${name} leaves the switch to its owner, and is asked where it is before it is refused again`, async () => {
    const { browser, account, next } = await onPolygon();
    browser.wallet.onSwitch = onSwitch;
    await account.act(next);
    const { result } = account.state();
    assert.match(result?.sentence ?? "", /It did not switch: add or choose Ethereum in the wallet itself/);
    assert.equal(result?.next?.action, "retry");
    // Its owner does, and it tells nobody.
    browser.wallet.chain = "8453";
    await account.act(result?.next ?? next);
    assert.match(browser.wallet.texts[0] ?? "", /^Chain ID: 8453$/m);
    assert.equal(account.state().profile?.isFollowedByMe, true);
  });
}

test("a wallet that knows no chain signs in on the first that may", async () => {
  const browser = new FakeBrowser();
  browser.site.chainIds = [56];
  browser.wallet.chain = "mainnet";
  const { account } = await browser.openAt("signed in");
  assert.equal(account.state().signedIn, true);
  assert.match(browser.wallet.texts[0] ?? "", /^Chain ID: 56$/m);
});

test("a long list of chains is cut, and chains without a name have their number", () => {
  const { sentence, next } = wrongChain("Rabby", 4242, [5000, 1, 10, 56, 100, 137], false);
  assert.equal(sentence, "This site signs in accounts of chain 5000, Ethereum (1), Optimism (10), BNB Chain (56) and 2 more; Rabby is on chain 4242.");
  assert.equal(next.label, "Switch to chain 5000");
});

test("a signature that is refused for being packed in 64 bytes is called that", async () => {
  const browser = new FakeBrowser();
  const { account, announced } = await browser.open();
  browser.wallet.onSign = async () => `0x${"ab".repeat(64)}`;
  browser.site.once("/login", async () => problem("login-refused", 401, { reason: "signature" }));
  await account.connect(announced);
  assert.match(account.state().result?.sentence ?? "", /signed in 64 bytes \(EIP-2098\)/);
});
