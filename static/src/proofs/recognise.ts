// What somebody dropped, chose or pasted: the shapes that are accepted, and nothing else.
// As webapp/protocol/proofs/shapes.py finds proofs; and a signed message by itself, which proves nothing.
//
// - a proof: the JSON of the API's `proof` field, bare or as the member `proof` of an object that may also claim
//   what the proof says (`address`, `handle` or `signingKey`, `op`, `sequence`, `ts`);
// - a chain: a list of proofs of one log, oldest first, bare or as the member `proofs` beside a `note`;
// - a log: JSON Lines (or a list) of objects `{address, handle | signingKey, sequence, op, proof}`, entries of
//   many logs, each log's oldest first;
// - a reply: an edge, a list of edges, a connection, a whole reply; each connection newest first, and an entry that was
//   asked for by its digest under `operation` or `keyOperation`.

import type { Json, JsonObject } from "./json.ts";
import { readFile } from "./lines.ts";
import { isList, isObject, printable, readObject, TYPE_NAME, unknownOf } from "./members.ts";
import type { Proof } from "./proof.ts";
import { KEY_PROOF_MEMBERS, PROOF_MEMBERS, readProof } from "./proof.ts";
import { Refused } from "./refused.ts";

export type Form = "proof" | "chain" | "log" | "reply";

/** Names and values that stand beside a proof. */
export type Claims = readonly (readonly [name: string, claimed: Json])[];

/** A proof, and what is claimed beside it. */
export interface Found {
  readonly proof: Proof;
  readonly claims: Claims;
}

/** What could not be read: at which proof, counted from 0; the member at fault, or `file`; and what was expected. */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly index: number;
  readonly field: string;
  readonly expected: string;
}

/** Why reading stopped: at the proof that came next, or before anything could be taken for one. */
interface Stop {
  readonly field: string;
  readonly expected: string;
  readonly atProof: boolean;
}

interface Page {
  readonly found: readonly Found[];
  readonly stop: Stop | null;
}

/** Proofs that can be checked: of the form "reply" on several pages, of any other on one. What could be read of them; `check` says whether anything could not. */
export interface Proofs {
  readonly kind: "proofs";
  readonly form: Form;
  readonly pages: readonly Page[];
  readonly stop: Stop | null;
}

/** The text of a signed message by itself, without the white space around it; `explain` reads it. */
export interface BareMessage {
  readonly kind: "message";
  readonly text: string;
}

export type Recognised = Proofs | BareMessage | Unreadable;

const CLAIMS = ["address", "handle", "signingKey", "op", "sequence", "ts"];
const LINE = ["address", "sequence", "op", "proof"];
const LISTS = ["Follow", "Block", "Operation", "KeyOperation"];
const PAGE_INFO = ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"];
const ON_THE_WAY = ["Query", "Address", "Profile", "Wallet", "LogEntry"];
const ENTRIES = ["operation", "keyOperation"];
const DEEPEST = 8;
const WHAT = "the API's `proof` object with all its members; or a list, an edge, a connection or a whole reply that holds it";

/** Where a proof is, not yet read: its JSON, or an object around it; and what is claimed further out. */
interface Place {
  value: Json;
  claims: Claims;
}

interface Contents {
  form: Form;
  pages: Iterable<Iterable<Place>>;
}

/**
 * Finds out what a text, or a file's bytes, holds. A file is best given as its bytes: what is not UTF-8 is told then,
 * and not repaired. At most `MAX_FILE` bytes, of which a JSON document may have `MAX_DOCUMENT`, and a line of JSON
 * Lines `MAX_LINE`.
 */
export function recognise(given: string | Uint8Array<ArrayBuffer>): Recognised {
  let contents: Contents;
  try {
    const { text, value, lines } = readFile(given);
    if (lines === null && isMessage(value)) return { kind: "message", text: text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, "") };
    contents = contentsOf(value, lines);
  } catch (error) {
    return { kind: "unreadable", index: 0, ...stopOf(error, false) };
  }
  const pages: Page[] = [];
  let stop: Stop | null = null;
  try {
    for (const places of contents.pages) pages.push(readPage(places));
  } catch (error) {
    stop = stopOf(error, false);
  }
  const first = pages.find((page) => page.stop !== null)?.stop ?? stop;
  if (first !== null && pages.every(({ found }) => found.length === 0)) return { kind: "unreadable", index: 0, ...first };
  return { kind: "proofs", form: contents.form, pages, stop };
}

function stopOf(error: unknown, atProof: boolean): Stop {
  if (!(error instanceof Refused)) throw error;
  return { field: error.field, expected: error.expected, atProof };
}

function readPage(places: Iterable<Place>): Page {
  const found: Found[] = [];
  let atProof = false;
  try {
    for (const place of places) {
      atProof = true;
      found.push(readPlace(place));
      atProof = false;
    }
  } catch (error) {
    return { found, stop: stopOf(error, atProof) };
  }
  return { found, stop: null };
}

/** What a device or wallet signs, by its members; no proof, no reply and no line of a log has these. */
function isMessage(value: Json): boolean {
  return isObject(value) && value.has("op") && value.has("address") && !value.has("proof") && [...PROOF_MEMBERS, ...KEY_PROOF_MEMBERS].every((name) => name === "signingKey" || !value.has(name));
}

