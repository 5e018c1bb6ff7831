// A second reader of what the server reads: the page's own functions where it has them, JSON as this engine parses it,
// Unicode as it came with it. A line is a list of questions as JSON; its answers go out as a line.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

import { isHandle } from "../../../static/src/protocol/handle.ts";
import { tokensOf } from "../../../static/src/record/json-tokens.ts";
import { composeAuthorizationText, composeMessage } from "../../../static/src/protocol/message.ts";

type Read = [op: string, address: string, handle: string, ts: string, digest: string] | null;

const LARGEST = 2n ** 63n;
/** A surrogate without its other half. */
const LONE = /\p{Surrogate}/u;

function tsOf(token: string): bigint | null {
  if (/^-?(?:0|[1-9][0-9]*)$/.test(token)) {
    const ts = BigInt(token);
    return ts >= -LARGEST && ts < LARGEST ? ts : null;
  }
  const text: unknown = token.startsWith('"') ? JSON.parse(token) : null;
  return typeof text === "string" && /^[0-9]{13}$/.test(text) ? BigInt(text) : null;
}

/** The contract's rules of a follow's message, but for the checksum of its address. */
function readMessage(text: string): Read {
  if (LONE.test(text) || Buffer.byteLength(text) > 1024) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = [...tokensOf(text)].filter(({ kind }) => kind !== "space");
  const members = new Map<unknown, string>();
  if (tokens.length !== 17) return null; // four members, nothing nested
  for (let at = 1; at < 17; at += 4) {
    const [name, , value] = tokens.slice(at, at + 3);
    if (name?.kind !== "key" || value === undefined || value.kind === "mark") return null;
    members.set(JSON.parse(name.text), value.text);
  }
  if (members.size !== 4) return null; // one of them twice
  const [op, address, handle] = ["op", "address", "handle"].map((name): unknown => {
    const token = members.get(name);
    return token === undefined ? undefined : JSON.parse(token);
  });
  const ts = tsOf(members.get("ts") ?? "");
  if (op !== "follow" && op !== "unfollow") return null;
  if (typeof address !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(address)) return null;
  if (typeof handle !== "string" || LONE.test(handle) || ts === null) return null;
  return [op, address, handle, String(ts), createHash("sha256").update(text).digest("hex")];
}

/** What a text has of format characters, ignorable ones and blanks; and whether there is anything else to see in it. */
function look(text: string): [unseen: string, seen: boolean] {
  const unseen = /\p{Default_Ignorable_Code_Point}|\p{Cf}|[\u2800\ufffc\u{1d159}\u{16fe4}\u{13441}\u{13442}]/gu;
  const rest = text.replace(unseen, "");
  return [text.match(unseen)?.join("") ?? "", /[\p{L}\p{N}\p{P}\p{S}\p{Cn}]/u.test(rest)];
}

const ANSWERS: Record<string, (question: readonly string[]) => unknown> = {
  message: ([text = ""]) => readMessage(text),
  handle: ([text = ""]) => isHandle(text),
  look: ([text = ""]) => look(text),
  compose: ([operation = "", address = "", handle = "", ts = ""]) =>
    composeMessage(operation as "follow" | "unfollow", address, handle, Number(ts)),
  authorize: ([entity = "", key = ""]) => composeAuthorizationText(entity, key),
};

for await (const line of createInterface({ input: process.stdin })) {
  const questions = JSON.parse(line) as string[][];
  const answers = questions.map(([kind = "", ...question]) => ANSWERS[kind]?.(question) ?? null);
  // Lone surrogates as escapes, so that the answer is UTF-8.
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
