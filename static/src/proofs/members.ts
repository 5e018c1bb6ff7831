// Reading the members of a proof's JSON objects: each of its type, none missing, none unknown.
// As webapp/protocol/proofs/members.py reads them.

import type { Json, JsonObject } from "./json.ts";
import { Refused } from "./refused.ts";

/** GraphQL's own member: allowed in every object, where it says what the object is. */
export const TYPE_NAME = "__typename";
export const INT64 = 2n ** 63n;

const DIGEST = /^[0-9a-f]{64}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SAFE = /^[ -~]{1,40}$/;

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** The name of a member as it came from a file, unless it is unsafe to print. */
export function printable(name: string): string {
  return SAFE.test(name) ? name : "member";
}

/** The least of the names that are not among these, printable; null: there is none. */
export function unknownOf(value: JsonObject, ...known: readonly (readonly string[])[]): string | null {
  const unknown = [...value.keys()].filter((name) => !known.some((names) => names.includes(name))).sort();
  return unknown[0] === undefined ? null : printable(unknown[0]);
}

/** An object of one of GraphQL's types with no members but these; any of them may be missing. */
export function readObject(field: string, value: Json | undefined, members: readonly string[], ...typeNames: readonly string[]): JsonObject {
  if (!isObject(value)) throw new Refused(field, "an object");
  const unknown = unknownOf(value, members, [TYPE_NAME]);
  if (unknown !== null) throw new Refused(unknown, `no member of ${field} but ${[...members].sort().join(", ")}`);
  if (value.has(TYPE_NAME) && !typeNames.some((name) => name === value.get(TYPE_NAME))) {
    throw new Refused(TYPE_NAME, `${typeNames.join(" or ") || "none"}, which ${field} is`);
  }
  return value;
}

/** Text without lone surrogates. */
export function readText(members: JsonObject, field: string): string {
  const value = members.get(field);
  if (typeof value !== "string") throw new Refused(field, "a string");
  if (!isWellFormed(value)) throw new Refused(field, "a string without lone surrogates");
  return value;
}

/** A SHA-256 in 64 lower-case hex digits. */
export function readDigest(members: JsonObject, field: string): string {
  const value = members.get(field);
  if (typeof value === "string" && DIGEST.test(value)) return value;
  throw new Refused(field, "64 lower-case hexadecimal digits");
}

/** The number of an entry. */
export function readSequence(members: JsonObject): bigint {
  const value = members.get("sequence");
  if (typeof value === "bigint" && value >= 1n && value < INT64) return value;
  throw new Refused("sequence", "an integer from 1, within int64");
}
