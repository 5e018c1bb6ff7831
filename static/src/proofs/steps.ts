// The steps that every proof is taken through by itself, whatever stands before it in its log.
// As webapp/protocol/proofs/steps.py takes them; only that a step is looked at even where one before it fails.

import type { Address, Hex } from "../protocol/address.ts";
import { sameAddress } from "../protocol/address.ts";
import { digestOf } from "../protocol/message.ts";
import type { Span } from "./json.ts";
import { hasSigned, importKey } from "./device-key.ts";
import type { ClaimedAuthorization, Proof } from "./proof.ts";
import { fieldsOf } from "./proof.ts";
import { Refused } from "./refused.ts";
import type { Said } from "./signed.ts";
import {
  firstDifference,
  looksLikeAddress,
  readAddress,
  readAuthorizationText,
  readGivenSignature,
  readKeyMessage,
  readLoggedMessage,
  readWalletSignature,
  requireHandle,
  spanOf,
} from "./signed.ts";

/** What is checked of each proof, in this order. */
export const STEPS = ["authorisation", "signature", "message", "chain"] as const;
export type Step = (typeof STEPS)[number];

/** A range of the UTF-8 bytes of a member's text, as `fieldsOf` has it; `to` is not included. Empty: something is missing there. */
export interface Bytes {
  readonly field: string;
  readonly from: number;
  readonly to: number;
}

/** A check that failed. */
export interface Fault {
  readonly step: Step;
  /** As the wire spells it; members of the message are `content.ts` and so on. */
  readonly field: string;
  /** In words. */
  readonly expected: string;
  /** The bytes at fault; null where the fault is beside the proof, or in a file as a whole. */
  readonly bytes: Bytes | null;
}

/** What only a chain can answer: does the contract at `address` accept this signature of `hash` (EIP-1271)? */
export interface Question {
  readonly address: Address;
  readonly hash: Hex;
  readonly signature: Hex;
}

/** What `ethereum.ts` gives. */
export interface Ethereum {
  checksummed(address: Address): Address;
  personalSignDigest(text: string): Hex;
  signerOf(text: string, signature: Hex): Promise<Address | null>;
}

/** What a proof proves, once every step holds. */
export interface Verified {
  readonly said: Said;
  /** For whom the wallet authorised the key that signed; null where the wallet itself signed. */
  readonly entity: string | null;
  /** The key that signed, base64 of its SPKI; null where the wallet did. */
  readonly signingKey: string | null;
  readonly sequence: bigint;
  readonly entryDigest: string;
}

/** How far a proof came. */
export interface Taken {
  /** In the order in which they were found, one of a step at most. */
  readonly faults: readonly Fault[];
  /** Steps that could not be looked at, and why, as a sentence. */
  readonly unknown: ReadonlyMap<Step, string>;
  /** The authorisation holds if a contract says so, and all the rest holds; null: no chain need be asked. */
  readonly question: Question | null;
  /** What the message says, whether it is proved or not; null: it is none. */
  readonly said: Said | null;
  /** Null: a step fails, or needs the chain. */
  readonly verified: Verified | null;
}

/** Makes a fault; `span` is in UTF-16 offsets of the member's text. Where none is given: the message's member, or all of the text. */
export function faultIn(proof: Proof, step: Step, field: string, expected: string, span: Span | null = null): Fault {
  const member = field.startsWith("content.") ? "content" : field;
  const text = fieldsOf(proof).find(({ name }) => name === member)?.text;
  if (text === undefined) return { step, field, expected, bytes: null };
  const { from, to } = span ?? spanOf(text, field.slice(member.length + 1)) ?? { from: 0, to: text.length };
  const count = (end: number): number => new TextEncoder().encode(text.slice(0, end)).length;
  return { step, field, expected, bytes: { field: member, from: count(from), to: count(to) } };
}

interface Authorised {
  /** What the wallet's signature should have been; null: it is that. */
  expected: string | null;
  entity: string;
  signingKey: string;
  question: Question | null;
}

type Read<T> = { value: T } | { refused: Refused };

/** Takes proofs through the steps, and remembers what one log repeats in every entry: authorisations and keys. */
export class Steps {
  readonly #ethereum: Ethereum;
  readonly #authorisations = new Map<string, Promise<Read<Authorised>>>();
  readonly #keys = new Map<string, Promise<Read<CryptoKey>>>();

