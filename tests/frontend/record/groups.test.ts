import assert from "node:assert/strict";
import { test } from "node:test";

import { ProblemError } from "../../../static/src/api/api.ts";
import { endingOf, groupMs, outcomeOf, withEnding, withStep } from "../../../static/src/record/groups.ts";
import type { Group } from "../../../static/src/record/groups.ts";
import { resultOf } from "../../../static/src/state/results.ts";
import type { Attempt } from "../../../static/src/api/types.ts";
import type { Ending, Result, Step } from "../../../static/src/state/types.ts";
import { UserRejected } from "../../../static/src/wallet/answers.ts";

const ALICE = "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664";
const ATTEMPT: Attempt = { request: { method: "POST", url: "http://127.0.0.1/api/follow", headers: {}, body: "{}" }, response: null, durationMs: 7 };

const step = (trace: string, title: string, more: Partial<Step> = {}): Step => ({
  id: `${trace}-${title}`, trace, act: `Act ${trace}`, actor: "site", kind: "message", title, at: 1_000, durationMs: 5, parts: [], ...more,
});
const ending = (trace: string, result: Result | null, cause?: unknown): Ending => ({ trace, name: `Act ${trace}`, at: 2_000, result, cause });
const status = (name: string, durationMs: number | null): Result => ({
  kind: "status", op: "follow", handle: "shiyu", status: name, tsInServer: null, sentence: "", next: null, digest: null, durationMs,
});
const titles = (groups: readonly Group[]): string[][] => groups.map(({ name, steps }) => [name, ...steps.map(({ title }) => title)]);

test("acts stand newest first, their steps in the order they happened", () => {
  let groups: Group[] = [];
  for (const each of [step("1", "a"), step("1", "b"), step("2", "c"), step("1", "late"), step("2", "d")]) groups = withStep(groups, each, ALICE);
  assert.deepEqual(titles(groups), [["Act 2", "c", "d"], ["Act 1", "a", "b", "late"]]);
});

test("an act keeps the account it ran as, also where the page shows another by its end", () => {
  let groups: Group[] = [];
  for (const account of [null, ALICE, "0xB0b", null]) groups = withStep(groups, step("1", "a"), account);
  assert.equal(withEnding(groups, ending("1", null), "0xB0b")[0]?.account, ALICE);
});

test("what is done for another address than the page's account is that address's", () => {
  const groups = withStep(withStep([], step("1", "a", { account: "0xB0b" }), ALICE), step("1", "b", { account: "0xB0b" }), ALICE);
  assert.equal(withEnding(groups, ending("1", status("SUCCESS", 1)), ALICE)[0]?.account, "0xB0b");
});

test("a sign-in, which begins with the wallet's spelling of the account, ends with the site's", () => {
  const groups = withStep([], step("1", "a"), ALICE.toLowerCase());
  assert.equal(withEnding(groups, ending("1", status("SUCCESS", 1)), ALICE)[0]?.account, ALICE);
  assert.equal(withEnding(withStep([], step("1", "a"), null), ending("1", null), ALICE)[0]?.account, null);
});

test("no more than forty acts are held; the oldest go", () => {
  let groups: Group[] = [];
  for (let i = 1; i <= 50; i++) groups = withStep(groups, step(String(i), "a"), null);
  assert.deepEqual([groups.length, groups[0]?.name, groups.at(-1)?.name], [40, "Act 50", "Act 11"]);
});

test("while it runs a group says whom it waits for; then how it ended; kept from before a reload, that it was cut off", () => {
  const [group] = withStep([], step("1", "a"), null);
  assert.ok(group);
  assert.equal(endingOf(group, "Rabby"), "waiting for Rabby");
  assert.equal(endingOf(group, null), "under way");
  assert.equal(endingOf({ ...group, from: "kept" }, "Rabby"), "cut off by a reload");
  assert.equal(endingOf({ ...group, outcome: outcomeOf(status("SUCCESS", 41)) }, "Rabby"), "SUCCESS");
});

test("SUCCESS is good, ALREADY_DONE is quiet, any other status is bad", () => {
  assert.deepEqual(["SUCCESS", "ALREADY_DONE", "INVALID_SIGNATURE"].map((name) => outcomeOf(status(name, 1)).tone), ["good", "quiet", "bad"]);
});

test("the time of a group is the one that the page told with its answer", () => {
  const groups = withStep(withStep([], step("1", "a"), null), step("1", "b"), null);
  const [told] = withEnding(groups, ending("1", status("SUCCESS", 41)), null);
  assert.ok(told);
  assert.equal(groupMs(told), 41);
});

test("where the page told no time, it is that of the steps, without the time a person reads", () => {
  const site = step("1", "proxied", { kind: "proxied-mutation", durationMs: 15, exchange: { ...ATTEMPT, durationMs: 12 } });
  const reply = step("1", "reply", { kind: "reply", durationMs: 12 });
  const [group] = [step("1", "wallet", { kind: "wallet-signature", durationMs: 60_000 }), site, reply].reduce<Group[]>((all, each) => withStep(all, each, null), []);
  assert.ok(group);
  assert.equal(groupMs(group), 15);
});

test("a rejection in the wallet is a step of the wallet's", () => {
  const error = new UserRejected("no");
  const [group] = withEnding(withStep([], step("1", "a"), null), ending("1", resultOf(error), error), null);
  assert.deepEqual(group?.steps.map(({ kind, actor, title }) => [kind, actor, title]).at(-1), ["failure", "wallet", "Cancelled in wallet"]);
  assert.deepEqual(group?.outcome, { words: "Cancelled in wallet", tone: "quiet", durationMs: null });
});

test("what failed before anything was signed is shown too, with its request", () => {
  const error = new ProblemError("no-connection", "The site cannot be reached");
  error.exchange = ATTEMPT;
  const groups = withEnding([], ending("1", resultOf(error), error), ALICE);
  assert.deepEqual(titles(groups), [["Act 1", "No connection"]]);
  assert.equal(groups[0]?.steps[0]?.exchange, ATTEMPT);
  assert.deepEqual([groups[0]?.account, groups[0]?.outcome?.words, groups[0]?.outcome?.tone], [ALICE, "No connection", "bad"]);
});

test("a failure that its own step told already is not told twice", () => {
  const error = new ProblemError("no-answer", "No answer in time");
  error.exchange = ATTEMPT;
  const groups = withStep([], step("1", "No answer", { kind: "failure", exchange: ATTEMPT }), null);
  assert.equal(withEnding(groups, ending("1", resultOf(error), error), null)[0]?.steps.length, 1);
});

test("an act that did nothing leaves nothing", () => {
  assert.deepEqual(withEnding([], ending("1", { kind: "note", sentence: "You follow @shiyu already.", next: null }), null), []);
});
