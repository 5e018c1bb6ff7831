// Proofs checked in the visitor's own browser, with nothing but what was given: the same answer as `countersign verify`,
// whose order of checks (webapp/protocol/proofs/proof_file.py) this follows.

import { piece } from "../browser/piece.ts";
import { digestOf } from "../protocol/message.ts";
import { canSign, CryptoUnavailable } from "../protocol/signing-key.ts";
import { TYPE_NAME } from "./members.ts";
import type { Broken } from "./logs.ts";
import { KeyUses, logOf, Logs, subjectOf } from "./logs.ts";
import type { Proof } from "./proof.ts";
import type { BareMessage, Claims, Form, Found, Proofs, Unreadable } from "./recognise.ts";
import { Refused } from "./refused.ts";
import type { Said } from "./signed.ts";
import { readMessage, requireHandle } from "./signed.ts";
import type { Bytes, Ethereum, Fault, Question, Step, Taken, Verified } from "./steps.ts";
import { faultIn, Steps, STEPS } from "./steps.ts";

/**
 * As `countersign verify` says it, which calls them valid, invalid, needs-chain and unreadable. */
export type Verdict = "Valid" | "Not valid" | "Needs the chain" | "Unreadable";

/** One of the four checks of a proof. */
export interface Tick {
  readonly step: Step;
  readonly state: "holds" | "fails" | "unknown";
  /** What that means, as a sentence. */
  readonly says: string;
  /** What fails; null where nothing does. */
  readonly fault: Fault | null;
}

/** A proof that was looked at. */
export interface CheckedProof {
  readonly proof: Proof;
  readonly verdict: Exclude<Verdict, "Unreadable">;
  /** In the order of `STEPS`. */
  readonly ticks: readonly Tick[];
  /** Who, what and when: as the message says, whether it is proved or not. Null: the message cannot be read. */
  readonly said: Said | null;
  /** What is proved; null where the verdict is not "Valid". */
  readonly verified: Verified | null;
}

/** The first thing at fault, as `countersign verify` names it. */
export interface FirstFault {
  /** Of which proof, counted from 0. */
  readonly index: number;
  readonly step: Step | "reading";
  readonly field: string;
  readonly expected: string;
  readonly bytes: Bytes | null;
}

/** What all that was given comes to. */
export interface Checked {
  readonly verdict: Verdict;
  readonly form: Form;
  /** Null where the verdict is "Valid" or "Needs the chain". */
  readonly fault: FirstFault | null;
  /** What to ask the chain; null unless the verdict is "Needs the chain". */
  readonly question: (Question & { readonly index: number }) | null;
  /** In the order of what was given. Null: it was not looked at, as something before it is at fault. */
  readonly proofs: readonly (CheckedProof | null)[];
  /** What even valid proofs do not show, as sentences; empty where the verdict is not "Valid". */
  readonly notShown: readonly string[];
}

const loadEthereum = (): Promise<Ethereum> => piece(() => import("./ethereum.ts"));

async function ready(load: () => Promise<Ethereum>): Promise<Ethereum> {
  if (!canSign()) throw new CryptoUnavailable("Browsers check signatures only on pages that came over https or from this machine. Open this page that way.");
  return load();
}

/**
 * Checks proofs as `countersign verify` does, and stops where it stops: at the first proof that is at fault.
 *
 * Throws `CryptoUnavailable` where the browser gives no WebCrypto, and a `ProblemError` where the wallets' cryptography
 * cannot be loaded.
 */
export async function check(given: Proofs, load: () => Promise<Ethereum> = loadEthereum): Promise<Checked> {
  return new Checking(given, new Steps(await ready(load))).run();
}

/** What a signed message says by itself, which proves nothing: no signature is beside it. */
export interface Explained {
  readonly kind: "explained";
  readonly said: Said;
  /** SHA-256 of the message, which names its operation: a proof of it has the same `digest`. */
  readonly digest: string;
}

