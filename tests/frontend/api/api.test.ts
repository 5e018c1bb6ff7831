import assert from "node:assert/strict";
import { test } from "node:test";

import { createApi, ProblemError } from "../../../static/src/api/api.ts";
import { createServerClock } from "../../../static/src/api/server-clock.ts";
import type { Session } from "../../../static/src/api/types.ts";

const SESSION: Session = { csrfToken: "t1", address: "0xa", addresses: ["0xa"], entity: "Countersign", chainIds: null };

interface Sent {
  url: string;
  init: RequestInit;
}

function apiOver(...answers: (() => Response | Promise<Response>)[]) {
  return apiOf(SESSION, ...answers);
}

function apiOf(first: Session, ...answers: (() => Response | Promise<Response>)[]) {
  const sent: Sent[] = [];
  const clock = { now: () => 0, elapsed: () => 0 };
  const serverClock = createServerClock(clock);
  const fetch = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    sent.push({ url: String(url), init });
    const answer = answers.shift();
    assert.ok(answer, "one request more than expected");
    return answer();
  };
  return { api: createApi({ fetch: fetch as typeof globalThis.fetch, clock, serverClock, session: first }), sent, serverClock };
}

const problem = (slug: string, status: number, more: object = {}) => (): Response =>
  new Response(JSON.stringify({ type: `/problems/${slug}`, title: "t", status, detail: "d", requestId: "r1", ...more }), {
    status,
    headers: { "content-type": "application/problem+json; charset=utf-8" },
  });
const session = (changes: Partial<Session> = {}) => (): Response => Response.json({ ...SESSION, ...changes });

async function failure(promise: Promise<unknown>): Promise<ProblemError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  return assert.fail("expected a ProblemError");
}

test("a post carries JSON and the session's token; the handle in a path is escaped", async () => {
  const { api, sent } = apiOver(session(), () => Response.json({ handle: "a", followerCount: 1, isFollowedByMe: false }));
  await api.setActive("0xb");
  assert.equal(sent[0]?.url, "/api/session/active");
  assert.deepEqual(sent[0]?.init.headers, { "content-type": "application/json", "x-csrf-token": "t1" });
  assert.equal(sent[0]?.init.body, '{"address":"0xb"}');
  await api.profile("../session");
  assert.equal(sent[1]?.url, "/api/profiles/..%2Fsession");
});

test("what ends other sessions gives a new cookie, whose token goes with the next request", async () => {
  const { api, sent } = apiOver(session({ csrfToken: "t2" }), session());
  assert.equal((await api.endOtherSessions("0xa")).csrfToken, "t2");
  assert.deepEqual([sent[0]?.url, sent[0]?.init.body], ["/api/sessions/revoke", '{"address":"0xa"}']);
  await api.logout();
  assert.deepEqual(sent[1]?.init.headers, { "content-type": "application/json", "x-csrf-token": "t2" });
});

test("every reply teaches the site's time", async () => {
  const { api, serverClock } = apiOver(() => Response.json(SESSION, { headers: { date: "Mon, 23 Nov 2026 20:00:00 GMT" } }));
  await api.refresh();
  assert.equal(serverClock.now(), Date.UTC(2026, 10, 23, 20) + 500);
});

test("a stale token is fetched anew, and the request sent once more", async () => {
  const { api, sent } = apiOver(problem("csrf", 403), session({ csrfToken: "t2" }), session({ csrfToken: "t2" }));
  await api.setActive("0xa");
  assert.deepEqual(sent.map(({ url }) => url), ["/api/session/active", "/api/session", "/api/session/active"]);
  assert.equal((sent[2]?.init.headers as Record<string, string>)["x-csrf-token"], "t2");
});

test("a second refusal of the token is the end of it; cookies are blamed only where one that was just set did not come back", async () => {
  for (const [cookie, slug] of [[true, "csrf"], [false, "cookies-blocked"], [undefined, "csrf"]] as const) {
    const last = session({ csrfToken: "t3", ...(cookie === undefined ? {} : { cookie }) });
    const { api } = apiOver(problem("csrf", 403), session({ csrfToken: "t2", cookie: false }), problem("csrf", 403), last);
    assert.equal((await failure(api.setActive("0xa"))).slug, slug);
  }
});

test("where the session has become another account's, or nobody's, it is the site that says so", async () => {
  for (const [address, slug] of [["0xb", "wrong-account"], [null, "not-signed-in"]] as const) {
    const { api } = apiOver(problem("csrf", 403), session({ csrfToken: "t2", address }), problem(slug, 403));
    assert.equal((await failure(api.registerSigningKey("0xa", "m", "0x"))).slug, slug);
    assert.equal(api.session().address, address);
  }
});

test("a sign-in that another tab's overtook is sent again with the token that holds now; one that is refused is not", async () => {
  const overtaken = apiOver(problem("csrf", 403), session({ csrfToken: "t2" }), session({ csrfToken: "t3" }));
  assert.equal((await overtaken.api.login("m", "0x")).csrfToken, "t3");
  const refused = apiOver(problem("login-refused", 401, { reason: "signature" }));
  assert.equal((await failure(refused.api.login("m", "0x"))).reason, "signature");
});

test("a sign-out arrives although the tab is closed at once", async () => {
  const { api, sent } = apiOver(session(), session());
  await api.logout();
  await api.setActive("0xa");
  assert.deepEqual(sent.map(({ init }) => init.keepalive), [true, false]);
});

