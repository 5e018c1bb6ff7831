// How a value is written where a program says it: short, and as one would write it in the program.

const DEEPEST = 4;
const MOST_MEMBERS = 50;
const NAME = /^[A-Za-z_$][\w$]*$/;

function members(values: readonly string[], more: boolean, open: string, close: string): string {
  if (values.length === 0) return open + close;
  const space = open === "{" || open.endsWith(" {") ? " " : "";
  return `${open}${space}${[...values, ...(more ? ["…"] : [])].join(", ")}${space}${close}`;
}

function inner(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name}`.trim();
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (depth >= DEEPEST) return "…";
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const all = Array.from(value as ArrayLike<unknown>);
    const name = Array.isArray(value) ? "" : `${value.constructor.name} `;
    return members(all.slice(0, MOST_MEMBERS).map((one) => inner(one, depth + 1)), all.length > MOST_MEMBERS, `${name}[`, "]");
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  const name = prototype === Object.prototype || prototype === null ? "" : `${value.constructor.name} `;
  const names = Object.keys(value);
  const shown = names.slice(0, MOST_MEMBERS).map((key) => `${NAME.test(key) ? key : JSON.stringify(key)}: ${inner((value as Record<string, unknown>)[key], depth + 1)}`);
  return members(shown, names.length > MOST_MEMBERS, `${name}{`, "}");
}

/** One value; text stands there as it is. */
export function written(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return inner(value, 0);
  } catch {
    return "a value that cannot be read";
  }
}
