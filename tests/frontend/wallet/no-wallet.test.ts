import assert from "node:assert/strict";
import { test } from "node:test";

import { adviceWithoutWallet } from "../../../static/src/wallet/no-wallet.ts";

test("a phone is offered to open this page in a wallet's own browser, without what stands behind ? and #", () => {
  const { links } = adviceWithoutWallet(new URL("https://follow.example/@shiyu?present=1#secret"), true);
  const encoded = "https%3A%2F%2Ffollow.example%2F%40shiyu";
  assert.deepEqual(links, [
    ["MetaMask", "https://link.metamask.io/dapp/follow.example/@shiyu"],
    ["Coinbase Wallet", `https://go.cb-w.com/dapp?cb_url=${encoded}`],
    ["Trust Wallet", `https://link.trustwallet.com/open_url?coin_id=60&url=${encoded}`],
    ["Phantom", `https://phantom.app/ul/browse/${encoded}?ref=${encoded}`],
  ]);
});

for (const page of ["http://127.0.0.1:8000/", "https://localhost/", "https://a.localhost:8443/", "https://[::1]/", "http://follow.example/"]) {
  test(`a phone is told that a wallet's browser cannot open ${page}`, () => {
    const { words, links } = adviceWithoutWallet(new URL(page), true);
    assert.deepEqual(links, []);
    assert.ok(words.includes(`cannot open ${new URL(page).host}`), words);
    assert.match(words, /sandbox wallet works here/);
  });
}

test("a desktop is told how to get a wallet, and that the sandbox wallet needs none", () => {
  const { words, links } = adviceWithoutWallet(new URL("https://follow.example/"), false);
  assert.deepEqual(links, []);
  assert.match(words, /install one.*The sandbox wallet needs none\./);
});