test("changes of the session go out one after the other", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { api, sent } = apiOver(
    () => held.then(session({ address: "0xa" })),
    problem("not-signed-in", 401),
    session({ address: "0xc" }),
  );
  const [one, two, three] = [api.setActive("0xa"), api.setActive("0xb"), api.logout()];
  const refused = failure(two);
  release();
  await Promise.all([one, refused, three]);
  assert.deepEqual(sent.map(({ init }) => init.body), ['{"address":"0xa"}', '{"address":"0xb"}', "{}"]);
  await api.settled();
  assert.equal(api.session().address, "0xc");
});

const FAILURES: [name: string, answer: () => Response | Promise<Response>, slug: string][] = [
  ["a problem of the site", problem("upstream-timeout", 504), "upstream-timeout"],
  ["a problem whose type is no slug of ours", problem("https://evil.example/x", 500), "unreadable"],
  ["an error page", () => new Response("<html>", { status: 502, headers: { "content-type": "text/html" } }), "unreadable"],
  ["a problem that is no JSON", () => new Response("{", { status: 500, headers: { "content-type": "application/problem+json" } }), "unreadable"],
  ["a page where JSON was promised", () => new Response("<html>"), "unreadable"],
  ["JSON of another shape", () => Response.json([]), "unreadable"],
  ["a member of another type", () => Response.json({ handle: "a", followerCount: "1", isFollowedByMe: false }), "unreadable"],
  ["no network", () => Promise.reject(new TypeError("fetch failed")), "no-connection"],
  ["no answer in time", () => Promise.reject(new DOMException("aborted", "AbortError")), "no-answer"],
];
for (const [name, answer, slug] of FAILURES) {
  test(`${name} is ${slug}`, async () => {
    const { api } = apiOver(answer);
    assert.equal((await failure(api.profile("a"))).slug, slug);
  });
}

test("a problem keeps its request id, its detail, and why a login was refused", async () => {
  const { api } = apiOver(problem("login-refused", 401, { reason: "nonce-expired" }));
  const { requestId, reason, message } = await failure(api.login("m", "0x"));
  assert.deepEqual([requestId, reason, message], ["r1", "nonce-expired", "d"]);
});

test("a session that was read before a sign-out and arrives after it is old news", async () => {
  let answer = (_: Response): void => {};
  const late = new Promise<Response>((resolve) => (answer = resolve));
  const { api } = apiOver(() => late, session({ address: null, addresses: [], csrfToken: "t2" }));
  const reading = api.refresh();
  await api.logout();
  answer(Response.json({ ...SESSION, csrfToken: "t1" }));
  assert.deepEqual([(await reading).address, api.session().csrfToken], [null, "t2"]);
});

test("no status but a text is taken for one", async () => {
  const { api } = apiOver(() => Response.json({ status: null, tsInServer: 1, exchange: {} }));
  assert.equal((await failure(api.operate("follow", { address: "", handle: "", message: "", signature: "0x", signingKey: "" }))).slug, "unreadable");
});

test("a refusal carries its request and reply, without the session's token", async () => {
  const { api } = apiOver(problem("wrong-account", 403));
  const { exchange } = await failure(api.setActive("0xb"));
  assert.deepEqual(exchange?.request, { method: "POST", url: "/api/session/active", headers: { "content-type": "application/json" }, body: '{"address":"0xb"}' });
  assert.equal(exchange.response?.status, 403);
  assert.match(exchange.response.body, /"requestId":"r1"/);
  assert.doesNotMatch(JSON.stringify(exchange), /t1/);
});

test("a request without a reply carries none", async () => {
  const { api } = apiOver(() => Promise.reject(new TypeError("fetch failed")));
  const { exchange, slug } = await failure(api.challenge("0xb", 1));
  assert.deepEqual([slug, exchange?.request.method, exchange?.response], ["no-connection", "POST", null]);
});

test("a reply of another shape is carried as it came, without tokens and keys, and no longer than can be read", async () => {
  const { api } = apiOver(
    session({ csrfToken: "fresh \"token", addresses: 1 as never }),
    () => Response.json({ key: "cs_secret", application: 1 }),
    () => new Response("<html>".repeat(10_000), { headers: { "content-type": "text/html" } }),
  );
  const body = async (promise: Promise<unknown>): Promise<string> => (await failure(promise)).exchange?.response?.body ?? assert.fail("no reply");
  assert.match(await body(api.refresh()), /^\{"csrfToken":"\[removed\]","address":"0xa"/);
  assert.match(await body(api.createApplication("0xa", "n")), /"key":"\[removed\]"/);
  assert.equal((await body(api.refresh())).length, 20_000);
});

test("in another site's frame every request names the frame's session, and no other does", async () => {
  const inFrame = apiOf({ ...SESSION, framed: true }, session({ framed: true }), session({ framed: true }));
  await inFrame.api.refresh();
  await inFrame.api.logout();
  const headers = inFrame.sent.map(({ init }) => new Headers(init.headers));
  assert.deepEqual(headers.map((each) => each.get("x-countersign-frame")), ["1", "1"]);
  assert.equal(headers[1]?.get("x-csrf-token"), "t1");
  const outside = apiOver(session());
  await outside.api.refresh();
  assert.equal(new Headers(outside.sent[0]?.init.headers).has("x-countersign-frame"), false);
});
