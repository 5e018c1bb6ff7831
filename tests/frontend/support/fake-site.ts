// The site's HTTP API, as far as the page sees it, in memory: it verifies what it is sent, and answers as the contract says.

import { createHash } from "node:crypto";
import { recoverMessageAddress } from "viem";

import type { Address, Hex } from "../../../static/src/protocol/address.ts";
import type { Exchange, Session, SigningKeyRecord } from "../../../static/src/api/types.ts";

export const BASE_TIME = Date.UTC(2026, 10, 23, 20, 0, 0);
export const ORIGIN = "http://127.0.0.1:8000";
const WINDOW = { past: 300_000, future: 60_000 };
const THIRTY_DAYS = 30 * 86_400_000;

interface Received {
  method: string;
  path: string;
  body: Record<string, string>;
}
type Answer = () => Promise<Response>;
type Twist = (answer: Answer) => Promise<Response>;

const lower = (text: string): string => text.toLowerCase();

export function problem(slug: string, status: number, more: Record<string, string> = {}): Response {
  const body = { type: `/problems/${slug}`, title: slug, status, detail: `detail of ${slug}`, requestId: "req-1", ...more };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json" } });
}

async function isSignedBy(signingKey: string, signature: string, message: string): Promise<boolean> {
  const key = await crypto.subtle.importKey("spki", Buffer.from(signingKey, "base64"), { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, Buffer.from(signature.slice(2), "hex"), Buffer.from(message));
}

/** One site, one gateway behind it, and one browser's session with them. */
export class FakeSite {
  now = BASE_TIME;
  session: { active: Address | null; addresses: Address[] } = { active: null, addresses: [] };
  token = 1;
  readonly keys = new Map<string, Map<string, SigningKeyRecord>>();
  readonly profiles = new Map<string, { followers: Set<string>; owner: string | null }>([
    ["shiyu", { followers: new Set(["0xsomeone"]), owner: null }],
    ["cyberconnect", { followers: new Set(), owner: null }],
  ]);
  readonly operations: { op: string; address: string; handle: string; message: string }[] = [];
  readonly received: Received[] = [];
  listsKeys = true;
  /** The others that are signed in have been so for too long to come along where one more signs in. */
  letsGo = false;
  /** The account's wallet signed in too long ago to end other sessions. */
  stale = false;
  /** The chains whose accounts it signs in; null: any. */
  chainIds: number[] | null = null;
  /** A `tsInServer` that lies by so much. */
  lie = 0;
  /** Whose text it is; this browser may answer it until it signs out. */
  readonly #challenges = new Map<string, Address>();
  readonly #last = new Map<string, { ts: number; digest: string }>();
  #lastOfKeys = 0;
  readonly #twists = new Map<string, Twist[]>();

  /** Does something else, once, with the next request to `path` (without `/api`). */
  once(path: string, twist: Twist): void {
    this.#twists.set(path, [...(this.#twists.get(path) ?? []), twist]);
  }

  /** How many requests of `method path` came in. */
  count(path: string): number {
    return this.received.filter((request) => `${request.method} ${request.path}` === path).length;
  }

  /** The session ends at the site, unknown to the page. */
  expire(): void {
    this.session = { active: null, addresses: [] };
    this.token++;
    this.#challenges.clear();
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const path = String(input).replace(/^\/api/, "");
    const method = init?.method ?? "GET";
    const headers = new Headers(init?.headers);
    const body = typeof init?.body === "string" ? (JSON.parse(init.body) as Record<string, string>) : {};
    this.received.push({ method, path, body });
    const answer: Answer = async () => {
      if (method === "POST" && headers.get("x-csrf-token") !== `t${this.token}`) return problem("csrf", 403);
      return this.#answer(method, path, body);
    };
    const twist = this.#twists.get(path)?.shift();
    const response = await (twist === undefined ? answer() : twist(answer));
    response.headers.set("date", new Date(this.now).toUTCString());
    return response;
  };

  sessionJson(): Session {
    const { active, addresses } = this.session;
    return { csrfToken: `t${this.token}`, address: active, addresses: [...addresses], entity: "Countersign", chainIds: this.chainIds };
  }

  profileJson(handle: string) {
    const found = this.profiles.get(handle);
    if (found === undefined) return null;
    const me = lower(this.session.active ?? "");
    return {
      handle,
      displayName: handle,
      bio: "",
      avatar: null,
      followerCount: found.followers.size,
      isFollowedByMe: found.followers.has(me),
      isMine: found.owner !== null && found.owner === me,
    };
  }

  async #answer(method: string, path: string, body: Record<string, string>): Promise<Response> {
    const json = (value: unknown): Response => Response.json(value);
    if (path === "/session") return json(this.sessionJson());
    if (path.startsWith("/profiles/")) {
      const profile = this.profileJson(decodeURIComponent(path.slice(10)));
      return profile === null ? problem("not-found", 404) : json(profile);
    }
    if (path.startsWith("/profiles?prefix=")) {
      const prefix = path.slice(17);
      return json({ profiles: [...this.profiles.keys()].filter((handle) => handle.startsWith(prefix)).map((handle) => this.profileJson(handle)) });
    }
    if (path === "/login/challenge") return json(this.#challenge(body));
    if (path === "/login") return this.#login(body as { message: string; signature: Hex });
    if (path === "/signing-keys/revoke" && body["authorizedBy"] === undefined) {
      return json(await this.#changeKey("revoke", { ...body, authorizedBy: body["signingKey"] ?? "" }));
    }
    if (path === "/logout") {
      this.expire();
      return json(this.sessionJson());
    }
    if (path === "/session/active") {
      const known = this.session.addresses.find((address) => lower(address) === lower(body["address"] ?? ""));
      if (known === undefined) return problem("not-signed-in", 401);
      this.session.active = known;
      return json(this.sessionJson());
    }
    const { active } = this.session;
    if (active === null) return problem("not-signed-in", 401);
    if (method === "GET" && path === "/signing-keys") {
      return json({ signingKeys: this.listsKeys ? [...(this.keys.get(lower(active))?.values() ?? [])] : null });
    }
    if (lower(body["address"] ?? "") !== lower(active)) return problem("wrong-account", 403);
    if (path.startsWith("/signing-keys/")) return json(await this.#changeKey(path.slice(14), body));
    if (path === "/sessions/revoke") {
      if (this.stale) return problem("sign-in-again", 403);
      this.token++;
      return json({ ...this.sessionJson(), ended: 1 });
    }
    if (path === "/signing-keys") return json(await this.#register(body as { address: string; message: string; signature: Hex }));
    if (path === "/follow" || path === "/unfollow") return json(await this.#operate(path.slice(1), body));
    return problem("not-found", 404);
  }

  #challenge({ address, chainId }: Record<string, string>) {
    const nonce = createHash("sha256").update(`${this.#challenges.size}`).digest("hex").slice(0, 16);
    const message = [
      "127.0.0.1:8000 wants you to sign in with your Ethereum account:",
      address,
      "",
      "Sign in.",
      "",
      `URI: ${ORIGIN}`,
      "Version: 1",
      `Chain ID: ${chainId}`,
      `Nonce: ${nonce}`,
      `Issued At: ${new Date(this.now).toISOString()}`,
    ].join("\n");
    this.#challenges.set(message, address as Address);
    return { message, expiresAt: this.now + 300_000 };
  }

  async #login({ message, signature }: { message: string; signature: Hex }): Promise<Response> {
    const claimed = this.#challenges.get(message);
    if (claimed === undefined) return problem("login-refused", 401, { reason: "nonce-unknown" });
    this.#challenges.delete(message);
    const signer = await recoverMessageAddress({ message, signature });
    if (lower(signer) !== lower(claimed)) return problem("login-refused", 401, { reason: "signature" });
    this.session = { active: signer, addresses: [...this.session.addresses.filter((known) => known !== signer && !this.letsGo), signer] };
    this.token++;
    this.stale = false;
    return Response.json(this.sessionJson());
  }

  #exchange(sent: unknown, got: unknown): Exchange {
    return {
      request: { method: "POST", url: "http://embedded/graphql", headers: { "content-type": "application/json" }, body: JSON.stringify(sent) },
      response: { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(got) },
      durationMs: 3,
    };
  }

  async #register({ address, message, signature }: { address: string; message: string; signature: Hex }) {
    const signingKey = message.split("\n")[1] ?? "";
    const mine = this.keys.get(lower(address)) ?? new Map<string, SigningKeyRecord>();
    this.keys.set(lower(address), mine);
    const known = mine.get(signingKey);
    let status = "SUCCESS";
    if (known !== undefined && (known.revokedAt !== null || known.expiresAt <= this.now)) status = "INVALID_SIGNING_KEY";
    else if (lower(await recoverMessageAddress({ message, signature })) !== lower(address)) status = "INVALID_SIGNATURE";
    else if (known === undefined) {
      mine.set(signingKey, { signingKey, fingerprint: "", name: "", entity: "Countersign", registeredAt: this.now, expiresAt: this.now + THIRTY_DAYS, revokedAt: null, lastUsedAt: null });
    }
    return { status, exchange: this.#exchange({ address, message, signature }, { status }) };
  }

  /** A key is renamed, renewed or revoked, by the key that is named or by the wallet. */
  async #changeKey(asked: string, { address = "", message = "", signature = "", signingKey = "", authorizedBy = "" }: Record<string, string>) {
    const known = this.keys.get(lower(address));
    const record = known?.get(signingKey);
    const signer = authorizedBy === "" ? record : known?.get(authorizedBy);
    const { op, address: by, signingKey: about, name, ts } = JSON.parse(message) as Record<string, unknown>;
    const genuine = (): Promise<boolean> =>
      authorizedBy === ""
        ? recoverMessageAddress({ message, signature: signature as Hex }).then((found) => lower(found) === lower(address), () => false)
        : isSignedBy(authorizedBy, signature, message);
    let status = "SUCCESS";
    if (op !== asked || by !== address || about !== signingKey) status = "INVALID_MESSAGE";
    else if (typeof ts !== "number" || ts < this.now - WINDOW.past || ts > this.now + WINDOW.future || (op !== "revoke" && ts <= this.#lastOfKeys)) status = "MESSAGE_EXPIRED";
    else if (record === undefined || signer === undefined || (op !== "revoke" && record.revokedAt !== null)) status = "INVALID_SIGNING_KEY";
    else if (signer.expiresAt <= this.now) status = "EXPIRED_SIGNING_KEY";
    else if (!(await genuine())) status = "INVALID_SIGNATURE";
    else if (op === "revoke" ? record.revokedAt !== null : name === record.name) status = "ALREADY_DONE";
    else if (op === "revoke") known?.set(signingKey, { ...record, revokedAt: this.now });
    else if (op === "renew") known?.set(signingKey, { ...record, expiresAt: this.now + THIRTY_DAYS });
    else known?.set(signingKey, { ...record, name: String(name) });
    if (status === "SUCCESS") this.#lastOfKeys = Math.max(this.#lastOfKeys, Number(ts));
    const tsInServer = Math.max(this.now, this.#lastOfKeys + 1);
    return { status, tsInServer, exchange: this.#exchange({ address, message, signature, signingKey }, { status, tsInServer }) };
  }

  async #operate(op: string, body: Record<string, string>) {
    const status = await this.#decide(op, body);
    const pair = `${lower(body["address"] ?? "")}/${body["handle"]}`;
    const tsInServer = Math.max(this.now, (this.#last.get(pair)?.ts ?? 0) + 1) + this.lie;
    return { status, tsInServer, exchange: this.#exchange(body, { status, tsInServer }) };
  }

  async #decide(op: string, body: Record<string, string>): Promise<string> {
    const { address = "", handle = "", message = "", signature = "", signingKey = "" } = body;
    const profile = this.profiles.get(handle);
    if (profile === undefined) return "HANDLE_NOT_FOUND";
    const said = JSON.parse(message) as { op: string; address: string; handle: string; ts: number };
    if (said.op !== op || said.handle !== handle || lower(said.address) !== lower(address)) return "INVALID_MESSAGE";
    const pair = `${lower(address)}/${handle}`;
    const last = this.#last.get(pair);
    const digest = createHash("sha256").update(message).digest("hex");
    const inWindow = said.ts >= this.now - WINDOW.past && said.ts <= this.now + WINDOW.future && said.ts > (last?.ts ?? 0);
    if (!inWindow && digest !== last?.digest) return "MESSAGE_EXPIRED";
    const record = this.keys.get(lower(address))?.get(signingKey);
    if (record === undefined || record.revokedAt !== null) return "INVALID_SIGNING_KEY";
    if (record.expiresAt <= this.now) return "EXPIRED_SIGNING_KEY";
    if (!(await isSignedBy(signingKey, signature, message))) return "INVALID_SIGNATURE";
    if (profile.followers.has(lower(address)) === (op === "follow")) return "ALREADY_DONE";
    if (op === "follow") profile.followers.add(lower(address));
    else profile.followers.delete(lower(address));
    this.#last.set(pair, { ts: said.ts, digest });
    this.operations.push({ op, address: lower(address), handle, message });
    return "SUCCESS";
  }
}
