// The steps by which an account is deleted: which there are, in what order, and that what is done is no step any more.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { DeletionDeps, Step } from "../../../static/src/activity/deletion.ts";
import { goingWords, readDeletable, stepsOf } from "../../../static/src/activity/deletion.ts";
import type { OwnHandle } from "../../../static/src/api/deletion.ts";
import { generateSigningKey } from "../../../static/src/protocol/signing-key.ts";
import { ALICE, BOB, FakeBrowser } from "../support/fake-browser.ts";
import { problem } from "../support/fake-site.ts";

const alice = ALICE.address.toLowerCase();

/** Another device of alice's, which her gateway knows. */
async function another({ site }: FakeBrowser, name: string, more: { expiresAt?: number; revokedAt?: number } = {}): Promise<string> {
  const { signingKey } = await generateSigningKey();
  site.keys.get(alice)?.set(signingKey, { signingKey, fingerprint: signingKey.slice(-4), name, entity: "", registeredAt: site.now, expiresAt: site.now + 1e9, revokedAt: null, lastUsedAt: null, ...more });
  return signingKey;
}

async function opened(handles: readonly OwnHandle[] | null = [], stage: "signed in" | "authorised" = "authorised") {
  const browser = new FakeBrowser();
  const { account, api } = await browser.openAt(stage);
  let applications = 2;
  const deps: DeletionDeps = {
    account,
    address: ALICE.address,
    now: () => browser.site.now,
    hasApplications: true,
    readHandles: async () => handles,
    readKeys: api.signingKeys,
    ownKey: async () => browser.keyStore.rows.get(alice)?.signingKey ?? null,
    endOtherSessions: api.endOtherSessions,
    async deleteApplications() {
      const count = applications;
      applications = 0;
      return count;
    },
  };
  const steps = async (release = false): Promise<Step[]> => stepsOf(await readDeletable(deps), release, deps);
  const live = (): number => [...(browser.site.keys.get(alice)?.values() ?? [])].filter(({ revokedAt }) => revokedAt === null).length;
  return { browser, account, deps, steps, live };
}

const titles = (steps: readonly Step[]): string[] => steps.map(({ title }) => title);

test("sessions and API keys go first, the key that signs the rest goes last", async () => {
  const { browser, steps } = await opened([{ handle: "dora", isBlank: false }, { handle: "dorb", isBlank: true }]);
  await another(browser, "Lost phone");
  await another(browser, "Old", { expiresAt: browser.site.now - 1 });
  await another(browser, "Gone", { revokedAt: browser.site.now - 1 });
  assert.deepEqual(titles(await steps(true)), [
    "Sign out all other browsers",
    "Delete API keys",
    "Empty the profile of @dora",
    "Empty the profile of @dorb",
    "Give back @dora",
    "Give back @dorb",
    "Take away the name “Lost phone”",
    "Take away the name “Old”",
    "Revoke Lost phone",
    "Revoke this browser's key",
  ]);
  assert.ok(!titles(await steps(false)).some((title) => title.startsWith("Give back")));
});

test("each step says what came of it, and what is done is no step any more", async () => {
  const { browser, steps, live, account } = await opened();
  await another(browser, "Lost phone");
  const asked = browser.wallet.texts.length;
  const said: (string | null)[] = [];
  for (const { run } of await steps()) said.push(await run());
  assert.deepEqual(said.map((words) => words?.split(" ").slice(0, 2).join(" ")), ["You are", "2 API", "The key", "“Lost phone”", "This browser's"]);
  assert.equal(live(), 0);
  assert.deepEqual([...(browser.site.keys.get(alice)?.values() ?? [])].map(({ name }) => name), ["", ""]);
  assert.equal(browser.wallet.texts.length, asked);
  assert.equal(browser.keyStore.rows.get(alice), undefined);
  assert.notEqual(account.state().key.state, "ready");
  assert.deepEqual(titles(await steps()), ["Sign out all other browsers", "Delete API keys"]);
});

test("the wallet is asked first where it signed in too long ago, and where it refuses nothing was done", async () => {
  const { browser, steps } = await opened();
  browser.site.stale = true;
  const asked = browser.wallet.texts.length;
  const [first] = await steps();
  browser.wallet.onSign = () => Promise.reject(Object.assign(new Error("no"), { code: 4001 }));
  assert.equal(await first?.run(), null);
  assert.equal(browser.site.stale, true);
  browser.wallet.onSign = (sign) => sign();
  assert.equal(await first?.run(), "You are signed in nowhere else.");
  assert.equal(browser.wallet.texts.length, asked + 2);
});

test("a step that fails says so, and leaves the rest as it was", async () => {
  const { browser, steps, live, account } = await opened();
  await another(browser, "Lost phone");
  const rename = (await steps()).find(({ title }) => title.startsWith("Take away"));
  browser.site.once("/signing-keys/rename", async () => problem("upstream-unreachable", 502));
  assert.equal(await rename?.run(), null);
  assert.equal(account.state().result?.kind, "problem");
  assert.equal(live(), 2);
  assert.ok(titles(await steps()).includes("Take away the name “Lost phone”"));
});

test("a key that was authorised for the steps before is revoked as well", async () => {
  const { browser, steps, live } = await opened([], "signed in");
  browser.site.keys.set(alice, new Map());
  await another(browser, "Lost phone");
  for (const { title, run } of await steps()) assert.notEqual(await run(), null, title);
  assert.deepEqual([browser.site.keys.get(alice)?.size, live()], [2, 0]);
});

test("a blank profile is emptied only where that costs no question, and a gateway that lists nothing has nothing to clear", async () => {
  const { account, deps, steps } = await opened(null);
  deps.readKeys = async () => null;
  assert.deepEqual(titles(await steps(true)), ["Sign out all other browsers", "Delete API keys"]);
  deps.hasApplications = false;
  assert.deepEqual(titles(await steps(true)), ["Sign out all other browsers"]);
  const blank = { handles: [{ handle: "dora", isBlank: true }], keys: [], own: null };
  assert.ok(titles(stepsOf(blank, false, deps)).includes("Empty the profile of @dora"));
  await account.signOut();
  assert.ok(!titles(stepsOf(blank, false, deps)).includes("Empty the profile of @dora"));
});

test("another account's things are left alone, though it is the one that is signed in by then", async () => {
  const { browser, steps, account, live, deps } = await opened();
  await another(browser, "Lost phone");
  const left = await steps();
  browser.wallet.switchTo(BOB);
  await account.signIn();
  await account.authorise();
  assert.equal(browser.site.session.active, BOB.address);
  const before = browser.site.received.length;
  const changing = left.filter(({ title }) => title !== "Delete API keys" && title !== "Revoke this browser's key");
  for (const step of changing) assert.equal(await step.run(), null, step.title);
  const changed = browser.site.received.slice(before).filter(({ method }) => method === "POST");
  assert.ok(changed.length > 0);
  assert.deepEqual([...new Set(changed.map(({ body }) => body["address"]))], [deps.address]);
  assert.equal(live(), 2);
  assert.ok([...(browser.site.keys.get(BOB.address.toLowerCase())?.values() ?? [])].every(({ revokedAt }) => revokedAt === null));
});

test("the question names what goes", async () => {
  const { deps } = await opened([{ handle: "dora", isBlank: true }]);
  const found = await readDeletable(deps);
  assert.equal(
    goingWords(found, true, deps),
    "every sign-in; all API keys; name, words and picture of @dora; those handles themselves; the names of signing keys, and the keys (1 signs now)",
  );
  assert.equal(goingWords({ handles: [], keys: [], own: null }, true, deps), "every sign-in; all API keys");
});
