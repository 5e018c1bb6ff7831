import assert from "node:assert/strict";
import { test } from "node:test";

import { ProblemError } from "../../../static/src/api/api.ts";
import { piece } from "../../../static/src/browser/piece.ts";
import { problemFor } from "../../../static/src/state/problems.ts";
import { connectWallet } from "../../../static/src/wallet/connection.ts";
import { FakeBrowser } from "../support/fake-browser.ts";

const gone = (): Promise<never> => piece(() => Promise.reject(new TypeError("Failed to fetch dynamically imported module")));

test("a piece of the page that cannot be loaded is a lost connection, and reloading helps", async () => {
  assert.equal(await piece(async () => 1), 1);
  const error = await gone().catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ProblemError);
  const said = problemFor(error);
  assert.deepEqual([said?.title, said?.next], ["No connection", { label: "Reload", action: "reload-page" }]);
});

test("a list of wallets that cannot be loaded ends the act with that, and the next press works", async () => {
  const browser = new FakeBrowser();
  const tab = await browser.open();
  let load = gone;
  const press = (): Promise<void> => tab.account.attempt("Sign in", async () => tab.account.connect(await load().then(() => tab.announced)));
  await press();
  const { result, busy, act } = tab.account.state();
  assert.deepEqual([result?.kind === "problem" && result.title, busy, act], ["No connection", null, "Sign in"]);
  load = async () => undefined as never;
  await press();
  assert.equal(tab.account.state().signedIn, true);
});

test("a sandbox wallet that lacks a piece of itself is no wallet that failed", async () => {
  const provider = { request: gone };
  const wallet = { uuid: "", name: "Sandbox wallet", icon: "", rdns: "", provider };
  await assert.rejects(connectWallet(wallet, true), ProblemError);
});
