// The lesson: an address and a device key of its own, made in this browser, so that nobody's follows change. It sends real
// requests by the site's way, and writes each down like any other act.

import type { Api, OperationReply } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import { isBelievable } from "../api/server-clock.ts";
import type { Exchange } from "../api/types.ts";
import { piece } from "../browser/piece.ts";
import type { Address, Hex } from "../protocol/address.ts";
import { composeAuthorizationText, hexOf } from "../protocol/message.ts";
import { generateSigningKey, signText } from "../protocol/signing-key.ts";
import type { Status } from "../protocol/statuses.ts";
import type { Act } from "../state/act.ts";
import { beginAct } from "../state/act.ts";
import { registrationResult, resultOf } from "../state/results.ts";
import type { Part, Recorder, Result } from "../state/types.ts";
import type { Identity } from "../wallet/sandbox-keys.ts";
import { randomUuid } from "../wallet/sandbox-wallet.ts";
import type { Author, Field, Ground, Request } from "./requests.ts";
import { goodRequest, requestFor } from "./requests.ts";
import type { DemoSigner } from "./signers.ts";
import { authorOf } from "./signers.ts";
import { wordsFor } from "./words.ts";

/** What the gateway answered to a request. */
export interface Answer {
  /** Of the exchange in the inspector. */
  trace: string;
  status: string;
  request: Request;
  exchange: Exchange;
  durationMs: number;
}

/** Either an answer, or why there is none, as a title and a sentence. */
export type Outcome = { answer: Answer } | { title: string; sentence: string };

/** What a browser knows of a key and an address. */
export type KeyIs = "registered" | "expired" | "not registered" | "unknown";

export interface Lesson {
  /** Earns a status with a request about `handle`, which somebody has. */
  earn(status: Status, handle: string): Promise<Outcome>;
  /** Sends a request as it is. */
  send(request: Request): Promise<Outcome>;
  /** A request with nothing wrong in it, not sent. */
  fresh(handle: string): Promise<Request>;
  /** Signs a text for an address as whom the lesson can sign: with which key. */
  sign(address: string, text: string): Promise<{ signature: Hex; signingKey: string }>;
  keyIs(address: string, signingKey: string): KeyIs;
  /** The demo signers, as the gateway has them; asked once. */
  signers(): Promise<readonly DemoSigner[]>;
}

interface LessonDeps {
  api: Api;
  clock: Clock;
  serverClock: ServerClock;
  record: Recorder;
}

interface Own extends Author {
  identity: Identity;
  registered: boolean;
}

/** The wallet's registration of the lesson's key was refused. */
class NotRegistered extends Error {
  override name = "NotRegistered";
  readonly status: string;
  constructor(status: string) {
    super(status);
    this.status = status;
  }
}

const NAMES: Readonly<Record<Field, Pick<Part, "label" | "kind">>> = {
  address: { label: "Address", kind: "text" },
  handle: { label: "Handle", kind: "text" },
  message: { label: "Message", kind: "json" },
  signature: { label: "Signature", kind: "hex" },
  signingKey: { label: "Signing key", kind: "base64" },
};

/** The fields that are signed or sign, and whichever else is at fault, with its mark. */
function partsOf({ fields, fault }: Request): Part[] {
  const shown: readonly Field[] = ["message", "signature", "signingKey"];
  const all = fault === null || shown.includes(fault.field) ? shown : [fault.field, ...shown];
  return all.map((field) => part(fields[field], field, fault?.field === field ? fault : null));
}

function part(text: string, field: Field, mark: Request["fault"]): Part {
  const { label, kind } = NAMES[field];
  const by = field === "address" ? "wallet" : field === "handle" ? "gateway" : "device";
  return { label, text, kind, by, ...(mark === null ? {} : { mark: { from: mark.from, to: mark.to, note: mark.note } }) };
}

const keysPiece = () => piece(() => import("../wallet/sandbox-keys.ts"));

