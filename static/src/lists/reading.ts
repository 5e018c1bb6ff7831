// A list of accounts that somebody imports: CSV as Mastodon exports it (`following_accounts.csv`), or JSON.
// Every row becomes an entry, or is kept as unreadable with its reason.

import { isAddress } from "viem/utils";

import type { Address } from "../protocol/address.ts";
import { isHandle, normaliseHandle } from "../protocol/handle.ts";
import { ACCOUNT_ADDRESS } from "./writing.ts";

/** Where a row stood. */
interface Row {
  /** CSV: the line on which it begins; JSON: its place in the list. From 1. */
  at: number;
  /** The account as the file has it; of a CSV row that has no first field to read, the whole row. */
  text: string;
}

export type Entry =
  | (Row & { kind: "handle"; handle: string })
  /** In lower case; it stands for its primary profile. */
  | (Row & { kind: "address"; address: Address });

export type UnreadReason = "empty" | "not-an-account" | "elsewhere" | "checksum" | "another-chain" | "quotes";

export interface UnreadRow extends Row {
  reason: UnreadReason;
}

export interface Reading {
  form: "csv" | "json";
  /** In the order of the file, each account once. */
  entries: readonly Entry[];
  unread: readonly UnreadRow[];
  /** How many rows named an account that an earlier row names. */
  duplicates: number;
}

/** The whole file is refused; the message says why, in a sentence. */
export class ListRefused extends Error {
  override name = "ListRefused";
  readonly reason: "too-large" | "too-many-rows" | "not-text" | "no-header" | "not-json" | "no-list";
  constructor(reason: ListRefused["reason"], sentence: string) {
    super(sentence);
    this.reason = reason;
  }
}

/** In bytes: ten thousand rows with the longest host names there are. */
export const MOST_BYTES = 4_000_000;
export const MOST_ROWS = 10_000;

const UNREAD_WORDS: Record<UnreadReason, string> = {
  empty: "The row names no account.",
  "not-an-account": "Not an account. Expected a handle (1 to 20 of a to z, 0 to 9, _ and -), handle@host, an address (0x and 40 hex digits) or eip155:1:0x….",
  elsewhere: "An account of another site, where the name belongs to another person.",
  checksum: "The address has a wrong checksum: one of its characters is not as it was.",
  "another-chain": "An account of another kind of chain. Expected eip155.",
  quotes: "The quotation marks of the row do not match, so that its fields cannot be told apart.",
};

/** Why the row was not read, as a sentence. */
export function unreadSentence(reason: UnreadReason): string {
  return UNREAD_WORDS[reason];
}

