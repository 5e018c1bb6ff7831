// JSON that every reader reads alike (RFC 8259; RFC 7493, section 2), as webapp/protocol/strict_json.py reads it.
// `JSON.parse` takes the last of two members of one name, rounds integers beyond 2^53, and tells no positions.

/** A JSON value whose numbers are integers; objects are maps, so that no name of a member is special. */
export type Json = null | boolean | string | bigint | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** A place in a text: UTF-16 offsets, `to` not included. */
export interface Span {
  from: number;
  to: number;
}

/** What a text can break: `members` each member once; `digits`, `numbers` integers alone, of at most 19 digits. */
type JsonRule = "syntax" | "nesting" | "members" | "digits" | "numbers";

export class JsonError extends Error {
  override name = "JsonError";
  readonly rule: JsonRule;
  readonly expected: string;
  readonly span: Span;
  /** The name that stands twice. */
  readonly member: string;
  constructor(rule: JsonRule, expected: string, span: Span, member = "") {
    super(expected);
    this.rule = rule;
    this.expected = expected;
    this.span = span;
    this.member = member;
  }
}

/** No proof nests as deep as that, nor anything that holds one. */
const DEEPEST = 500;
const MOST_DIGITS = 19;
const BLANK = /[ \t\n\r]*/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const NO_NUMBER = /NaN|-?Infinity/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = [["null", null], ["true", true], ["false", false]] as const;

/** A value, and where the members of the outermost object have theirs. */
export interface ReadJson {
  value: Json;
  spans: ReadonlyMap<string, Span>;
}

/** Reads one value and nothing after it; throws a `JsonError`. */
export function readJson(text: string): ReadJson {
  let at = 0;
  const spans = new Map<string, Span>();

  function syntax(what: string, from = at): JsonError {
    const before = text.slice(0, from).split("\n");
    const column = [...(before.at(-1) ?? "")].length + 1;
    return new JsonError("syntax", `JSON; line ${before.length}, column ${column}: ${what}`, { from, to: Math.min(from + 1, text.length) });
  }

  function match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = at;
    const found = form.exec(text);
    if (found !== null) at = form.lastIndex;
    return found;
  }

  function string(): string {
    const begin = at++;
    let read = "";
    for (;;) {
      read += match(PLAIN)?.[0] ?? "";
      const next = text[at];
      if (next === undefined) throw syntax("a string without an end", begin);
      if (next === '"') {
        at++;
        return read;
      }
      if (next !== "\\") throw syntax("a control character in a string");
      const escaped = text[at + 1] ?? "";
      const plain = ESCAPES[escaped];
      if (plain !== undefined) {
        read += plain;
        at += 2;
        continue;
      }
      if (escaped !== "u") throw syntax("an escape that JSON has not");
      at += 2;
      const code = match(HEX4);
      if (code === null) throw syntax("\\u without four hexadecimal digits", at - 2);
      read += String.fromCharCode(Number.parseInt(code[0], 16));
    }
  }

  function object(depth: number): JsonObject {
    const begin = at++;
    const members = new Map<string, Json>();
    const times = new Map<string, number>();
    match(BLANK);
    if (text[at] === "}") at++;
    else {
      for (;;) {
        if (text[at] !== '"') throw syntax("a name in double quotes is missing");
        const name = string();
        match(BLANK);
        if (text[at] !== ":") throw syntax("a colon is missing");
        at++;
        match(BLANK);
        const from = at;
        members.set(name, value(depth));
        times.set(name, (times.get(name) ?? 0) + 1);
        if (depth === 1) spans.set(name, { from, to: at });
        match(BLANK);
        const next = text[at];
        if (next !== "," && next !== "}") throw syntax("a comma is missing");
        at++;
        if (next === "}") break;
        match(BLANK);
      }
    }
    let [twice, most] = ["", 1];
    for (const [name, count] of times) if (count > most) [twice, most] = [name, count];
    if (most > 1) throw new JsonError("members", "each member once", { from: begin, to: at }, twice);
    return members;
  }

  function list(depth: number): readonly Json[] {
    at++;
    const items: Json[] = [];
    match(BLANK);
    if (text[at] === "]") {
      at++;
      return items;
    }
    for (;;) {
      items.push(value(depth));
      match(BLANK);
      const next = text[at];
      if (next !== "," && next !== "]") throw syntax("a comma is missing");
      at++;
      if (next === "]") return items;
      match(BLANK);
    }
  }

  function value(depth: number): Json {
    const next = text[at];
    if (next === '"') return string();
    if (next === "{" || next === "[") {
      if (depth === DEEPEST) throw new JsonError("nesting", "JSON that nests less", { from: at, to: at + 1 });
      return next === "{" ? object(depth + 1) : list(depth + 1);
    }
    const from = at;
    for (const [word, meant] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meant;
      }
    }
    if (match(NO_NUMBER) !== null) throw new JsonError("numbers", "numbers that JSON has", { from, to: at });
    const number = match(NUMBER);
    if (number === null) throw syntax("a value is missing");
    const [, whole = "", fraction, exponent] = number;
    if (fraction !== undefined || exponent !== undefined) throw new JsonError("numbers", "no number but an integer", { from, to: at });
    if (whole.replace("-", "").length > MOST_DIGITS) {
      throw new JsonError("digits", `whole numbers of at most ${MOST_DIGITS} digits`, { from, to: at });
    }
    return BigInt(whole);
  }

  match(BLANK);
  const read = value(0);
  match(BLANK);
  if (at < text.length) throw syntax("something after the end");
  return { value: read, spans };
}
