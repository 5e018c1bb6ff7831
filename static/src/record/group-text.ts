// A group as JSON, to keep, to save or to share, and back again. What is read may be a stranger's: each member is taken in
// its narrow form, or the whole is refused.

import type { Attempt } from "../api/types.ts";
import type { Actor, Mark, Part, Step } from "../state/types.ts";
import type { Group, Outcome } from "./groups.ts";

const SECRET = /^(authorization|cookie|set-cookie|proxy-authorization)$|api-?key|csrf|token|session/i;
/** The text of EIP-4361, as it is or inside JSON: a login is nobody's business, used up though it is. */
const LOGIN = / wants you to sign in with your Ethereum account:(\n|\\n)/;
const LEFT_OUT: Part = { label: "Left out", text: "The text and signature of a sign-in are neither kept nor shared.", kind: "text" };

const ACTORS: readonly string[] = ["wallet", "device", "site", "gateway"];
const KINDS: readonly string[] = ["challenge", "wallet-signature", "registration", "message", "device-signature", "proxied-mutation", "reply", "failure"];
const FORMS: readonly string[] = ["text", "json", "hex", "base64"];
const TONES: readonly string[] = ["good", "bad", "quiet"];
const MOST_STEPS = 64;
const MOST_PARTS = 16;
const MOST_HEADERS = 64;
const LONGEST_LINE = 200;
const LONGEST_URL = 2_000;
const LONGEST_VALUE = 4_000;
const LONGEST_TEXT = 100_000;
const LONGEST_MS = 1e9;

type Json = Record<string, unknown>;

// --- out -------------------------------------------------------------------------------------------------

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET.test(name)));
}

function sharedAttempt({ request, response, durationMs }: Attempt): Attempt {
  return {
    request: { ...request, headers: withoutSecrets(request.headers), body: LOGIN.test(request.body) ? "[left out]" : request.body },
    response: response === null ? null : { ...response, headers: withoutSecrets(response.headers) },
    durationMs,
  };
}

function sharedStep({ actor, kind, title, at, durationMs, parts, exchange }: Step) {
  const signsIn = parts.some(({ text }) => LOGIN.test(text));
  return { actor, kind, title, at, durationMs, parts: signsIn ? [LEFT_OUT] : parts, ...(exchange === undefined ? {} : { exchange: sharedAttempt(exchange) }) };
}

/** The group as others may see it: no header that could carry a secret, nothing that signs anyone in. */
export function shareable({ name, account, outcome, steps }: Group) {
  return { name, account, outcome, steps: steps.map(sharedStep) };
}

// --- in --------------------------------------------------------------------------------------------------

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(value: unknown, field: string): Json {
  if (!isRecord(value)) throw new TypeError(`${field}: expected an object`);
  return value;
}

function list(value: unknown, field: string, most: number): unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new TypeError(`${field}: expected a list of at most ${most}`);
  return value;
}

function matching(value: unknown, form: RegExp, field: string, expected: string): string {
  if (typeof value !== "string" || !form.test(value)) throw new TypeError(`${field}: expected ${expected}`);
  return value;
}

const LINE = new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]{0,${LONGEST_LINE}}$`, "u");
/** Words of a line: nothing that steers a terminal or turns the direction of reading. */
const line = (value: unknown, field: string): string => matching(value, LINE, field, `at most ${LONGEST_LINE} visible characters`);

/** What was signed or sent, as it was. */
function bytes(value: unknown, field: string): string {
  if (typeof value !== "string" || value.length > LONGEST_TEXT || /(?![\t\n\r])\p{Cc}|\p{Cs}/u.test(value)) {
    throw new TypeError(`${field}: expected at most ${LONGEST_TEXT} characters, no control characters`);
  }
  return value;
}

function number(value: unknown, field: string, most: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= most)) throw new TypeError(`${field}: expected a number from 0 to ${most}`);
  return value;
}

const took = (value: unknown): number | null => (value === null ? null : number(value, "durationMs", LONGEST_MS));

function one<T extends string>(value: unknown, of: readonly string[], field: string): T {
  if (typeof value !== "string" || !of.includes(value)) throw new TypeError(`${field}: expected one of ${of.join(", ")}`);
  return value as T;
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const HEADER_VALUE = new RegExp(`^[\\t\\x20-\\x7e]{0,${LONGEST_VALUE}}$`);

function headers(value: unknown): Record<string, string> {
  const entries = list(Object.entries(record(value, "headers")), "headers", MOST_HEADERS) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, content]) => [matching(name, HEADER, "header", "a token"), matching(content, HEADER_VALUE, name, "printable ASCII")]),
  );
}

const URL_TEXT = new RegExp(`^https?://[\\x21-\\x7e]{1,${LONGEST_URL}}$`);

