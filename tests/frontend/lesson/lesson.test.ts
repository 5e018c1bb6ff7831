// What the lesson sends, in which order, and what the inspector is told of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Api } from "../../../static/src/api/api.ts";
import { ProblemError } from "../../../static/src/api/api.ts";
import { createLesson } from "../../../static/src/lesson/lesson.ts";
import type { Ending, Step } from "../../../static/src/state/types.ts";

const NOW = 1795460676294;
const SIGNING_KEY = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";
const ZERO = { handle: "zero-quota", deviceSecret: "0x1", signingKey: SIGNING_KEY, earns: "RATE_LIMITED", address: "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664" as const };
const EXPIRED = { ...ZERO, handle: "expired-key", earns: "EXPIRED_SIGNING_KEY", address: null };

type Sent = { path: string; fields: Record<string, string> };

/** A lesson whose site gives these answers, one after the other; SUCCESS where there is none. A number is a `tsInServer`. */
function lessonWith(answers: (string | [status: string, tsInServer: number])[] = [], registration = "SUCCESS") {
  const sent: Sent[] = [];
  const steps: Step[] = [];
  const endings: Ending[] = [];
  const exchange = { request: { method: "POST", url: "http://site.example/graphql", headers: {}, body: "{}" }, response: { status: 200, headers: {}, body: "{}" }, durationMs: 1 };
  const api = {
    session: () => ({ entity: "Countersign" }),
    send: async (path: string, fields: Record<string, string>) => (sent.push({ path, fields }), { status: registration, exchange }),
    async operate(path: string, fields: Record<string, string>) {
      sent.push({ path, fields });
      const answer = answers.shift() ?? "SUCCESS";
      if (answer === "no-connection") throw new ProblemError("no-connection", "");
      const [status, tsInServer] = typeof answer === "string" ? [answer, NOW] : answer;
      return { status, tsInServer, exchange };
    },
    read: async () => ({ signers: [EXPIRED, ZERO] }),
  } as unknown as Api;
  const record = { step: (step: Step) => void steps.push(step), ended: (ending: Ending) => void endings.push(ending) };
  const lesson = createLesson({ api, record, clock: { now: () => NOW, elapsed: () => 0 }, serverClock: { now: () => NOW + 0.25, observe: () => {} } });
  return { lesson, sent, steps, endings };
}

const paths = (sent: readonly Sent[]): string[] => sent.map(({ path }) => path);
const tsOf = ({ fields }: Sent): number => (JSON.parse(fields["message"] ?? "") as { ts: number }).ts;

test("the lesson's own key is registered once, by its own wallet, and before the first request", async () => {
  const { lesson, sent, steps } = lessonWith(["INVALID_MESSAGE", "INVALID_SIGNATURE"]);
  await lesson.earn("INVALID_MESSAGE", "shiyu");
  await lesson.earn("INVALID_SIGNATURE", "shiyu");
  assert.deepEqual(paths(sent), ["/lab/signing-keys", "lab/unfollow", "lab/follow"]);
  assert.equal(new Set(sent.map(({ fields }) => fields["address"])).size, 1);
  assert.ok(tsOf(sent[1] as Sent) < tsOf(sent[2] as Sent), "within a millisecond, too");
  assert.ok(steps.every(({ account }) => account === sent[0]?.fields["address"]), "whose it is, is told");
});

test("for SUCCESS it follows, and what is shown is the unfollow, so that no count stays changed", async () => {
  const { lesson, sent, endings } = lessonWith();
  for (let again = 0; again < 2; again++) {
    const outcome = await lesson.earn("SUCCESS", "shiyu");
    assert.ok("answer" in outcome && outcome.answer.request.op === "unfollow");
  }
  assert.deepEqual(paths(sent).slice(1), ["lab/follow", "lab/unfollow", "lab/follow", "lab/unfollow"]);
  assert.deepEqual(endings.map(({ name, result }) => [name, result?.kind === "status" && result.status]), [["Break it", "SUCCESS"], ["Break it", "SUCCESS"]]);
});

test("what was left following is known, so that ALREADY_DONE and SUCCESS still come", async () => {
  const { lesson, sent } = lessonWith();
  await lesson.send(await lesson.fresh("shiyu"));
  await lesson.earn("ALREADY_DONE", "shiyu");
  await lesson.earn("SUCCESS", "shiyu");
  assert.deepEqual(paths(sent).slice(1), ["lab/follow", "lab/follow", "lab/unfollow"]);
});

test("a demo signer whose time somebody moved ahead signs again with the gateway's, once", async () => {
  const ahead = NOW + 30_000;
  const { lesson, sent, endings } = lessonWith([["MESSAGE_EXPIRED", ahead], "RATE_LIMITED", ["MESSAGE_EXPIRED", ahead], ["MESSAGE_EXPIRED", ahead]]);
  const outcome = await lesson.earn("RATE_LIMITED", "shiyu");
  assert.ok("answer" in outcome && outcome.answer.status === "RATE_LIMITED");
  assert.equal(tsOf(sent[1] as Sent), ahead);
  assert.ok(sent.every(({ fields }) => fields["address"] === ZERO.address && fields["signingKey"] === SIGNING_KEY));
  await lesson.earn("RATE_LIMITED", "shiyu");
  assert.equal(sent.length, 4);
  assert.equal(endings.length, 2);
});

test("a demo signer follows another where the handle is its own", async () => {
  const { lesson, sent } = lessonWith(["RATE_LIMITED"]);
  await lesson.earn("RATE_LIMITED", ZERO.handle);
  assert.equal(sent[0]?.fields["handle"], EXPIRED.handle);
});

test("where the gateway has no such signer, nothing is sent, and that is said", async () => {
  const { lesson, sent, endings } = lessonWith();
  const outcome = await lesson.earn("EXPIRED_SIGNING_KEY", "shiyu");
  assert.ok("title" in outcome && outcome.title === "No such signer");
  assert.deepEqual([sent, endings], [[], []]);
});

test("a refused registration and a lost connection are told, in the inspector too", async () => {
  for (const [lost, words] of [[lessonWith([], "INVALID_MESSAGE"), "INVALID_MESSAGE"], [lessonWith(["no-connection"]), "No connection"]] as const) {
    const outcome = await lost.lesson.earn("INVALID_SIGNATURE", "shiyu");
    assert.ok("title" in outcome && outcome.title === words, JSON.stringify(outcome));
    assert.equal(lost.endings.length, 1);
  }
});

test("a text is signed for whom the request is of, and it is known what each key is", async () => {
  const { lesson, sent } = lessonWith(["RATE_LIMITED"]);
  await lesson.earn("RATE_LIMITED", "shiyu");
  assert.equal((await lesson.sign(ZERO.address, "text")).signingKey, SIGNING_KEY);
  const { fields } = await lesson.fresh("shiyu");
  assert.equal((await lesson.sign(fields.address, "text")).signingKey, fields.signingKey);
  assert.deepEqual(
    [lesson.keyIs(fields.address, fields.signingKey), lesson.keyIs(fields.address, SIGNING_KEY), lesson.keyIs(ZERO.address, SIGNING_KEY), lesson.keyIs("0x", SIGNING_KEY)],
    ["registered", "not registered", "registered", "unknown"],
  );
  assert.equal(sent.length, 1, "nothing is sent by that");
});
