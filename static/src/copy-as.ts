// An exchange as code that runs: the same request, byte for byte, from a terminal, from Python, from JavaScript.

import type { Exchange } from "./types.ts";

/** Headers that every client writes by itself, or that belong to the site's own connection. */
const OWN_HEADERS = /^(accept-encoding|connection|content-length|host|transfer-encoding|user-agent)$/i;

/** What the site writes in place of a secret header's value. */
const REMOVED = "[removed]";

interface Call {
  method: string;
  url: string;
  headers: [name: string, value: string][];
  body: string;
}

function call({ request }: Exchange, graphqlUrl: string | undefined): Call {
  const headers = Object.entries(request.headers).filter(([name, value]) => !OWN_HEADERS.test(name) && value !== REMOVED);
  return { method: request.method, url: graphqlUrl ?? request.url, headers, body: request.body };
}

/** One word to a POSIX shell, whatever it holds: in single quotes only the single quote is special. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A JSON string is a string literal in JavaScript and in Python alike. */
function literal(text: string): string {
  return JSON.stringify(text);
}

/** A curl command. `graphqlUrl`: where the gateway is reached from outside, if not where the site reached it. */
export function asCurl(exchange: Exchange, graphqlUrl?: string): string {
  const { method, url, headers, body } = call(exchange, graphqlUrl);
  const options = headers.map(([name, value]) => `--header ${shellWord(`${name}: ${value}`)}`);
  return [`curl --request ${method} ${shellWord(url)}`, ...options, `--data-raw ${shellWord(body)}`].join(" \\\n  ");
}

/** A Python 3 script that needs nothing but Python. */
export function asPython(exchange: Exchange, graphqlUrl?: string): string {
  const { method, url, headers, body } = call(exchange, graphqlUrl);
  return `import urllib.error
import urllib.request

request = urllib.request.Request(
    ${literal(url)},
    data=${literal(body)}.encode(),
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
export function asJavaScript(exchange: Exchange, graphqlUrl?: string): string {
  const { method, url, headers, body } = call(exchange, graphqlUrl);
  return `const reply = await fetch(${literal(url)}, {
  method: ${literal(method)},
  headers: {
${headers.map(([name, value]) => `    ${literal(name)}: ${literal(value)},\n`).join("")}  },
  body: ${literal(body)},
});
console.log(reply.status, await reply.text());
`;
}
