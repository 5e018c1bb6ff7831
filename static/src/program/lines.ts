// What a program's run tells the page beside it, a line at a time. The program is a stranger: whatever comes is read with distrust.

export type Line =
  | { kind: "said"; level: "log" | "warn" | "error"; text: string }
  | { kind: "sent"; id: number; method: string; url: string; body: string }
  | { kind: "answered"; id: number; status: number; body: string; durationMs: number }
  | { kind: "unanswered"; id: number; reason: string }
  /** The frame's policy did not let it: a directive of W3C CSP, and what was asked for. */
  | { kind: "forbidden"; directive: string; url: string }
  /** `line`: where, counted from 1; null where that is not known. */
  | { kind: "failed"; text: string; line: number | null }
  | { kind: "ended"; durationMs: number };

/** More than this of one text helps nobody. */
const MOST_CHARACTERS = 20_000;

const TEXT = (value: unknown): boolean => typeof value === "string";
const NUMBER = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;
const LEVEL = (value: unknown): boolean => value === "log" || value === "warn" || value === "error";
const LINE_NUMBER = (value: unknown): boolean => value === null || NUMBER(value);

const SHAPES: { readonly [K in Line["kind"]]: Readonly<Record<Exclude<keyof Extract<Line, { kind: K }>, "kind">, (value: unknown) => boolean>> } = {
  said: { level: LEVEL, text: TEXT },
  sent: { id: NUMBER, method: TEXT, url: TEXT, body: TEXT },
  answered: { id: NUMBER, status: NUMBER, body: TEXT, durationMs: NUMBER },
  unanswered: { id: NUMBER, reason: TEXT },
  forbidden: { directive: TEXT, url: TEXT },
  failed: { text: TEXT, line: LINE_NUMBER },
  ended: { durationMs: NUMBER },
};

function isKind(value: unknown): value is Line["kind"] {
  return typeof value === "string" && Object.hasOwn(SHAPES, value);
}

const cut = (value: unknown): unknown =>
  typeof value === "string" && value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}… (${value.length.toLocaleString("en")} characters)` : value;

/** The line that came, with its texts cut to what can be read; null where it is none. */
export function lineOf(came: unknown): Line | null {
  if (typeof came !== "object" || came === null) return null;
  const { kind, ...values } = came as Record<string, unknown>;
  if (!isKind(kind)) return null;
  const shape: Readonly<Record<string, (value: unknown) => boolean>> = SHAPES[kind];
  const members = Object.entries(shape).map(([name, fits]) => [name, values[name], fits(values[name])] as const);
  if (!members.every(([, , fits]) => fits)) return null;
  return { kind, ...Object.fromEntries(members.map(([name, value]) => [name, cut(value)])) } as Line;
}
