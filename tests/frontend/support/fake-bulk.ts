// What a bulk has around it: a gateway that decides as the contract says, a network that a test decides about, and the
// tabs of one browser, which may be reloaded at any moment.

import assert from "node:assert/strict";

import type { OperationReply, SignedOperation } from "../../../static/src/api/api.ts";
import { ProblemError } from "../../../static/src/api/api.ts";
import type { Locks } from "../../../static/src/browser/locks.ts";
import { createMemory } from "../../../static/src/browser/memory.ts";
import type { Bulk, Signer } from "../../../static/src/lists/bulk.ts";
import { AT_ONCE, createBulk } from "../../../static/src/lists/bulk.ts";
import type { Operation } from "../../../static/src/protocol/message.ts";
import { memoryStorage } from "./fakes.ts";
import { FakeTime, settle } from "./fake-time.ts";

export const ADDRESS = "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664";
const START = Date.UTC(2026, 10, 27, 9);
const EXCHANGE = { request: { method: "POST", url: "", headers: {}, body: "" }, response: { status: 200, headers: {}, body: "" }, durationMs: 1 };

/** Decides in the contract's order, for one account. A signature is the key and the text. */
export class FakeGateway {
  readonly followed = new Set<string>();
  readonly missing = new Set<string>();
  readonly accepted: { op: Operation; handle: string; message: string; at: number }[] = [];
  readonly keys = new Map<string, "live" | "expired" | "revoked">();
  quota = Infinity;
  tellsRetryAfter = true;
  readonly #last = new Map<string, { ts: number; message: string }>();
  readonly #time: FakeTime;

  constructor(time: FakeTime) {
    this.#time = time;
  }

