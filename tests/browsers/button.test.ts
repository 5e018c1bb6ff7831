// The embedded follow button on a page of another origin, in browsers of other makers: it shows itself and the count. The window that it
// opens is a page like the others.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { freePort, type Kind, until } from "./browser.ts";
import { firefox } from "./firefox.ts";
import { startServer } from "./server.ts";
import { webkit } from "./webkit.ts";

const kinds: readonly Kind[] = [firefox, webkit];

let server: Awaited<ReturnType<typeof startServer>>;
before(async () => {
  server = await startServer();
});
after(() => server.end());

for (const kind of kinds) {
  test(`a page of another origin shows the button, under a strict policy, in ${kind.name}`, async (t) => {
    const missing = kind.missing();
    assert.deepEqual(missing, [], `this machine lacks it: apt-get install ${missing.join(" ")}`);
    const port = await freePort();
    const page = createServer((_, reply) => {
      const policy = `default-src 'none'; script-src ${server.url}; connect-src ${server.url}`;
      reply.writeHead(200, { "content-type": "text/html", "content-security-policy": policy });
      reply.end(`<!doctype html><title>Guide</title><script src="${server.url}/embed/follow-button.js"></script><follow-button handle="shiyu"></follow-button>`);
    }).listen(port, "127.0.0.1");
    t.after(() => page.close());
    const browser = await kind.start();
    t.after(() => browser.close());
    await browser.open(`http://127.0.0.1:${port}/`);
    const shown = `document.querySelector("follow-button").shadowRoot.textContent`;
    await until("a button with its count", async () => /Follow.*\d+ followers?/s.test(String(await browser.evaluate(shown))));
  });
}