  constructor(ethereum: Ethereum) {
    this.#ethereum = ethereum;
  }

  async take(proof: Proof): Promise<Taken> {
    const faults: Fault[] = [];
    const unknown = new Map<Step, string>();
    const checksum = this.#ethereum.checksummed;

    function fail(step: Step, field: string, expected: string, span: Span | null = null): void {
      if (!faults.some((fault) => fault.step === step)) faults.push(faultIn(proof, step, field, expected, span));
    }
    function refuse(step: Step, { field, expected, span }: Refused, prefix = ""): void {
      fail(step, prefix + field, expected, span);
    }
    function attempt<T>(step: Step, read: () => T, prefix = ""): T | null {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refuse(step, error, prefix);
        return null;
      }
    }

    const auth = proof.signingKeyAuth;
    const [by, key] = proof.kind === "operation" ? (["signingKey", proof.signingKey] as const) : (["authorizedBy", proof.authorizedBy] as const);
    const readContent = (): Said | null =>
      attempt<Said>("message", () => (proof.kind === "operation" ? readLoggedMessage : readKeyMessage)(proof.content, checksum), "content.");
    let authorised: Authorised | null = null;
    let signature: string | null = proof.signature.toLowerCase();
    let said: Said | null;
    if (auth === null) {
      said = readContent();
      signature = attempt("signature", () => readWalletSignature(proof.signature)) ?? signature;
      if (said === null) unknown.set("signature", "Whose wallet should have signed is not known: the message cannot be read.");
      else if (!faults.some(({ step }) => step === "signature") && (await this.#ethereum.signerOf(proof.content, signature as Hex)) !== said.address) {
        fail("signature", "signature", `one by the wallet of ${said.address} over the content`);
      }
    } else {
      const read = await this.#authorise(auth);
      if ("refused" in read) refuse("authorisation", read.refused, "signingKeyAuth.");
      else {
        authorised = read.value;
        if (authorised.signingKey !== key) {
          const from = auth.message.length - authorised.signingKey.length;
          fail("authorisation", "signingKeyAuth.message", "the proof's signing key in it", { from, to: auth.message.length });
        }
      }
      await this.#checkDevice(proof, key, (refused) => refuse("signature", refused.field === "signingKey" ? new Refused(by, refused.expected, refused.span) : refused));
      said = readContent();
      if (said?.kind === "operation") {
        const { handle } = said;
        attempt("message", () => requireHandle(handle), "content.");
      }
      if (!looksLikeAddress(auth.address)) unknown.set("message", "Whose message it should be is not known: the address beside it is none.");
      else if (said !== null && !sameAddress(said.address, auth.address)) {
        fail("message", "content.address", `${auth.address}, whose wallet authorised the key`);
      }
      if (said?.op === "renew") fail("message", "authorizedBy", "the wallet: it alone renews a key");
    }
    if (said !== null && said.ts < 0n) fail("message", "content.ts", "a time that is not negative");
    const digest = await digestOf(proof.content);
    if (said !== null && proof.digest !== digest) fail("message", "digest", digest);
    if (said?.kind === "key") await this.#checkKey(said.signingKey, (refused) => fail("message", "content.signingKey", refused.expected));
    if (said === null) unknown.set("chain", "The entry's digest cannot be made: the message cannot be read.");
    else await checkEntry(proof, said, digest, signature, fail);
    const expected = authorised?.expected ?? null;
    if (expected !== null && faults.length > 0) {
      // Whatever a chain said of the authorisation, the proof would not hold.
      const fault = faultIn(proof, "authorisation", "signingKeyAuth.signature", expected);
      return { faults: [fault, ...faults.filter(({ step }) => step !== "authorisation")], unknown, question: null, said, verified: null };
    }
    const question = authorised?.question ?? null;
    const proved = { entity: authorised?.entity ?? null, signingKey: auth === null ? null : key, sequence: proof.sequence, entryDigest: proof.entryDigest };
    return { faults, unknown, question, said, verified: faults.length > 0 || question !== null || said === null ? null : { said, ...proved } };
  }

