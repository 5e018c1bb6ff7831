// A request as code that runs: the same bytes from a terminal, from Python, from JavaScript. What it writes may have come
// by a stranger's link, so each piece is one quoted word of its language, and nothing in it can do anything else.

import type { Attempt } from "../api/types.ts";

/** Headers that every client writes by itself, or that belong to the site's own connection. */
const OWN_HEADERS = /^(accept-encoding|connection|content-length|host|transfer-encoding|user-agent)$/i;

/** What the site writes in place of a secret header's value. */
const REMOVED = "[removed]";

interface Call {
  method: string;
  url: string;
  headers: [name: string, value: string][];
  /** Null where the method sends none. */
  body: string | null;
}

function call({ request }: Attempt, graphqlUrl: string | undefined): Call {
  const headers = Object.entries(request.headers).filter(([name, value]) => !OWN_HEADERS.test(name) && value !== REMOVED);
  // A lone surrogate has no bytes: as in the browser, it is sent as U+FFFD.
  const body = new TextDecoder().decode(new TextEncoder().encode(request.body));
  return { method: request.method, url: graphqlUrl ?? request.url, headers, body: body === "" && /^(GET|HEAD)$/.test(request.method) ? null : body };
}

/** One word to a POSIX shell, whatever it holds: in single quotes only the single quote is special. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What a terminal obeys or hides when it is pasted. A line end between quotes is neither. */
const ODD = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A word to `printf %b`, which writes the same bytes. */
function printfWord(text: string): string {
  const octal = (character: string): string => [...new TextEncoder().encode(character)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
  return shellWord(text.replaceAll("\\", "\\\\").replace(ODD, octal));
}

/** A string literal of JavaScript and of Python alike. What could be mistaken on a screen is written by its number. */
function literal(text: string): string {
  return JSON.stringify(text).replace(ODD, (odd) => {
    const code = odd.codePointAt(0) ?? 0;
    return code > 0xffff ? odd : `\\u${code.toString(16).padStart(4, "0")}`; // larger ones are written unlike in the two
  });
}

/** A curl command. `graphqlUrl`: where the gateway is reached from outside, if not where the site reached it. */
export function asCurl(attempt: Attempt, graphqlUrl?: string): string {
  const { method, url, headers, body } = call(attempt, graphqlUrl);
  const start = `curl --globoff ${method === "HEAD" ? "--head" : `--request ${shellWord(method)}`} ${shellWord(url)}`;
  // "name:" would leave a header out; "name;" sends it empty.
  const options = headers.map(([name, value]) => `--header ${shellWord(value === "" ? `${name};` : `${name}: ${value}`)}`);
  if (body === null) return [start, ...options].join(" \\\n  ");
  if (body.search(ODD) < 0) return [start, ...options, `--data-raw ${shellWord(body)}`].join(" \\\n  ");
  return [`printf %b ${printfWord(body)} | ${start}`, ...options, "--data-binary @-"].join(" \\\n  ");
}

/** A Python 3 script that needs nothing but Python. */
export function asPython(attempt: Attempt, graphqlUrl?: string): string {
  const { method, url, headers, body } = call(attempt, graphqlUrl);
  return `import urllib.error
import urllib.request

request = urllib.request.Request(
    ${literal(url)},
    data=${body === null ? "None" : `${literal(body)}.encode()`},
    headers={
${headers.map(([name, value]) => `        ${literal(name)}: ${literal(value)},\n`).join("")}    },
    method=${literal(method)},
)
try:
    with urllib.request.urlopen(request) as reply:
        print(reply.status, reply.read().decode())
except urllib.error.HTTPError as refusal:
    print(refusal.code, refusal.read().decode())
`;
}

/** A module for Node, Deno or a browser's console. */
export function asJavaScript(attempt: Attempt, graphqlUrl?: string): string {
  const { method, url, headers, body } = call(attempt, graphqlUrl);
  return `const reply = await fetch(${literal(url)}, {
  method: ${literal(method)},
  headers: {
${headers.map(([name, value]) => `    ${literal(name)}: ${literal(value)},\n`).join("")}  },${body === null ? "" : `\n  body: ${literal(body)},`}
});
console.log(reply.status, await reply.text());
`;
}
