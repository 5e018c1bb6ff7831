// The site's HTTP API, typed. Whatever is not the promised reply becomes a ProblemError.

import type { Address, Hex } from "../protocol/address.ts";
import type { Clock, ServerClock } from "./server-clock.ts";
import type { Attempt, Exchange, Profile, Session, SigningKeyRecord, Suggestion } from "./types.ts";

/** What a follow or unfollow consists of: the five fields of the contract, without the operation's name. */
export type SignedOperation = Readonly<Record<"address" | "handle" | "message" | "signingKey", string> & { signature: Hex }>;

export interface OperationReply {
  status: string;
  tsInServer: number;
  /** With RATE_LIMITED: in how many seconds another operation will be taken, where the gateway says so. */
  retryAfter?: number | null;
  exchange: Exchange;
}

interface RegistrationReply {
  status: string;
  exchange: Exchange;
}

/** An application with an API key. Times are milliseconds since the Unix epoch. */
export interface Application {
  id: string;
  name: string;
  /** How its key begins. */
  prefix: string;
  createdAt: number;
  /** To the minute; null for never. */
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export interface Api {
  /** The session as the site last told it. */
  session(): Session;
  refresh(): Promise<Session>;
  /** Waits for the changes of the session that are under way, also where nobody else waits for them any more. */
  settled(): Promise<void>;
  challenge(address: string, chainId: number): Promise<{ message: string }>;
  login(message: string, signature: Hex): Promise<Session>;
  /** Makes an account that is signed in already the active one. */
  setActive(address: string): Promise<Session>;
  logout(): Promise<Session>;
  /** The active address's keys; null where the upstream cannot list them. */
  signingKeys(): Promise<readonly SigningKeyRecord[] | null>;
  registerSigningKey(address: string, message: string, signature: Hex): Promise<RegistrationReply>;
  /** Sends a signed operation to `path` below `/api/`: the fields of the contract, without the operation's name. */
  operate(path: string, signed: Readonly<Record<string, string>>): Promise<OperationReply>;
  profile(handle: string): Promise<Profile>;
  suggest(prefix: string): Promise<readonly Suggestion[]>;
  /** Makes a key for an application of `address`; its text comes this once. */
  createApplication(address: string, name: string): Promise<{ application: Application; key: string }>;
  revokeApplication(address: string, id: string): Promise<Application>;
  /** What one page alone reads: `members` of the reply must be there, in their types. */
  read<T>(path: string, members: Members): Promise<T>;
  /** What one page alone changes. */
  send<T>(path: string, body: unknown, members: Members): Promise<T>;
}

/** Names of a reply's members, and what `typeof` says of them. */
type Members = Readonly<Record<string, "string" | "number" | "boolean" | "object">>;

/** A failure between page and gateway. `slug` is that of the site's problem type, or one of the page's own:
 * `no-connection`, `no-answer` (too slow), `unreadable` (no reply of this site). */
export class ProblemError extends Error {
  override name = "ProblemError";
  readonly slug: string;
  readonly requestId: string | null;
  readonly reason: string | null;
  /** The request that failed and what came back, without its secrets; null where none was sent. */
  exchange: Attempt | null = null;
  constructor(slug: string, detail: string, requestId: string | null = null, reason: string | null = null) {
    super(detail);
    this.slug = slug;
    this.requestId = requestId;
    this.reason = reason;
  }
}

interface ApiDeps {
  fetch: typeof fetch;
  clock: Clock;
  serverClock: ServerClock;
  session: Session;
  /** Where the site is, to name its addresses in full. */
  origin?: string;
}

const DEADLINE_MS = 20_000;

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The request of each reply that was read, for the case that it is not what was asked for. */
const asked = new WeakMap<object, Attempt>();

function unreadable(reply?: unknown): ProblemError {
  const problem = new ProblemError("unreadable", "The reply is not one of this site");
  if (isObject(reply)) problem.exchange = asked.get(reply) ?? null;
  return problem;
}

/** Checks that the members which the page relies on are there, in their types. */
function expect<T>(value: unknown, members: Members): T {
  if (!isObject(value)) throw unreadable();
  for (const [name, type] of Object.entries(members)) if (typeof value[name] !== type) throw unreadable(value);
  return value as T;
}

function problemOf({ status, headers }: Response, content: string): ProblemError {
  const body: unknown = headers.get("content-type")?.startsWith("application/problem+json") === true ? JSON.parse(content) : null;
  if (!isObject(body)) return new ProblemError("unreadable", `The site answered ${status} without saying why`);
  const slug = /^\/problems\/([a-z-]+)$/.exec(text(body["type"]) ?? "")?.[1] ?? "unreadable";
  return new ProblemError(slug, text(body["detail"]) ?? text(body["title"]) ?? "", text(body["requestId"]), text(body["reason"]));
}

/** What gives access; it is nowhere to be shown. */
const SECRET = /("(?:csrfToken|key)"\s*:\s*")(?:[^"\\]|\\.)*/g;
const SHOWN = 20_000;