export function createLesson({ api, clock, serverClock, record }: LessonDeps): Lesson {
  let making: Promise<Own> | null = null;
  let made: Own | null = null;
  let asking: Promise<readonly DemoSigner[]> | null = null;
  let known: readonly DemoSigner[] = [];
  /** Handles that the lesson's address follows. */
  const followed = new Set<string>();
  /** By address: the least time that the gateway takes next, as far as it has been heard. */
  const earliest = new Map<string, number>();

  /** Rising, also within a millisecond. */
  function nextTs(address: Address): number {
    const ts = Math.max(Math.round(serverClock.now()), earliest.get(address) ?? 0);
    earliest.set(address, ts + 1);
    return ts;
  }

  async function make(): Promise<Own> {
    const [{ generateIdentity }, { signingKey, keyPair }] = await Promise.all([keysPiece(), generateSigningKey()]);
    const identity = generateIdentity();
    return (made = { identity, address: identity.address, signingKey, sign: (text) => signText(keyPair.privateKey, text), registered: false });
  }

  const own = (): Promise<Own> => (making ??= make().catch((error: unknown) => ((making = null), Promise.reject(error as Error))));

  /** As a newcomer's: the wallet signs the text that names the key, and the gateway records it. */
  async function register(me: Own, act: Act): Promise<void> {
    if (me.registered) return;
    const text = composeAuthorizationText(api.session().entity, me.signingKey);
    const { signBytes } = await keysPiece();
    const signing = clock.elapsed();
    const signature = await signBytes(me.identity.privateKey, `0x${hexOf(new TextEncoder().encode(text))}`);
    const texts: Part[] = [{ label: "Text", text, kind: "text", by: "device" }, { label: "Signature", text: signature, kind: "hex", by: "wallet" }];
    act.step({ actor: "wallet", kind: "wallet-signature", title: "The lesson's own wallet authorised a key", parts: texts }, signing);
    const sending = clock.elapsed();
    const body = { address: me.address, message: text, signature };
    const { status, exchange } = await api.send<{ status: string; exchange: Exchange }>("/lab/signing-keys", body, { status: "string", exchange: "object" });
    act.step({ actor: "gateway", kind: "registration", title: `Registered the key: ${status}`, parts: [{ label: "Status", text: status, kind: "text", by: "gateway" }], exchange }, sending);
    if (status !== "SUCCESS") throw new NotRegistered(status);
    me.registered = true;
  }

  async function post(request: Request, act: Act, title = "Wrote and signed a message"): Promise<Answer> {
    const { op, fields, fault } = request;
    const parts = partsOf(request);
    const message = part(fields.message, "message", fault?.field === "message" ? fault : null);
    act.step({ actor: "device", kind: "message", title, parts: [message] });
    if (fault !== null) {
      const at = parts.filter(({ mark }) => mark !== undefined);
      act.step({ actor: "site", kind: "message", title: `At fault: ${NAMES[fault.field].label.toLowerCase()}, ${fault.note}`, parts: at });
    }
    const sending = clock.elapsed();
    const reply: OperationReply = await api.operate(`lab/${op}`, fields);
    const { status, exchange } = reply;
    if (fields.address === made?.address && status === "SUCCESS") followed[op === "follow" ? "add" : "delete"](fields.handle);
    if (isBelievable(reply.tsInServer, serverClock.now())) earliest.set(fields.address, Math.max(reply.tsInServer, earliest.get(fields.address) ?? 0));
    const body: Part = { label: "Sent to the gateway", text: exchange.request.body, kind: "json", by: "site" };
    act.step({ actor: "site", kind: "proxied-mutation", title: `Proxied the mutation ${op}`, parts: [...parts, body], exchange }, sending);
    const answered: Part = { label: "Answer", text: exchange.response.body, kind: "json", by: "gateway" };
    act.step({ actor: "gateway", kind: "reply", title: `Answered ${status}`, parts: [answered], exchange }, clock.elapsed() - exchange.durationMs);
    return { trace: act.trace, status, request, exchange, durationMs: exchange.durationMs };
  }

  /** One act of the lesson, from its first step to its end in the inspector. */
  async function run(name: string, account: Address | null, work: (act: Act) => Promise<Answer>): Promise<Outcome> {
    const owned: Recorder = { ...record, step: (step) => record.step(account === null ? step : { ...step, account }) };
    const act = beginAct(`lab-${randomUuid()}`, name, { clock, record: owned, show: () => () => {} });
    let outcome: Outcome;
    let result: Result;
    let cause: unknown;
    try {
      const answer = await work(act);
      const { op, fields } = answer.request;
      const { sentence } = wordsFor(answer.status);
      result = { kind: "status", op, handle: fields.handle, status: answer.status, tsInServer: null, sentence, next: null, digest: null, durationMs: answer.durationMs };
      outcome = { answer };
    } catch (error) {
      cause = error;
      result = error instanceof NotRegistered ? registrationResult(error.status, null) : resultOf(error);
      const title = result.kind === "problem" ? result.title : result.kind === "status" ? result.status : "Stopped";
      outcome = { title, sentence: result.sentence };
    }
    record.ended({ trace: act.trace, name, at: clock.now(), result, cause });
    return outcome;
  }

  const ground = (author: Author, handle: string): Ground => ({
    author,
    handle,
    ts: nextTs(author.address),
    follows: author === made && followed.has(handle),
    nobody: `nobody-${hexOf(crypto.getRandomValues(new Uint8Array(4)))}`,
    stranger: async () => {
      const { signingKey, keyPair } = await generateSigningKey();
      return { signingKey, sign: (text: string) => signText(keyPair.privateKey, text) };
    },
  });

  /** Somebody else may have moved a demo signer's time ahead, by at most a minute: the gateway says by how much. */
  async function earned(status: Status, author: Author, handle: string, act: Act): Promise<Answer> {
    const answer = await post(await requestFor(status, ground(author, handle)), act);
    if (answer.status !== "MESSAGE_EXPIRED" || status === "MESSAGE_EXPIRED") return answer;
    return post(await requestFor(status, ground(author, handle)), act);
  }

  function signers(): Promise<readonly DemoSigner[]> {
    asking ??= api.read<{ signers: readonly DemoSigner[] }>("/lab/signers", { signers: "object" }).then(
      (told) => (known = told.signers),
      (error: unknown) => ((asking = null), Promise.reject(error as Error)),
    );
    return asking;
  }

  async function earn(status: Status, handle: string): Promise<Outcome> {
    const name = "Break it";
    if (status === "EXPIRED_SIGNING_KEY" || status === "RATE_LIMITED") {
      let author: Author;
      let about = handle;
      try {
        const all = await signers();
        const signer = all.find(({ earns }) => earns === status);
        if (signer === undefined || signer.address === null) return { title: "No such signer", sentence: "This gateway has no demo signer for it: it was set up without demo data, or before there was this one." };
        author = await authorOf({ ...signer, address: signer.address });
        // Nobody follows a handle of their own.
        if (signer.handle === handle) about = all.find((each) => each !== signer)?.handle ?? handle;
      } catch (error) {
        return run(name, null, () => Promise.reject(error as Error));
      }
      return run(name, author.address, (act) => earned(status, author, about, act));
    }
    let me: Own;
    try {
      me = await own();
    } catch (error) {
      return run(name, null, () => Promise.reject(error as Error));
    }
    return run(name, me.address, async (act) => {
      await register(me, act);
      // A follow first, so that the unfollow that is shown succeeds, and nobody's count stays changed.
      if (status === "SUCCESS" && !followed.has(handle)) {
        const follow = await earned(status, me, handle, act);
        if (follow.status !== "SUCCESS") return follow;
      }
      return earned(status, me, handle, act);
    });
  }

  return {
    earn,
    signers,
    async send(request) {
      const address = request.fields.address as Address;
      return run("Edit and send", address, async (act) => {
        if (made !== null && made.address === address) await register(made, act);
        return post(request, act, "The message, as edited");
      });
    },
    async fresh(handle) {
      const author = await own();
      return goodRequest(followed.has(handle) ? "unfollow" : "follow", { author, handle, ts: nextTs(author.address) });
    },
    async sign(address, text) {
      const signer = known.find((each) => each.address === address);
      const author = signer === undefined || signer.address === null ? await own() : await authorOf({ ...signer, address: signer.address });
      return { signature: await author.sign(text), signingKey: author.signingKey };
    },
    keyIs(address, signingKey) {
      if (made !== null && address === made.address) return signingKey === made.signingKey ? "registered" : "not registered";
      const signer = known.find((each) => each.address === address);
      if (signer === undefined) return "unknown";
      if (signingKey !== signer.signingKey) return "not registered";
      return signer.earns === "EXPIRED_SIGNING_KEY" ? "expired" : "registered";
    },
  };
}
