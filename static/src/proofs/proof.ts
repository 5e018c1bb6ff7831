// Proofs: entries of the logs as the API publishes them. All they say are claims, until they are checked.
// As webapp/protocol/proofs/proof.py reads them.

import type { Json } from "./json.ts";
import { isObject, readDigest, readObject, readSequence, readText } from "./members.ts";
import { Refused } from "./refused.ts";

/** A wallet's authorisation of a signing key, as a proof claims it. */
export interface ClaimedAuthorization {
  readonly address: string;
  readonly message: string;
  readonly signature: string;
}

interface Entry {
  /** The exact message. */
  readonly content: string;
  readonly digest: string;
  readonly signature: string;
  /** From 1 to the largest int64, which not every number can hold. */
  readonly sequence: bigint;
  readonly previousDigest: string;
  readonly entryDigest: string;
}

/** An entry of the log of an address and a handle: GraphQL's `Proof`. */
interface OperationProof extends Entry {
  readonly kind: "operation";
  readonly signingKey: string;
  readonly signingKeyAuth: ClaimedAuthorization;
  readonly arweaveTxHash: string;
}

/** An entry of the log of an address's signing keys: GraphQL's `KeyProof`. */
interface KeyProof extends Entry {
  readonly kind: "key";
  /** The key that signed; empty where the wallet did. */
  readonly authorizedBy: string;
  /** Of that key; null where the wallet signed. */
  readonly signingKeyAuth: ClaimedAuthorization | null;
}

export type Proof = OperationProof | KeyProof;

const COMMON = ["content", "digest", "signature", "signingKeyAuth", "sequence", "previousDigest", "entryDigest"];
export const PROOF_MEMBERS = [...COMMON, "signingKey", "arweaveTxHash"];
/** `authorizedBy` tells the proof of a key operation from every other proof. */
export const KEY_PROOF_MEMBERS = [...COMMON, "authorizedBy"];
const AUTHORIZATION_MEMBERS = ["address", "message", "signature"];

/** Reads a proof of either kind; throws `Refused`. */
export function readProof(value: Json | undefined): Proof {
  if (isObject(value) && value.has("authorizedBy")) return readKeyProof(value);
  const proof = readObject("proof", value, PROOF_MEMBERS, "Proof");
  const signingKeyAuth = readAuthorization(proof.get("signingKeyAuth"));
  return {
    kind: "operation",
    signingKeyAuth,
    content: readText(proof, "content"),
    digest: readDigest(proof, "digest"),
    signature: readText(proof, "signature"),
    signingKey: readText(proof, "signingKey"),
    arweaveTxHash: readText(proof, "arweaveTxHash"),
    sequence: readSequence(proof),
    previousDigest: readDigest(proof, "previousDigest"),
    entryDigest: readDigest(proof, "entryDigest"),
  };
}

function readKeyProof(value: Json): KeyProof {
  const proof = readObject("proof", value, KEY_PROOF_MEMBERS, "KeyProof");
  const authorizedBy = readText(proof, "authorizedBy");
  const signingKeyAuth = authorizedBy === "" ? null : readAuthorization(proof.get("signingKeyAuth"));
  if (signingKeyAuth === null && proof.get("signingKeyAuth") !== null) {
    throw new Refused("signingKeyAuth", "null, as the wallet itself signed");
  }
  return {
    kind: "key",
    content: readText(proof, "content"),
    digest: readDigest(proof, "digest"),
    signature: readText(proof, "signature"),
    authorizedBy,
    signingKeyAuth,
    sequence: readSequence(proof),
    previousDigest: readDigest(proof, "previousDigest"),
    entryDigest: readDigest(proof, "entryDigest"),
  };
}

function readAuthorization(value: Json | undefined): ClaimedAuthorization {
  const auth = readObject("signingKeyAuth", value, AUTHORIZATION_MEMBERS, "SigningKeyAuth");
  return { address: readText(auth, "address"), message: readText(auth, "message"), signature: readText(auth, "signature") };
}

/** A member of a proof and its exact text, whose UTF-8 bytes `Bytes` counts. */
interface Field {
  readonly name: string;
  readonly text: string;
}

/** All members of a proof that are texts or numbers, in the order in which they are checked. */
export function fieldsOf(proof: Proof): readonly Field[] {
  const auth = proof.signingKeyAuth;
  return [
    ...(auth === null ? [] : (["address", "message", "signature"] as const).map((name) => ({ name: `signingKeyAuth.${name}`, text: auth[name] }))),
    proof.kind === "operation" ? { name: "signingKey", text: proof.signingKey } : { name: "authorizedBy", text: proof.authorizedBy },
    { name: "signature", text: proof.signature },
    { name: "content", text: proof.content },
    { name: "digest", text: proof.digest },
    { name: "sequence", text: String(proof.sequence) },
    { name: "previousDigest", text: proof.previousDigest },
    { name: "entryDigest", text: proof.entryDigest },
    ...(proof.kind === "operation" ? [{ name: "arweaveTxHash", text: proof.arweaveTxHash }] : []),
  ];
}