  decide(op: Operation, { handle, message, signature, signingKey }: SignedOperation): OperationReply {
    const now = this.#time.now();
    const said = JSON.parse(message) as { op: string; handle: string; ts: number };
    const last = this.#last.get(handle);
    const isLast = message === last?.message;
    const inWindow = said.ts >= now - 300_000 && said.ts <= now + 60_000 && said.ts > (last?.ts ?? 0);
    const lately = this.accepted.filter(({ at }) => at > now - 60_000);
    const key = this.keys.get(signingKey);
    let status = "SUCCESS";
    let retryAfter: number | null = null;
    if (this.missing.has(handle)) status = "HANDLE_NOT_FOUND";
    else if (said.op !== op || said.handle !== handle) status = "INVALID_MESSAGE";
    else if (!inWindow && !isLast) status = "MESSAGE_EXPIRED";
    else if (key === undefined || key === "revoked") status = "INVALID_SIGNING_KEY";
    else if (key === "expired") status = "EXPIRED_SIGNING_KEY";
    else if (signature !== signatureOf(signingKey, message)) status = "INVALID_SIGNATURE";
    else if (isLast || this.followed.has(handle) === (op === "follow")) status = "ALREADY_DONE";
    else if (lately.length >= this.quota) {
      status = "RATE_LIMITED";
      retryAfter = this.tellsRetryAfter ? Math.ceil(((lately[0]?.at ?? now) + 60_000 - now) / 1_000) : null;
    }
    if (status === "SUCCESS") {
      this.accepted.push({ op, handle, message, at: now });
      this.followed[op === "follow" ? "add" : "delete"](handle);
    }
    if (status === "SUCCESS" || (status === "ALREADY_DONE" && !isLast)) this.#last.set(handle, { ts: said.ts, message });
    return { status, tsInServer: Math.max(now, (this.#last.get(handle)?.ts ?? 0) + 1), retryAfter, exchange: EXCHANGE };
  }
}

const signatureOf = (signingKey: string, text: string): `0x${string}` => `0x${signingKey}/${text}`;

export function problem(slug: string, retryAfter?: number): ProblemError {
  const error = new ProblemError(slug, slug);
  if (retryAfter !== undefined) error.exchange = { ...EXCHANGE, response: { status: 503, headers: { "retry-after": String(retryAfter) }, body: "" } };
  return error;
}

/** A request that has left its tab. */
interface Request {
  tab: Tab;
  op: Operation;
  signed: SignedOperation;
  answer(reply: OperationReply): void;
  fail(error: unknown): void;
}

export interface Tab {
  bulk: Bulk;
  isOpen: boolean;
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** A browser whose tabs share storage and locks. Requests wait until the test says what becomes of them. */
export class FakeBrowserOfTabs {
  readonly time = new FakeTime(START);
  readonly gateway = new FakeGateway(this.time);
  readonly storage = memoryStorage();
  readonly tabs: Tab[] = [];
  /** Under way, of open tabs. */
  requests: Request[] = [];
  /** Every message that was sent, in order. */
  readonly sent: { handle: string; message: string; signingKey: string }[] = [];
  /** The key that the device signs with; null for none. */
  key: string | null = "key-1";
  /** How long the device takes to sign. */
  signing: Promise<void> = Promise.resolve();
  /** How far the computer's clock, and the site's as the page believes it, is off. */
  clockOff = 0;
  #holder: object | null = null;
  readonly #wrong: string[] = [];
  #waiting: { tab: Tab; enter: () => void }[] = [];

  constructor() {
    this.gateway.keys.set("key-1", "live");
  }

  open(): Tab {
    const tab: Tab = { isOpen: true, bulk: null as unknown as Bulk };
    const { time } = this;
    const now = (): number => time.now() + this.clockOff;
    tab.bulk = createBulk(ADDRESS, {
      api: { operate: ((op: Operation, signed: SignedOperation) => this.#send(tab, op, signed)) as never },
      signer: async (): Promise<Signer | null> => {
        const { key } = this;
        if (!tab.isOpen) return never();
        return key === null ? null : { signingKey: key, sign: (text) => this.signing.then(() => signatureOf(key, text)) };
      },
      memory: createMemory(() => {
        if (!tab.isOpen) throw new Error("This page is gone");
        return this.storage;
      }),
      locks: this.#locksOf(tab),
      clock: { now, elapsed: () => time.elapsed() },
      serverClock: { now: () => now() + 0.25, observe: () => {} },
      pause: time.pause,
    });
    this.tabs.push(tab);
    return tab;
  }

  /** The page is gone at once, with whatever it was about to do. Gives what it had sent. */
  close(tab: Tab): Request[] {
    tab.isOpen = false;
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    const left = this.requests.filter((request) => request.tab === tab);
    this.requests = this.requests.filter((request) => request.tab !== tab);
    this.#waiting = this.#waiting.filter((waiting) => waiting.tab !== tab);
    if (this.#holder === tab) this.#release();
    return left;
  }

  /** What the gateway says to a request, whether or not anybody hears of it. */
  decide({ op, signed }: Request): OperationReply {
    return this.gateway.decide(op, signed);
  }

  /** Ends a request: by the gateway's answer, or by a failure. */
  async end(request: Request, error?: unknown): Promise<void> {
    this.requests = this.requests.filter((other) => other !== request);
    if (error === undefined) request.answer(this.decide(request));
    else request.fail(error);
    await settle();
    this.check();
  }

  /** Whether every message has left as it should. */
  check(): void {
    assert.deepEqual(this.#wrong, []);
  }

  /** The world works, and time passes, until no tab is at it any more. */
  async untilQuiet(answer: (request: Request) => Promise<void> = (request) => this.end(request)): Promise<void> {
    await settle();
    for (let step = 0; step < 20_000; step++) {
      const [request] = this.requests;
      if (request !== undefined) await answer(request);
      else if (this.time.isAwaited) await this.time.passToNext();
      else return this.check();
    }
    assert.fail("It does not come to an end");
  }

  #send(tab: Tab, op: Operation, signed: SignedOperation): Promise<OperationReply> {
    if (!tab.isOpen) return never();
    // Not thrown here, where the bulk would take it for a failure of its request.
    if (this.requests.some((request) => request.tab !== tab)) this.#wrong.push("two tabs at once");
    if (this.requests.length >= AT_ONCE) this.#wrong.push("too many at once");
    if (this.requests.some((request) => request.signed.handle === signed.handle)) this.#wrong.push("one handle twice at once");
    if (signed.signingKey !== this.key) this.#wrong.push("signed with a key of before");
    this.sent.push({ handle: signed.handle, message: signed.message, signingKey: signed.signingKey });
    return new Promise((answer, fail) => this.requests.push({ tab, op, signed, answer, fail }));
  }

  #release(): void {
    this.#holder = null;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#holder = next.tab;
    next.enter();
  }

  #locksOf(tab: Tab): Locks {
    return {
      hold: async (_, work) => {
        if (!tab.isOpen) return never();
        if (this.#holder === null) this.#holder = tab;
        else await new Promise<void>((enter) => this.#waiting.push({ tab, enter }));
        try {
          return await work();
        } finally {
          if (tab.isOpen) this.#release();
        }
      },
    };
  }
}