function readPlace({ value, claims }: Place): Found {
  if (!isObject(value)) throw new Refused("proof", "an object");
  if (!value.has("proof")) {
    if (![...PROOF_MEMBERS, ...KEY_PROOF_MEMBERS].some((name) => value.has(name))) throw new Refused("proof", WHAT);
    return { proof: readProof(value), claims };
  }
  const unknown = unknownOf(value, CLAIMS, ["proof", TYPE_NAME]);
  if (unknown !== null) throw new Refused(unknown, `no member beside proof but ${[...CLAIMS].sort().join(", ")}`);
  const beside = [...value].filter(([name]) => name !== "proof");
  return { proof: readProof(value.get("proof")), claims: [...claims, ...beside] };
}

function contentsOf(value: Json, lines: Iterable<Json> | null): Contents {
  if (lines !== null) return { form: "log", pages: [placesOf(lines)] };
  if (isObject(value) && !value.has("proof")) {
    if (value.has("proofs")) return listed(noted(value));
    if (value.has("data")) return { form: "reply", pages: reply(value) };
    if (value.has("edges")) return { form: "reply", pages: [connection(value, [])] };
    if (value.has("node")) return { form: "reply", pages: [[edge(value, [])]] };
  }
  if (isList(value)) return listed(value);
  return { form: isObject(value) && isLine(value) ? "log" : "proof", pages: [placesOf([value])] };
}

function* placesOf(values: Iterable<Json>): Iterable<Place> {
  for (const value of values) yield { value, claims: [] };
}

function isLine(value: JsonObject): boolean {
  const names = [...value.keys()].filter((name) => name !== TYPE_NAME).sort().join();
  return ["handle", "signingKey"].some((about) => [...LINE, about].sort().join() === names);
}

function noted(value: JsonObject): readonly Json[] {
  const members = readObject("file", value, ["proofs", "note"]);
  if (members.has("note") && typeof members.get("note") !== "string") throw new Refused("note", "a string");
  const proofs = members.get("proofs");
  if (!isList(proofs)) throw new Refused("proofs", "a list");
  return proofs;
}

function listed(values: readonly Json[]): Contents {
  const every = (holds: (value: JsonObject) => boolean): boolean => values.length > 0 && values.every((value) => isObject(value) && holds(value));
  if (every((value) => value.has("node"))) return { form: "reply", pages: [values.map((value) => edge(value, []))] };
  return { form: every((value) => value.has("proof") && value.has("sequence")) ? "log" : "chain", pages: [placesOf(values)] };
}

// --- what the API answers ------------------------------------------------------------------------------------

function reply(value: JsonObject): Iterable<Place[]> {
  const unknown = unknownOf(value, ["data"]);
  if (unknown !== null) throw new Refused(unknown, "a reply that has `data` and nothing else, no errors either");
  return onTheWay("data", value.get("data") ?? null, DEEPEST);
}

/** Follows a reply down to its proofs. What leads nowhere is refused: nobody would check it. */
function* onTheWay(field: string, value: Json, deepest: number): Generator<Place[]> {
  if (deepest === 0) throw new Refused(printable(field), "proofs that lie less deep");
  if (isList(value)) {
    for (const item of value) yield* onTheWay(field, item, deepest - 1);
    return;
  }
  if (!isObject(value)) throw new Refused(printable(field), "nothing in a reply but proofs, and what they say");
  if (value.has(TYPE_NAME) && !ON_THE_WAY.some((name) => name === value.get(TYPE_NAME))) {
    throw new Refused(TYPE_NAME, "the type of an object that leads to proofs");
  }
  const isClaim = (name: string, member: Json): boolean => (name === "address" || name === "handle") && typeof member === "string";
  const claims = [...value].filter(([name, member]) => isClaim(name, member));
  const ways = [...value].filter(([name, member]) => name !== TYPE_NAME && !isClaim(name, member));
  if (ways.length === 0) throw new Refused(printable(field), "proofs in it");
  for (const [name, member] of ways) {
    if (isObject(member) && member.has("edges")) yield connection(member, claims);
    else if (claims.length > 0) throw new Refused(printable(name), "lists of proofs alone beside an address or a handle");
    else if (ENTRIES.includes(name)) yield member === null ? [] : [{ value: member, claims: [] }];
    else yield* onTheWay(name, member, deepest - 1);
  }
}

function connection(value: Json, claims: Claims): Place[] {
  const members = readObject("a connection", value, ["totalCount", "pageInfo", "edges"], ...LISTS.map((name) => `${name}Connection`));
  const total = members.has("totalCount") ? members.get("totalCount") : 0n;
  if (typeof total !== "bigint" || total < 0n) throw new Refused("totalCount", "an integer from 0");
  if (members.has("pageInfo")) {
    for (const [name, member] of readObject("pageInfo", members.get("pageInfo"), PAGE_INFO, "PageInfo")) {
      const isFlag = name.startsWith("has");
      if (typeof member !== (isFlag ? "boolean" : "string")) throw new Refused(name, isFlag ? "true or false" : "a string");
    }
  }
  const edges = members.get("edges");
  if (!isList(edges)) throw new Refused("edges", "a list");
  return edges.map((each) => edge(each, claims));
}

function edge(value: Json, claims: Claims): Place {
  const members = readObject("an edge", value, ["cursor", "node"], ...LISTS.map((name) => `${name}Edge`));
  if (members.has("cursor") && typeof members.get("cursor") !== "string") throw new Refused("cursor", "a string");
  const node = members.get("node");
  if (!isObject(node)) throw new Refused("node", "an object that holds a proof");
  return { value: node, claims };
}
