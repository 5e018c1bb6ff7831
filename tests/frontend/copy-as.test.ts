import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { asCurl, asJavaScript, asPython } from "../../static/src/copy-as.ts";
import type { Exchange } from "../../static/src/types.ts";

const run = promisify(execFile);

interface Received {
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
}
let received: Received | null = null;
let status = 200;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    received = { method: request.method ?? "", headers: request.headers, body: Buffer.concat(chunks).toString("utf-8") };
    response.writeHead(status, { "content-type": "application/json", connection: "close" }).end('{"heard":true}');
  });
});
before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
after(() => new Promise((resolve) => server.close(resolve)));
const echo = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;

function exchange(body: string, headers: Record<string, string> = {}): Exchange {
  return {
    request: {
      method: "POST",
      url: "http://gateway.invalid/graphql",
      headers: { "content-type": "application/json", host: "gateway.invalid", "content-length": "3", "accept-encoding": "gzip, br", ...headers },
      body,
    },
    response: { status: 200, headers: {}, body: "{}" },
    durationMs: 1,
  };
}

const WAYS = {
  curl: async (of: Exchange) => (await run("sh", ["-c", `${asCurl(of, echo())} --silent --show-error --write-out ' %{http_code}'`])).stdout,
  python: async (of: Exchange) => (await run("python3", ["-c", asPython(of, echo())])).stdout,
  javascript: async (of: Exchange) => (await run(process.execPath, ["--input-type=module", "--eval", asJavaScript(of, echo())])).stdout,
};

const BODIES: [name: string, body: string][] = [
  ["a GraphQL request", JSON.stringify({ query: "mutation {\n  follow\n}", variables: { message: '{"op":"follow","handle":"shiyu"}' } })],
  ["every quote", `'it'"'"'s' "double" \`back\` $HOME $(id) !! \\ \\' %s {0} \${a}`],
  ["line ends and tabs", "one\ntwo\r\nthree\ttab"],
  ["an at sign, which curl would read as a file", "@/etc/passwd"],
  ["other scripts", "é ß 日本語 \u{1f600} \u2028 \u2029 \u007f"],
  ["nothing", ""],
];
const MISSING = {
  curl: spawnSync("curl", ["--version"]).status !== 0 && "this machine has no curl",
  python: false,
  javascript: false,
} as const;

for (const way of ["curl", "python", "javascript"] as const) {
  const send = WAYS[way];
  const options = { skip: MISSING[way] };
  for (const [name, body] of BODIES) {
    test(`${way}: ${name} arrives byte for byte`, options, async () => {
      received = null;
      status = 200;
      const printed = await send(exchange(body));
      const heard = received as Received | null;
      assert.equal(heard?.method, "POST");
      assert.equal(heard.body, body);
      assert.equal(heard.headers["content-type"], "application/json");
      assert.equal(heard.headers.host, new URL(echo()).host);
      assert.match(printed, /\{"heard":true\}/);
    });
  }

  test(`${way}: headers arrive, but those that stood for secrets`, options, async () => {
    await send(exchange("{}", { "x-trace": `it's "quoted" $HOME`, "x-api-key": "[removed]" }));
    const heard = received as Received | null;
    assert.equal(heard?.headers["x-trace"], `it's "quoted" $HOME`);
    assert.equal(heard.headers["x-api-key"], undefined);
  });

  test(`${way}: a refusal is printed like any other answer`, options, async () => {
    status = 429;
    const printed = await send(exchange("{}"));
    assert.match(printed, /429/);
    assert.match(printed, /\{"heard":true\}/);
  });
}

test("without another URL, the code names the one that was used", () => {
  for (const write of [asCurl, asPython, asJavaScript]) assert.match(write(exchange("{}")), /http:\/\/gateway\.invalid\/graphql/);
});
