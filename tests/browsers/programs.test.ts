// The page of programs in browsers of other makers: a frame of an opaque origin, a worker in it, keys, and a loop that is ended.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Kind } from "./browser.ts";
import { firefox } from "./firefox.ts";
import { startServer } from "./server.ts";
import { Visitor } from "./visitor.ts";
import { webkit } from "./webkit.ts";

const kinds: readonly Kind[] = [firefox, webkit];
const ENDLESS = `(() => {
  const field = document.querySelector("#code");
  field.value = "console.log('begun'); for (;;) {}";
  field.dispatchEvent(new Event("input"));
  return true;
})()`;

let server: Awaited<ReturnType<typeof startServer>>;
before(async () => {
  server = await startServer();
});
after(() => server.end());

for (const kind of kinds) {
  test(`a program runs beside its result, and is stopped, in ${kind.name}`, async (t) => {
    const missing = kind.missing();
    assert.deepEqual(missing, [], `this machine lacks it: apt-get install ${missing.join(" ")}`);
    const browser = await kind.start();
    t.after(() => browser.close());
    t.diagnostic(browser.called);
    const visitor = new Visitor(browser);
    for (const program of ["follow", "original-sdk", "EXPIRED_SIGNING_KEY"]) {
      await browser.open(`${server.url}/docs/try?show=${program}`);
      await visitor.press("Run");
      await visitor.sees("Finished after");
    }
    await visitor.sees('status: "EXPIRED_SIGNING_KEY"');
    await browser.evaluate(ENDLESS);
    await visitor.press("Run");
    await visitor.sees("begun");
    await visitor.press("Stop");
    await visitor.sees("Stopped.");
    await browser.evaluate(`(document.querySelector("#code").value = "const a = 1;\\n\\nlet b = ;", true)`);
    await visitor.press("Run");
    await visitor.sees("SyntaxError");
    await visitor.sees("Line 3");
  });
}