function url(value: unknown): string {
  const text = matching(value, URL_TEXT, "url", "an http or https URL");
  const { username, password } = new URL(text);
  if (username !== "" || password !== "") throw new TypeError("url: expected one without credentials");
  return text;
}

function readResponse(value: unknown): NonNullable<Attempt["response"]> {
  const response = record(value, "response");
  const status = number(response["status"], "status", 599);
  if (!Number.isInteger(status) || status < 100) throw new TypeError("status: expected a whole number from 100 to 599");
  return { status, headers: headers(response["headers"]), body: bytes(response["body"], "body") };
}

function readAttempt(value: unknown): Attempt {
  const { request: asked, response, durationMs } = record(value, "exchange");
  const request = record(asked, "request");
  return {
    request: {
      method: matching(request["method"], /^[A-Z]{1,16}$/, "method", "capital letters"),
      url: url(request["url"]),
      headers: headers(request["headers"]),
      body: bytes(request["body"], "body"),
    },
    response: response === null ? null : readResponse(response),
    durationMs: number(durationMs, "durationMs", LONGEST_MS),
  };
}

function readPart(value: unknown): Part {
  const { label, text: content, kind, by, note, mark } = record(value, "part");
  const text = bytes(content, "text");
  return {
    label: line(label, "label"),
    text,
    kind: one<Part["kind"]>(kind, FORMS, "kind"),
    ...(by === undefined ? {} : { by: one<Actor>(by, ACTORS, "by") }),
    ...(note === undefined ? {} : { note: line(note, "note") }),
    ...(mark === undefined ? {} : { mark: readMark(mark, text) }),
  };
}

function readMark(value: unknown, text: string): Mark {
  const { from, to, note } = record(value, "mark");
  const read = { from: number(from, "from", text.length), to: number(to, "to", text.length), note: line(note, "note") };
  if (!Number.isInteger(read.from) || !Number.isInteger(read.to) || read.from > read.to) throw new TypeError("mark: expected a range of the text");
  return read;
}

function readStep(value: unknown): Omit<Step, "id" | "trace" | "act"> {
  const { actor, kind, title, at, durationMs, parts, exchange } = record(value, "step");
  return {
    actor: one<Actor>(actor, ACTORS, "actor"),
    kind: one<Step["kind"]>(kind, KINDS, "kind"),
    title: line(title, "title"),
    at: number(at, "at", 8.64e15),
    durationMs: took(durationMs),
    parts: list(parts, "parts", MOST_PARTS).map(readPart),
    ...(exchange === undefined ? {} : { exchange: readAttempt(exchange) }),
  };
}

function readOutcome(value: unknown): Outcome {
  const { words, tone, durationMs } = record(value, "outcome");
  return { words: line(words, "words"), tone: one<Outcome["tone"]>(tone, TONES, "tone"), durationMs: took(durationMs) };
}

/** A group of what `shareable` wrote, under an id of our own. Throws TypeError where a member has not its form. */
export function readGroup(value: unknown, id: string, from: Group["from"]): Group {
  const { name: act, account, outcome, steps } = record(value, "exchange");
  const name = line(act, "name");
  const found = list(steps, "steps", MOST_STEPS);
  if (found.length === 0) throw new TypeError("steps: expected one or more");
  return {
    id,
    name,
    account: account === null ? null : matching(account, /^0x[0-9a-f]{40}$/i, "account", "an address"),
    from,
    outcome: outcome === null ? null : readOutcome(outcome),
    steps: found.map((step, i) => ({ ...readStep(step), id: `${id}-${i + 1}`, trace: id, act: name })),
  };
}
