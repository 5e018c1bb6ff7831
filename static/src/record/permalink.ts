// An exchange in the fragment of a link: never sent to a server, and read as the untrusted text it is.

import { isRecord, readGroup, shareable } from "./group-text.ts";
import type { Group } from "./groups.ts";

/** Begins the fragment. */
const LINK = "#exchange=";
/** Begins what is not compressed: old browsers cannot. */
const PLAIN = ".";
const MOST_LETTERS = 24_000;
const MAX_BYTES = 262_144;
const VERSION = 2;

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

/** A stream of the browser's; null where it has none of that kind. */
function deflater<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}

/** What the link and the download hold. */
export function documentOf(group: Group) {
  return { version: VERSION, ...shareable(group) };
}

/** The fragment that holds this group, or null where no link can. */
export async function toFragment(group: Group): Promise<string | null> {
  const shared = documentOf(group);
  try {
    readGroup(shared, "own", "link");
  } catch {
    return null; // bytes that would be refused when the link is opened
  }
  const json = new TextEncoder().encode(JSON.stringify(shared));
  if (json.length > MAX_BYTES) return null;
  const stream = deflater(() => new CompressionStream("deflate-raw"));
  const packed = stream === null ? json : await through(json, stream, MAX_BYTES);
  let binary = "";
  for (const byte of packed) binary += String.fromCharCode(byte);
  const text = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const link = LINK + (stream === null ? PLAIN : "") + text;
  return link.length > MOST_LETTERS ? null : link;
}

/** This browser cannot unpack the link. */
export class CannotUnpack extends Error {
  override name = "CannotUnpack";
}

async function unpack(text: string): Promise<Uint8Array> {
  const plain = text.startsWith(PLAIN);
  const binary = atob(text.slice(plain ? PLAIN.length : 0).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  if (plain) return bytes;
  const stream = deflater(() => new DecompressionStream("deflate-raw"));
  if (stream === null) throw new CannotUnpack("No DecompressionStream");
  return through(bytes, stream, MAX_BYTES);
}

/** Links of version 1 held steps alone, each with the name of its act. */
function named(found: Record<string, unknown>): unknown {
  if (found["version"] !== 1) return found;
  const first: unknown = Array.isArray(found["steps"]) ? found["steps"][0] : undefined;
  return { name: isRecord(first) ? (first["act"] ?? "Exchange") : "", account: null, outcome: null, steps: found["steps"] };
}

/** The group that a fragment holds; null where it is about something else. Throws where it is damaged. */
export async function fromFragment(fragment: string): Promise<Group | null> {
  if (!fragment.startsWith(LINK)) return null;
  if (fragment.length > MOST_LETTERS) throw new RangeError("The link is too long");
  const json = await unpack(fragment.slice(LINK.length));
  const found: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  if (!isRecord(found) || (found["version"] !== 1 && found["version"] !== VERSION)) throw new TypeError("exchange: expected version 1 or 2");
  return readGroup(named(found), "link", "link");
}