/** Reads a message by itself; `countersign verify` finds no proof in it. */
export async function explain({ text }: BareMessage, load: () => Promise<Ethereum> = loadEthereum): Promise<Explained | Unreadable> {
  const { checksummed } = await ready(load);
  try {
    const said = readMessage(text, checksummed);
    if (said.kind === "operation") requireHandle(said.handle);
    return { kind: "explained", said, digest: await digestOf(text) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { kind: "unreadable", index: 0, field: `content.${error.field}`, expected: error.expected };
  }
}

/** Ends a check, on its way to where the verdict is made. */
class Ended extends Error {
  readonly fault: FirstFault | null;
  readonly question: Question | null;
  constructor(fault: FirstFault | null, question: Question | null = null) {
    super(fault?.field ?? "needs the chain");
    this.fault = fault;
    this.question = question;
  }
}

class Checking {
  readonly #given: Proofs;
  readonly #steps: Steps;
  readonly #checked: (CheckedProof | null)[];
  readonly #uses = new KeyUses();
  /** The newest of each pair and of each key. */
  readonly #last = new Map<string, Verified>();
  /** The first number of each log. */
  readonly #first = new Map<string, bigint>();
  /** Of replies, whose pages can show parts of one log: by log and number. */
  readonly #listed = new Map<string, { index: number; proof: Proof; verified: Verified }>();
  #at = 0;

  constructor(given: Proofs, steps: Steps) {
    this.#given = given;
    this.#steps = steps;
    this.#checked = given.pages.flatMap((page) => page.found.map(() => null));
  }

  async run(): Promise<Checked> {
    const { form } = this.#given;
    try {
      await this.#takeAll();
      const alone = form === "reply" && this.#checked.length === 1;
      return { verdict: "Valid", form: alone ? "proof" : form, fault: null, question: null, proofs: this.#checked, notShown: this.#notShown(alone ? "proof" : form) };
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      const { fault, question } = error;
      const verdict = fault === null ? "Needs the chain" : fault.step === "reading" ? "Unreadable" : "Not valid";
      return { verdict, form, fault, question: question && { ...question, index: this.#at }, proofs: this.#checked, notShown: [] };
    }
  }

  async #takeAll(): Promise<void> {
    const { form, pages, stop } = this.#given;
    const logs = form === "proof" ? null : new Logs({ begins: "first", gaps: false });
    let before = 0;
    for (const page of pages) {
      const numbered = page.found.map((found, number) => ({ found, index: before + number }));
      before += page.found.length;
      if (form === "reply") {
        // What the API lists can begin with any entry of a log, so that a page is checked from its end.
        if (page.stop !== null) throw unreadable(before, page.stop);
        const ofPage = new Logs({ begins: "anywhere", gaps: false });
        for (const { found, index } of numbered.reverse()) await this.#take(found, index, ofPage);
      } else {
        for (const { found, index } of numbered) await this.#take(found, index, logs);
        if (page.stop !== null) throw unreadable(page.stop.atProof ? before : this.#at, page.stop);
      }
    }
    if (stop !== null) throw unreadable(this.#at, stop);
    this.#comparePages();
    if (before > 0) return;
    if (form === "reply") throw unreadable(0, { field: "proof", expected: "at least one; all the lists of this reply are empty" });
    throw new Ended({ index: 0, step: "chain", field: "proof", expected: "at least one proof", bytes: null });
  }

  async #take({ proof, claims }: Found, index: number, logs: Logs | null): Promise<void> {
    this.#at = index;
    const taken = await this.#steps.take(proof);
    this.#checked[index] = checkedProof(proof, taken, null);
    const { verified } = taken;
    if (verified === null) {
      const [fault] = taken.faults;
      throw fault === undefined ? new Ended(null, taken.question) : new Ended({ index, ...fault });
    }
    const fail = (fault: Fault | null): void => {
      if (fault === null) return;
      this.#checked[index] = checkedProof(proof, taken, fault);
      throw new Ended({ index, ...fault });
    };
    const inChain = (broken: Broken | null): void => fail(broken && chainFault(proof, broken));
    inChain(logs === null ? null : logs.take(verified, proof.previousDigest));
    fail(contradiction(claims, verified));
    fail(this.#steps.spelling(proof));
    const log = logOf(verified);
    if (this.#given.form === "chain" && this.#first.size > 0 && !this.#first.has(log)) {
      inChain({ field: "content", expected: "the address and handle of the proofs before, or the address of key operations" });
    }
    if (this.#given.form === "reply") {
      const name = `${log} ${verified.sequence}`;
      const known = this.#listed.get(name) ?? { index, proof, verified };
      this.#listed.set(name, known);
      const right = known.verified.entryDigest;
      if (right !== verified.entryDigest) inChain({ field: "entryDigest", expected: `${right}, as the same entry has elsewhere` });
    }
    const late = this.#uses.take(verified, index);
    if (late !== null) this.#endIn(late.index, late);
    const first = this.#first.get(log);
    if (first === undefined || verified.sequence < first) this.#first.set(log, verified.sequence);
    const subject = subjectOf(verified);
    const newest = this.#last.get(subject);
    if (newest === undefined || newest.sequence <= verified.sequence) this.#last.set(subject, verified);
  }

  /** The chain of a proof that held by itself does not hold among the others. */
  #endIn(index: number, broken: Broken): never {
    this.#at = index;
    const held = this.#checked[index];
    if (!held) throw new Error(`proof ${index} was not looked at`);
    const fault = chainFault(held.proof, broken);
    const ticks = held.ticks.map((tick) => (tick.step === "chain" ? failing(fault) : tick));
    this.#checked[index] = { ...held, ticks, verdict: "Not valid", verified: null };
    throw new Ended({ index, ...fault });
  }

  /** Checks what each page was checked for by itself between them: neighbours link, time runs forward, revoked keys stay revoked. */
  #comparePages(): void {
    const logs = new Logs({ begins: "anywhere", gaps: true });
    const oldestFirst = [...this.#listed.values()].sort((one, other) => Number(one.verified.sequence - other.verified.sequence));
    for (const { index, proof, verified } of oldestFirst) {
      const broken = logs.take(verified, proof.previousDigest);
      if (broken !== null) this.#endIn(index, broken);
    }
  }

  #notShown(form: Form): readonly string[] {
    const last = [...this.#last.values()];
    const sequence = last.at(-1)?.sequence ?? 0n;
    const isCut = form !== "log" && [...this.#first.values()].some((first) => first > 1n);
    return [
      ...(form === "proof" && sequence > 1n
        ? [`entry ${sequence - 1n}: it is only claimed, by its digest`]
        : isCut
          ? ["what came before the oldest entries: they are only claimed, by the digest of the last"]
          : []),
      "that no entry is missing: no message names the one before it, so whoever gave this file may have left out any, the newest or a revocation too, and numbered the rest anew",
      ...(form === "log" ? ["that these are all the logs: those of other handles may have been left out"] : []),
      ...(last.some(({ signingKey }) => signingKey !== null)
        ? ["that the key was neither revoked nor expired at the time: the gateway looked, a file cannot show it"]
        : []),
      ...(last.some(({ said }) => said.op === "follow")
        ? ["whether the handle's owner has ended a follow: that is in the owner's log, and no proof shows the order of two logs"]
        : []),
      "when the gateway accepted it: the time is the signer's own",
    ];
  }
}

function unreadable(index: number, { field, expected }: Broken): Ended {
  return new Ended({ index, step: "reading", field, expected, bytes: null });
}

function chainFault(proof: Proof, { field, expected }: Broken): Fault {
  return faultIn(proof, "chain", field, expected);
}

/** The types, beside `Operation`, that replies list an operation under. */
const LISTED: Readonly<Record<string, readonly string[]>> = { follow: ["Follow"], block: ["Block"] };

/** What stands beside a proof and says something else. */
function contradiction(claims: Claims, { said, sequence }: Verified): Fault | null {
  const proved = new Map<string, string | bigint>([
    ["address", said.address],
    ["op", said.op],
    ["sequence", sequence],
    ["ts", said.ts],
    said.kind === "operation" ? ["handle", said.handle] : ["signingKey", said.signingKey],
  ]);
  const kinds = said.kind === "key" ? ["KeyOperation"] : ["Operation", ...(LISTED[said.op] ?? [])];
  for (const [name, claimed] of claims) {
    const right = proved.get(name);
    const holds = name === TYPE_NAME ? kinds.some((kind) => kind === claimed) : claimed === right;
    if (holds) continue;
    const expected =
      name === TYPE_NAME
        ? `${kinds.join(" or ")}, as the proof beside it says`
        : right === undefined
          ? "no such member: the proof beside it says nothing of it"
          : `${right}, as the proof beside it says`;
    return { step: name === "sequence" ? "chain" : "message", field: name, expected, bytes: null };
  }
  return null;
}

// --- the ticks -------------------------------------------------------------------------------------------------

/** `among` is a fault that only what stands around the proof shows, or its spelling. */
function checkedProof(proof: Proof, taken: Taken, among: Fault | null): CheckedProof {
  const faults = among === null ? taken.faults : [...taken.faults, among];
  const ticks = STEPS.map((step): Tick => {
    const fault = faults.find((found) => found.step === step);
    if (fault !== undefined) return failing(fault);
    const unknown = step === "authorisation" && taken.question !== null ? needsChain(taken.question) : taken.unknown.get(step);
    if (unknown !== undefined) return { step, state: "unknown", says: unknown, fault: null };
    return { step, state: "holds", says: holding(step, proof, taken), fault: null };
  });
  const verdict = faults.length > 0 ? "Not valid" : taken.question !== null ? "Needs the chain" : "Valid";
  return { proof, verdict, ticks, said: taken.said, verified: verdict === "Valid" ? taken.verified : null };
}

const FAILS: Readonly<Record<Step, string>> = {
  authorisation: "The wallet's authorisation of the key does not hold",
  signature: "The message's signature does not hold",
  message: "The message does not say what is shown",
  chain: "The entry does not fit into its log",
};

function failing(fault: Fault): Tick {
  return { step: fault.step, state: "fails", says: `${FAILS[fault.step]}. ${fault.field}: expected ${fault.expected}.`, fault };
}

function needsChain({ address }: Question): string {
  return `The key of ${address} did not sign this authorisation. A contract wallet at that address may have; only its chain knows.`;
}

function holding(step: Step, { sequence, signingKeyAuth }: Proof, { said }: Taken): string {
  const byWallet = signingKeyAuth === null;
  const log = said?.kind === "key" ? "of this address's keys" : "of this address and handle";
  switch (step) {
    case "authorisation":
      return byWallet ? "The wallet itself signed, so that no key had to be authorised." : `The wallet of ${signingKeyAuth.address} authorised the key that signed.`;
    case "signature":
      return byWallet ? "The wallet signed exactly this message." : "The key signed exactly this message.";
    case "message":
      return "The message is one of that address, and its digest is right.";
    case "chain":
      return sequence === 1n
        ? `It is the first entry of the log ${log}, and the entry's digest is right.`
        : `It is entry ${sequence} of the log ${log}, its digest is right, and it names the digest of the entry before.`;
  }
}
