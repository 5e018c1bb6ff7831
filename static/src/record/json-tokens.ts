// JSON cut into its tokens in one pass, whatever it holds: joined they are the text again. Nothing is parsed, so nothing is lost.

interface Token {
  kind: "key" | "string" | "mark" | "word" | "space";
  text: string;
}

const PIECE = /[ \t\r\n]+|[{}[\],:]|"|[^ \t\r\n{}[\],:"]+/y;

/** Where the string that opens at `from` ends; -1 where it never does. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return -1;
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++;
  return text[at] === ":";
}

export function* tokensOf(text: string): Generator<Token, void> {
  for (let from = 0; from < text.length; ) {
    PIECE.lastIndex = from;
    const piece = PIECE.exec(text)?.[0] ?? text.slice(from);
    if (piece === '"') {
      const end = endOfString(text, from);
      if (end < 0) return yield { kind: "word", text: text.slice(from) };
      yield { kind: isKey(text, end) ? "key" : "string", text: text.slice(from, end) };
      from = end;
      continue;
    }
    yield { kind: /^[ \t\r\n]/.test(piece) ? "space" : /^[{}[\],:]/.test(piece) ? "mark" : "word", text: piece };
    from += piece.length;
  }
}

/** Deeper than this nothing moves further to the right, so that no text grows without bound. */
const DEEPEST = 12;

/** The same tokens, a member a line, for reading; null where that is no JSON object or list. */
export function indented(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
  } catch {
    return null;
  }
  let depth = 0;
  let before = "";
  const lines: string[] = [];
  const newLine = (): string => `\n${"  ".repeat(Math.min(depth, DEEPEST))}`;
  for (const { kind, text: token } of tokensOf(text)) {
    if (kind === "space") continue;
    const opens = kind === "mark" && (token === "{" || token === "[");
    const closes = kind === "mark" && (token === "}" || token === "]");
    const first = before === "{" || before === "[";
    if (closes) depth--;
    if (before === "," || first !== closes) lines.push(before === "" ? "" : newLine());
    lines.push(kind === "mark" && token === ":" ? ": " : token);
    if (opens) depth++;
    before = kind === "mark" ? token : "value";
  }
  return lines.join("");
}
