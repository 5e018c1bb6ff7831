import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { asCurl, asJavaScript, asPython } from "../../../static/src/record/copy-as.ts";
import type { Exchange } from "../../../static/src/api/types.ts";

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

/** An empty folder to run in: whatever else ran than what was meant would leave something here. */
const folder = mkdtempSync(path.join(tmpdir(), "copied-"));
after(() => rmSync(folder, { recursive: true }));

const WAYS = {
  curl: async (of: Exchange) => (await run("sh", ["-c", `${asCurl(of, echo())} --silent --show-error --write-out ' %{http_code}'`], { cwd: folder })).stdout,
  python: async (of: Exchange) => (await run("python3", ["-c", asPython(of, echo())], { cwd: folder })).stdout,
  javascript: async (of: Exchange) => (await run(process.execPath, ["--input-type=module", "--eval", asJavaScript(of, echo())], { cwd: folder })).stdout,
};

/** Each leaves a file behind where it runs; it stands between two quotes, or none. */
const COMMANDS = {
  curl: "; touch X; :",
  python: ' + str(open("X", "w")) + ',
  javascript: ' + process.getBuiltinModule("fs").writeFileSync("X", "") + ',
};

const BODIES: [name: string, body: string][] = [
  ["a GraphQL request", JSON.stringify({ query: "mutation {\n  follow\n}", variables: { message: '{"op":"follow","handle":"shiyu"}' } })],
  [
    "every character that a shell, a terminal or a language could take for its own",
    [
      `'it'"'"'s' "double" \`back\` $HOME $(id) !! \\ \\' %s {0} \${a}`,
      "one\ntwo\r\nthree\ttab é ß 日本語 \u{1f600} \u2028 \u2029 \u007f",
      "\u001b[201~\ntouch X\n\u009b0m \u202e \b \\0101 \\c %b",
      `'${COMMANDS.curl}'"${COMMANDS.python}"'${COMMANDS.python}'"${COMMANDS.javascript}"'${COMMANDS.javascript}' $(touch X) \`touch X\``,
    ].join("\n"),
  ],
  ["every quote, and nothing odd", `'it'"'"'s' "double" \`back\` $HOME $(touch X) !! \\ \\' %s {0} \${a}\n'; touch X; '`],
  ["an at sign, which curl would read as a file", "@/etc/passwd"],
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
      assert.deepEqual(readdirSync(folder), [], "something else ran");
    });
  }

  test(`${way}: headers arrive, but those that stood for secrets`, options, async () => {
    await send(exchange("{}", { "x-trace": `it's "quoted" $HOME`, "x-api-key": "[removed]" }));
    const heard = received as Received | null;
    assert.equal(heard?.headers["x-trace"], `it's "quoted" $HOME`);
    assert.equal(heard.headers["x-api-key"], undefined);
  });

  test(`${way}: half a character arrives as the browser would have sent it`, options, async () => {
    await send(exchange('{"a":"\ud800"}'));
    assert.equal((received as Received | null)?.body, '{"a":"\ufffd"}');
  });

  // No link gives these: it is refused before. Each piece stays one word of its language all the same.
  for (const quote of ['"', "'", ""]) {
    test(`${way}: a command in method or header runs nothing${quote && `, behind a ${quote} either`}`, options, async () => {
      const command = `${quote}${COMMANDS[way]}${quote}`;
      const { request, ...rest } = exchange("{}");
      const hostile = { ...request, method: `POST${command}`, headers: { [`x${command}`]: command, "x-a": `\\${command}` } };
      await send({ ...rest, request: hostile }).catch(() => "refused by the program that was given it");
      assert.deepEqual(readdirSync(folder), []);
    });
  }

  test(`${way}: a request without a body has none`, options, async () => {
    const { request, ...rest } = exchange("");
    await send({ ...rest, request: { ...request, method: "GET", headers: {} } });
    assert.deepEqual([(received as Received | null)?.method, (received as Received | null)?.body], ["GET", ""]);
  });

  test(`${way}: a refusal is printed like any other answer`, options, async () => {
    status = 429;
    const printed = await send(exchange("{}"));
    assert.match(printed, /429/);
    assert.match(printed, /\{"heard":true\}/);
  });
}

test("a URL with a command in it runs nothing, and is no pattern of curl's", { skip: MISSING.curl }, async () => {
  const { request, ...rest } = exchange("{}");
  received = null;
  await run("sh", ["-c", asCurl({ ...rest, request: { ...request, url: `${echo()}?'$(touch${"${IFS}"}X)'[1-3]{a,b}` } })], { cwd: folder });
  assert.equal((received as Received | null)?.method, "POST");
  assert.deepEqual(readdirSync(folder), []);
});

test("without another URL, the code names the one that was used", () => {
  for (const write of [asCurl, asPython, asJavaScript]) assert.match(write(exchange("{}")), /http:\/\/gateway\.invalid\/graphql/);
});
