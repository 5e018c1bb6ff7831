// An exchange in the fragment of a link: compressed, never sent to a server, and read as the untrusted text it is.

import type { Actor, Exchange, Part, Step } from "./types.ts";

const MARK = "#exchange=";
const MAX_LINK = 24_000;
const MAX_BYTES = 262_144;
const SECRET = /^(authorization|cookie|set-cookie|proxy-authorization)$|api-?key|csrf|token|session/i;
const ACTORS: readonly string[] = ["wallet", "device", "site", "gateway"];
const KINDS: readonly string[] = ["challenge", "wallet-signature", "registration", "message", "device-signature", "proxied-mutation", "reply"];
const FORMS: readonly string[] = ["text", "json", "hex", "base64"];

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET.test(name)));
}

/** The text of EIP-4361: a login is nobody's business, used up though it is. */
const LOGIN = / wants you to sign in with your Ethereum account:\n/;

/** The steps as they may be shown to others: no header that could carry a secret, no text that signs anyone in. */
export function shareable(steps: readonly Step[]): Step[] {
  return steps.filter(({ parts }) => !parts.some(({ text }) => LOGIN.test(text))).map((step) => {
    const { exchange, ...rest } = step;
    if (exchange === undefined) return rest;
    const { request, response, durationMs } = exchange;
    return {
      ...rest,
      exchange: {
        request: { ...request, headers: withoutSecrets(request.headers) },
        response: { ...response, headers: withoutSecrets(response.headers) },
        durationMs,
      },
    };
  });
}

async function through(bytes: BlobPart, stream: CompressionStream | DecompressionStream, limit: number): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const chunks: BlobPart[] = [];
  let size = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.length;
    if (size > limit) throw new RangeError("The link holds more than an exchange can");
    chunks.push(read.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** The fragment that holds these steps, or null where they are too long for a link. */
export async function toFragment(steps: readonly Step[]): Promise<string | null> {
  const json = JSON.stringify({ version: 1, steps: shareable(steps) });
  const packed = await through(json, new CompressionStream("deflate-raw"), MAX_BYTES);
  let binary = "";
  for (const byte of packed) binary += String.fromCharCode(byte);
  const link = MARK + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return link.length > MAX_LINK ? null : link;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown, field: string): string {
  if (typeof value !== "string") throw new TypeError(`${field}: expected text`);
  return value;
}

function number(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError(`${field}: expected a number`);
  return value;
}

/** Milliseconds that a Date can hold. */
function moment(value: unknown, field: string): number {
  const ms = number(value, field);
  if (Math.abs(ms) > 8.64e15) throw new TypeError(`${field}: expected milliseconds since 1970`);
  return ms;
}

function one<T extends string>(value: unknown, of: readonly string[], field: string): T {
  if (typeof value !== "string" || !of.includes(value)) throw new TypeError(`${field}: expected one of ${of.join(", ")}`);
  return value as T;
}

function headers(value: unknown): Record<string, string> {
  if (!isRecord(value)) throw new TypeError("headers: expected an object");
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, text(content, name)]));
}

function readExchange(value: unknown): Exchange {
  if (!isRecord(value) || !isRecord(value["request"]) || !isRecord(value["response"])) {
    throw new TypeError("exchange: expected a request and a response");
  }
  const { request, response } = { request: value["request"], response: value["response"] };
  return {
    request: {
      method: text(request["method"], "method"),
      url: text(request["url"], "url"),
      headers: headers(request["headers"]),
      body: text(request["body"], "body"),
    },
    response: {
      status: number(response["status"], "status"),
      headers: headers(response["headers"]),
      body: text(response["body"], "body"),
    },
    durationMs: number(value["durationMs"], "durationMs"),
  };
}

function readPart(value: unknown): Part {
  if (!isRecord(value)) throw new TypeError("part: expected an object");
  return {
    label: text(value["label"], "label"),
    text: text(value["text"], "text"),
    kind: one<Part["kind"]>(value["kind"], FORMS, "kind"),
    ...(value["by"] === undefined ? {} : { by: one<Actor>(value["by"], ACTORS, "by") }),
    ...(value["note"] === undefined ? {} : { note: text(value["note"], "note") }),
  };
}

function readStep(value: unknown): Step {
  if (!isRecord(value) || !Array.isArray(value["parts"])) throw new TypeError("step: expected an object with parts");
  return {
    id: text(value["id"], "id"),
    trace: text(value["trace"], "trace"),
    act: value["act"] === undefined ? "" : text(value["act"], "act"), // links made before acts had names
    actor: one<Actor>(value["actor"], ACTORS, "actor"),
    kind: one<Step["kind"]>(value["kind"], KINDS, "kind"),
    title: text(value["title"], "title"),
    at: moment(value["at"], "at"),
    durationMs: value["durationMs"] === null ? null : number(value["durationMs"], "durationMs"),
    parts: value["parts"].map(readPart),
    ...(value["exchange"] === undefined ? {} : { exchange: readExchange(value["exchange"]) }),
  };
}

/** The steps that a fragment holds; null where it is about something else. Throws where it is damaged. */
export async function fromFragment(fragment: string): Promise<Step[] | null> {
  if (!fragment.startsWith(MARK)) return null;
  if (fragment.length > MAX_LINK) throw new RangeError("The link is too long");
  const binary = atob(fragment.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/"));
  const packed = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const json = await through(packed, new DecompressionStream("deflate-raw"), MAX_BYTES);
  const found: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  if (!isRecord(found) || found["version"] !== 1 || !Array.isArray(found["steps"])) {
    throw new TypeError("exchange: expected version 1 with steps");
  }
  return found["steps"].map(readStep);
}