  /**
   * Checks that every member of a verified proof is spelt as gateways publish it: digests cover signatures in lower case
   * and the address in EIP-55, so that another spelling proves the same. An anchor cannot be checked, so that none may
   * be claimed.
   */
  spelling(proof: Proof): Fault | null {
    const auth = proof.signingKeyAuth;
    const right: [step: Step, field: string, given: string, right: string][] = [];
    if (auth !== null) {
      right.push(["authorisation", "signingKeyAuth.address", auth.address, readAddress(auth.address, this.#ethereum.checksummed)]);
      right.push(["authorisation", "signingKeyAuth.signature", auth.signature, readWalletSignature(auth.signature)]);
    }
    if (proof.kind === "operation") right.push(["chain", "arweaveTxHash", proof.arweaveTxHash, ""]);
    right.push(["signature", "signature", proof.signature, auth === null ? readWalletSignature(proof.signature) : proof.signature.toLowerCase()]);
    const wrong = right.find(([, , given, spelt]) => given !== spelt);
    if (wrong === undefined) return null;
    const [step, field, given, spelt] = wrong;
    return faultIn(proof, step, field, `the spelling "${spelt}"`, firstDifference(given, spelt));
  }

  /** Checks that a wallet signed the text that names a key. */
  #authorise(claimed: ClaimedAuthorization): Promise<Read<Authorised>> {
    return remembered(this.#authorisations, `${claimed.address}\n${claimed.signature}\n${claimed.message}`, async () => {
      const address = readAddress(claimed.address, this.#ethereum.checksummed);
      const text = readAuthorizationText(claimed.message);
      const given = readGivenSignature(claimed.signature);
      const signer = given.byKey === null ? null : await this.#ethereum.signerOf(claimed.message, given.byKey);
      if (signer === address) return { ...text, expected: null, question: null };
      const question = { address, hash: this.#ethereum.personalSignDigest(claimed.message), signature: given.text };
      return { ...text, expected: `one by ${address}${signer === null ? "" : `, not by ${signer}`}`, question };
    });
  }

  async #checkKey(text: string, refuse: (refused: Refused) => void): Promise<CryptoKey | null> {
    const read = await remembered(this.#keys, text, () => importKey(text));
    if ("value" in read) return read.value;
    refuse(read.refused);
    return null;
  }

  /** Checks that a device's key signed the content's exact bytes. */
  async #checkDevice(proof: Proof, text: string, refuse: (refused: Refused) => void): Promise<void> {
    const key = await this.#checkKey(text, refuse);
    if (key === null) return;
    try {
      const holds = await hasSigned(key, proof.signature, new TextEncoder().encode(proof.content));
      if (!holds) throw new Refused("signature", "one by the signing key over the content");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
  }
}

/** Reads once what comes again and again. */
function remembered<T>(known: Map<string, Promise<Read<T>>>, name: string, read: () => Promise<T>): Promise<Read<T>> {
  const found = known.get(name);
  if (found !== undefined) return found;
  const reading = read().then(
    (value) => ({ value }),
    (error: unknown) => {
      if (error instanceof Refused) return { refused: error };
      throw error;
    },
  );
  known.set(name, reading);
  return reading;
}

/** Checks an entry's digest against the one made from its parts; only a first entry begins a chain. */
async function checkEntry(proof: Proof, said: Said, digest: string, signature: string, fail: (step: Step, field: string, expected: string) => void): Promise<void> {
  const auth = proof.signingKeyAuth;
  const authorization = auth === null ? "" : await digestOf(`${auth.message}\n${auth.signature.toLowerCase()}`);
  const middle = [String(proof.sequence), proof.previousDigest, digest, signature];
  const lines =
    proof.kind === "operation"
      ? ["countersign/operation/v1", said.address, said.kind === "operation" ? said.handle : "", ...middle, proof.signingKey, authorization]
      : ["countersign/key-operation/v1", said.address, ...middle, proof.authorizedBy, authorization];
  const made = await digestOf(lines.join("\n"));
  if (proof.entryDigest !== made) fail("chain", "entryDigest", made);
  if ((proof.previousDigest === "0".repeat(64)) !== (proof.sequence === 1n)) {
    fail("chain", "previousDigest", "64 zeros in the first entry, and in no other");
  }
}