/** Reads a file that was chosen. `host`: this site's, with its port where it has one. Throws ListRefused. */
export async function readFile(file: Blob, host: string): Promise<Reading> {
  if (file.size > MOST_BYTES) throw new ListRefused("too-large", `The file has ${file.size.toLocaleString("en")} bytes. Expected at most ${MOST_BYTES.toLocaleString("en")}.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  // Spreadsheets save "Unicode text" as UTF-16, always with a byte order mark.
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new ListRefused("not-text", "The file is not text. Expected CSV or JSON in UTF-8.");
  }
  return readText(text, host);
}

/** Reads the text of a file. `host` as above. Throws ListRefused. */
export function readText(text: string, host: string): Reading {
  const content = text.replace(/^\ufeff/, "");
  const form = /^\s*[[{]/.test(content) ? "json" : "csv";
  const rows = form === "json" ? jsonRows(content) : csvRows(content);
  if (rows.length > MOST_ROWS) {
    throw new ListRefused("too-many-rows", `The file has ${rows.length.toLocaleString("en")} rows. Expected at most ${MOST_ROWS.toLocaleString("en")}.`);
  }
  const entries = new Map<string, Entry>();
  const unread: UnreadRow[] = [];
  let duplicates = 0;
  for (const { at, text, fault } of rows) {
    const account = fault ?? accountOf(text, host.toLowerCase());
    if (typeof account === "string") {
      unread.push({ at, text, reason: account });
      continue;
    }
    const name = account.kind === "handle" ? account.handle : account.address;
    if (entries.has(name)) duplicates++;
    else entries.set(name, { at, text, ...account });
  }
  return { form, entries: [...entries.values()], unread, duplicates };
}

type Account = { kind: "handle"; handle: string } | { kind: "address"; address: Address };
type RawRow = Row & { fault: UnreadReason | null };

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
/** https://chainagnostic.org/CAIPs/caip-10 */
const CAIP_10 = /^([-a-z0-9]{3,8}):[-_a-zA-Z0-9]{1,32}:([-.%a-zA-Z0-9]{1,128})$/;
const NAME_AT_HOST = /^@?(\w[\w.-]*)(?:@([^\s@]+))?$/;

/** Whom a field means, read as forgivingly as the page's own field for handles; or why nobody. */
function accountOf(text: string, host: string): Account | UnreadReason {
  const field = text.trim();
  if (field === "") return "empty";
  const [, namespace, reference = ""] = CAIP_10.exec(field) ?? [];
  if (namespace !== undefined && namespace !== "eip155") return "another-chain";
  const address = namespace === undefined ? field : reference;
  if (ADDRESS.test(address)) {
    const digits = address.slice(2);
    // One letter case alone carries no checksum.
    const isPlain = digits === digits.toLowerCase() || digits === digits.toUpperCase();
    return isPlain || isAddress(address) ? { kind: "address", address: address.toLowerCase() as Address } : "checksum";
  }
  const [, name, at = host] = NAME_AT_HOST.exec(field) ?? [];
  if (name === undefined) return "not-an-account";
  if (at.toLowerCase() !== host) return "elsewhere";
  const handle = normaliseHandle(name);
  return isHandle(handle) ? { kind: "handle", handle } : "not-an-account";
}

function jsonRows(content: string): RawRow[] {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new ListRefused("not-json", "The file begins like JSON, and is none.");
  }
  const { followings, following } = value as { followings?: unknown; following?: unknown };
  const list = [value, followings, following].find((candidate) => Array.isArray(candidate)) as unknown[] | undefined;
  if (list === undefined) throw new ListRefused("no-list", "The JSON has no list. Expected an array, or an object with an array `followings` or `following`.");
  return list.map((item, index) => {
    const { handle, address } = (typeof item === "object" && item !== null ? item : { handle: item }) as { handle?: unknown; address?: unknown };
    const named = handle ?? address;
    return typeof named === "string" ? { at: index + 1, text: named, fault: null } : { at: index + 1, text: JSON.stringify(item), fault: "not-an-account" };
  });
}

/** The rows below the header, without empty lines. */
function csvRows(content: string): RawRow[] {
  const separator = separatorOf(content);
  const [header, ...rows] = recordsOf(content, separator).filter(({ isBlank }) => !isBlank);
  const first = header?.fault === null ? header.text.trim() : "";
  if (first.toLowerCase() !== ACCOUNT_ADDRESS.toLowerCase()) {
    throw new ListRefused("no-header", `The file has no header. Expected a first line whose first column is \`${ACCOUNT_ADDRESS}\`.`);
  }
  return rows;
}

/** What ends the first field of the file: a comma, a semicolon or a tab. */
function separatorOf(content: string): string {
  const found = /^\s*(?:"[^"]*"|[^",;\t\r\n]*)([,;\t])/.exec(content);
  return found?.[1] ?? ",";
}

/** Where the closing quotation mark is of the field that is quoted from `from` on; -1 where there is none. */
function closing(content: string, from: number): number {
  let at = content.indexOf('"', from + 1);
  while (at !== -1 && content[at + 1] === '"') at = content.indexOf('"', at + 2);
  return at;
}

/** The records of the file (RFC 4180, with any line ends), of each its first field. */
function recordsOf(content: string, separator: string): (RawRow & { isBlank: boolean })[] {
  const records: (RawRow & { isBlank: boolean })[] = [];
  const ending = new RegExp(`[${separator}\r\n]`, "g");
  let line = 1;
  for (let at = 0; at < content.length; ) {
    const began = at;
    let first: string | null = null;
    let matches = true;
    for (let from = at; ; from = at + 1) {
      const close = content[from] === '"' ? closing(content, from) : from;
      // What a quotation mark opened and none closes is the rest of the file.
      ending.lastIndex = close === -1 ? content.length : close;
      at = ending.exec(content)?.index ?? content.length;
      const isQuoted = close !== from;
      // Nothing stands between the closing mark and the field's end.
      if (isQuoted && close + 1 !== at) matches = false;
      first ??= isQuoted ? content.slice(from + 1, close).replaceAll('""', '"') : content.slice(from, at);
      if (content[at] !== separator) break;
    }
    const whole = content.slice(began, at);
    records.push({ at: line, text: matches ? (first ?? "") : whole, fault: matches ? null : "quotes", isBlank: whole.trim() === "" && !whole.includes(separator) });
    if (at < content.length) at += content.startsWith("\r\n", at) ? 2 : 1;
    line += content.slice(began, at).match(/\r\n|\r|\n/g)?.length ?? 0;
  }
  return records;
}