export function createApi({ fetch, clock, serverClock, session: first, origin = "" }: ApiDeps): Api {
  let session = first;
  let changes: Promise<unknown> = Promise.resolve();
  let changed = 0;

  async function once(path: string, init: RequestInit): Promise<unknown> {
    const sent = clock.elapsed();
    const body = typeof init.body === "string" ? init.body : "";
    // The one header of ours that is no secret; cookies are the browser's, and no script sees them.
    const headers: Record<string, string> = body === "" ? {} : { "content-type": "application/json" };
    const attempt: Attempt = { request: { method: init.method ?? "GET", url: `${origin}/api${path}`, headers, body }, response: null, durationMs: 0 };
    try {
      return await within(DEADLINE_MS, async (signal) => {
        // In another site's frame: the session of the frame, whose cookie alone is looked at then.
        const sentHeaders = { ...init.headers, ...(session.framed && { "x-countersign-frame": "1" }) };
        const response = await fetch(`/api${path}`, { ...init, headers: sentHeaders, cache: "no-store", signal });
        serverClock.observe(response.headers.get("date"), sent, clock.elapsed());
        const content = await response.text();
        attempt.response = { status: response.status, headers: Object.fromEntries(response.headers), body: content.slice(0, SHOWN).replace(SECRET, "$1[removed]") };
        if (!response.ok) throw problemOf(response, content);
        const reply: unknown = JSON.parse(content);
        if (isObject(reply)) asked.set(reply, attempt);
        return reply;
      });
    } catch (error) {
      // Nothing but the deadline aborts a request.
      const slow = error instanceof DOMException && error.name === "AbortError";
      const problem =
        error instanceof ProblemError ? error
        : error instanceof SyntaxError ? unreadable()
        : new ProblemError(slow ? "no-answer" : "no-connection", slow ? "No answer in time" : "The site cannot be reached");
      problem.exchange = attempt;
      throw problem;
    } finally {
      attempt.durationMs = clock.elapsed() - sent;
    }
  }

  /** A reply in time, or none: `AbortSignal.timeout` is younger than many browsers. */
  async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), ms);
    try {
      return await work(deadline.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  const get = (path: string): Promise<unknown> => once(path, {});

  async function post(path: string, body: unknown): Promise<unknown> {
    const send = (): Promise<unknown> =>
      once(path, {
        method: "POST",
        headers: { "content-type": "application/json", "x-csrf-token": session.csrfToken },
        body: JSON.stringify(body),
        // Whoever signs out and closes the tab at once has signed out.
        keepalive: path === "/logout",
      });
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== "csrf") throw error;
      // The token is the cookie's. With the one that holds now it is for the site to say who may do this.
      await refresh();
    }
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== "csrf") throw error;
      // The reply before this one set a cookie. A browser that does not bring it along keeps none.
      if ((await refresh()).cookie === false) throw new ProblemError("cookies-blocked", "The browser keeps no cookie");
      throw error;
    }
  }

  function take(body: unknown): Session {
    const next = expect<Session>(body, { csrfToken: "string", addresses: "object", entity: "string" });
    session = { ...next, address: text(next.address) as Address | null };
    return session;
  }

  /** Changes of the session go one after the other, so that the last one asked for is the one that stays. */
  function change(request: () => Promise<unknown>): Promise<Session> {
    const run = changes.then(async () => {
      const next = take(await request());
      changed++;
      return next;
    });
    changes = run.catch(() => undefined);
    return run;
  }

  /** What was asked before a change and answered after it is old news. */
  const refresh = async (): Promise<Session> => {
    const before = changed;
    const told = await get("/session");
    return before === changed ? take(told) : session;
  };

  return {
    session: () => session,
    refresh,
    settled: async () => void (await changes),
    challenge: async (address, chainId) => expect(await post("/login/challenge", { address, chainId }), { message: "string" }),
    login: (message, signature) => change(() => post("/login", { message, signature })),
    setActive: (address) => change(() => post("/session/active", { address })),
    logout: () => change(() => post("/logout", {})),
    async signingKeys() {
      const { signingKeys } = expect<{ signingKeys: SigningKeyRecord[] | null }>(await get("/signing-keys"), { signingKeys: "object" });
      return signingKeys;
    },
    registerSigningKey: async (address, message, signature) =>
      expect(await post("/signing-keys", { address, message, signature }), { status: "string", exchange: "object" }),
    operate: async (path, signed) =>
      expect(await post(`/${path}`, signed), { status: "string", tsInServer: "number", exchange: "object" }),
    profile: async (handle) =>
      expect(await get(`/profiles/${encodeURIComponent(handle)}`), { handle: "string", followerCount: "number", isFollowedByMe: "boolean" }),
    async suggest(prefix) {
      const { profiles } = expect<{ profiles: Suggestion[] | null }>(await get(`/profiles?prefix=${encodeURIComponent(prefix)}`), { profiles: "object" });
      return profiles ?? [];
    },
    createApplication: async (address, name) => expect(await post("/applications", { address, name }), { application: "object", key: "string" }),
    async revokeApplication(address, id) {
      const { application } = expect<{ application: Application }>(await post("/applications/revoke", { address, id }), { application: "object" });
      return application;
    },
    read: async (path, members) => expect(await get(path), members),
    send: async (path, body, members) => expect(await post(path, body), members),
  };
}
