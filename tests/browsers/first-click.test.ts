// Sign-in, follow, reload, unfollow and a lost key in browsers of other makers, with real keys and a real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Kind } from "./browser.ts";
import { firefox } from "./firefox.ts";
import { startServer } from "./server.ts";
import { Visitor } from "./visitor.ts";
import { webkit } from "./webkit.ts";

const kinds: readonly Kind[] = [firefox, webkit];

let server: Awaited<ReturnType<typeof startServer>>;
before(async () => {
  server = await startServer();
});
after(() => server.end());

for (const kind of kinds) {
  test(`somebody who comes with ${kind.name} follows, comes back, unfollows and gets over a lost key`, async (t) => {
    const missing = kind.missing();
    assert.deepEqual(missing, [], `this machine lacks it: apt-get install ${missing.join(" ")}`);
    const browser = await kind.start();
    t.after(() => browser.close());
    t.diagnostic(browser.called);
    const visitor = new Visitor(browser);
    await browser.open(server.url);
    const before = await visitor.followers();

    await visitor.press("Connect wallet", "Sandbox wallet", "Approve", "Authorise this device", "Approve", "Follow");
    await visitor.hasResult("You follow @shiyu.");
    const address = await visitor.address();
    assert.equal(await server.follows(address, "shiyu"), true);
    assert.equal(await visitor.followers(), before + 1);

    await browser.reload();
    await visitor.press("Unfollow");
    await visitor.hasResult("You no longer follow @shiyu.");
    assert.equal(await visitor.address(), address, "the session outlives a reload");
    assert.equal(await server.follows(address, "shiyu"), false);
    assert.equal(await visitor.followers(), before);

    await visitor.losesKeys(server.url);
    await visitor.sees("This browser lost its key");
    await visitor.press("Authorise again", "Approve", "Follow");
    await visitor.hasResult("You follow @shiyu.");
    assert.equal(await visitor.address(), address);
    assert.equal(await server.follows(address, "shiyu"), true);
  });
}
