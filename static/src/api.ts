// The site's HTTP API, typed. Whatever is not the promised reply becomes a ProblemError.

import type { Clock, ServerClock } from "./server-clock.ts";
import type { Address, Exchange, Hex, Operation, Profile, Session, SigningKeyRecord, Suggestion } from "./types.ts";

/** What a follow or unfollow consists of: the five fields of the contract, without the operation's name. */
export interface SignedOperation {
  address: string;
  handle: string;
  message: string;
  signature: Hex;
  signingKey: string;
}

export interface OperationReply {
  status: string;
  tsInServer: number;
  exchange: Exchange;
}

export interface RegistrationReply {
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
  operate(operation: Operation, signed: SignedOperation): Promise<OperationReply>;
  profile(handle: string): Promise<Profile>;
  suggest(prefix: string): Promise<readonly Suggestion[]>;
  /** Makes a key for an application of `address`; its text comes this once. */
  createApplication(address: string, name: string): Promise<{ application: Application; key: string }>;
  revokeApplication(address: string, id: string): Promise<Application>;
}

/** A failure between page and gateway. `slug` is that of the site's problem type, or one of the page's own:
 * `no-connection`, `no-answer` (too slow), `unreadable` (no reply of this site). */
export class ProblemError extends Error {
  override name = "ProblemError";
  readonly slug: string;
  readonly requestId: string | null;
  readonly reason: string | null;
  constructor(slug: string, detail: string, requestId: string | null = null, reason: string | null = null) {
    super(detail);
    this.slug = slug;
    this.requestId = requestId;
    this.reason = reason;
  }
}

export interface ApiDeps {
  fetch: typeof fetch;
  clock: Clock;
  serverClock: ServerClock;
  session: Session;
}

const DEADLINE_MS = 20_000;

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function unreadable(): ProblemError {
  return new ProblemError("unreadable", "The reply is not one of this site");
}

/** Checks that the members which the page relies on are there, in their types. */
function expect<T>(value: unknown, members: Readonly<Record<string, "string" | "number" | "boolean" | "object">>): T {
  if (!isObject(value)) throw unreadable();
  for (const [name, type] of Object.entries(members)) if (typeof value[name] !== type) throw unreadable();
  return value as T;
}

async function problemOf(response: Response): Promise<ProblemError> {
  const type = response.headers.get("content-type") ?? "";
  const body: unknown = type.startsWith("application/problem+json") ? await response.json().catch(() => null) : null;
  if (!isObject(body)) return new ProblemError("unreadable", `The site answered ${response.status} without saying why`);
  const slug = /^\/problems\/([a-z-]+)$/.exec(text(body["type"]) ?? "")?.[1] ?? "unreadable";
  return new ProblemError(slug, text(body["detail"]) ?? text(body["title"]) ?? "", text(body["requestId"]), text(body["reason"]));
}

export function createApi({ fetch, clock, serverClock, session: first }: ApiDeps): Api {
  let session = first;
  let changes: Promise<unknown> = Promise.resolve();

  async function once(path: string, init: RequestInit): Promise<unknown> {
    const sent = clock.elapsed();
    let response: Response;
    let body: unknown;
    try {
      // In another site's frame: the session of the frame, whose cookie alone is looked at then.
      const headers = { ...init.headers, ...(session.framed && { "x-countersign-frame": "1" }) };
      response = await fetch(`/api${path}`, { ...init, headers, cache: "no-store", signal: AbortSignal.timeout(DEADLINE_MS) });
      serverClock.observe(response.headers.get("date"), sent, clock.elapsed());
      if (!response.ok) throw await problemOf(response);
      body = await response.json();
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      if (error instanceof SyntaxError) throw unreadable();
      const slow = error instanceof DOMException && error.name === "TimeoutError";
      throw new ProblemError(slow ? "no-answer" : "no-connection", slow ? "No answer in time" : "The site cannot be reached");
    }
    return body;
  }

  const get = (path: string): Promise<unknown> => once(path, {});

  async function post(path: string, body: unknown): Promise<unknown> {
    const send = (): Promise<unknown> =>
      once(path, {
        method: "POST",
        headers: { "content-type": "application/json", "x-csrf-token": session.csrfToken },
        body: JSON.stringify(body),
      });
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== "csrf") throw error;
      // Another tab signed in or out, which changes the token. Send again only as the same account.
      const { address } = session;
      if ((await refresh()).address !== address) throw error;
      return await send();
    }
  }

  function take(body: unknown): Session {
    const next = expect<Session>(body, { csrfToken: "string", addresses: "object", entity: "string" });
    session = { ...next, address: text(next.address) as Address | null };
    return session;
  }

  /** Changes of the session go one after the other, so that the last one asked for is the one that stays. */
  function change(path: string, body: unknown): Promise<Session> {
    const run = changes.then(async () => take(await post(path, body)));
    changes = run.catch(() => undefined);
    return run;
  }

  const refresh = async (): Promise<Session> => take(await get("/session"));

  return {
    session: () => session,
    refresh,
    settled: async () => void (await changes),
    challenge: async (address, chainId) => expect(await post("/login/challenge", { address, chainId }), { message: "string" }),
    login: (message, signature) => change("/login", { message, signature }),
    setActive: (address) => change("/session/active", { address }),
    logout: () => change("/logout", {}),
    async signingKeys() {
      const { signingKeys } = expect<{ signingKeys: SigningKeyRecord[] | null }>(await get("/signing-keys"), { signingKeys: "object" });
      return signingKeys;
    },
    registerSigningKey: async (address, message, signature) =>
      expect(await post("/signing-keys", { address, message, signature }), { status: "string", exchange: "object" }),
    operate: async (operation, signed) =>
      expect(await post(`/${operation}`, signed), { status: "string", tsInServer: "number", exchange: "object" }),
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
  };
}
