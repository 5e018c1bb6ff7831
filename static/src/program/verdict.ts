// What an answer of the gateway comes to, in a word: the field that was asked for, and its status where it has one.

interface Verdict {
  /** The field, such as `follow`; null where the answer is no GraphQL. */
  field: string | null;
  /** A status, or why there is none. */
  word: string;
  tone: "success" | "refused" | "";
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `status`: of HTTP. */
export function verdictOf(status: number, body: string): Verdict {
  const answer = parsed(body);
  const none: Verdict = { field: null, word: `HTTP ${status}`, tone: status < 400 ? "" : "refused" };
  if (!isObject(answer)) return none;
  const { data, errors } = answer;
  const first: unknown = Array.isArray(errors) ? errors[0] : null;
  if (isObject(first) && typeof first["message"] === "string") return { field: null, word: first["message"], tone: "refused" };
  const [field, value] = isObject(data) ? (Object.entries(data)[0] ?? []) : [];
  if (field === undefined) return none;
  const said = isObject(value) ? value["status"] : null;
  if (typeof said !== "string") return { field, word: value === null ? "null" : `HTTP ${status}`, tone: "" };
  return { field, word: said, tone: said === "SUCCESS" ? "success" : said === "ALREADY_DONE" ? "" : "refused" };
}
