// WebKitGTK's own small browser, driven by WebDriver, on a display that nobody sees.

import { globSync } from "node:fs";

import { Builder, By } from "selenium-webdriver";

import { beside, freePort, type Kind, PATIENCE_MS, until, which } from "./browser.ts";

const NEEDED = { WebKitWebDriver: "webkit2gtk-driver", Xvfb: "xvfb" };
const miniBrowser = () => globSync("/usr/lib/*/webkit2gtk-4.*/MiniBrowser").sort().at(-1);

export const webkit: Kind = {
  name: "WebKit",
  missing() {
    const wanting = Object.entries(NEEDED).filter(([program]) => which(program) === undefined);
    if (miniBrowser() === undefined) wanting.push(["MiniBrowser", NEEDED.WebKitWebDriver]);
    return [...new Set(wanting.map(([, debian]) => debian))];
  },
  async start() {
    const display = beside("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]);
    const number = await display.says();
    const port = await freePort();
    const driver = beside("WebKitWebDriver", [`--port=${String(port)}`], {
      ...process.env,
      DISPLAY: `:${number}`,
      GDK_BACKEND: "x11",
    });
    const url = `http://127.0.0.1:${String(port)}`;
    await until("WebKitWebDriver answers", async () => {
      const status = await fetch(`${url}/status`).catch(() => undefined);
      return status?.ok === true;
    });
    const driven = await new Builder()
      .usingServer(url)
      .withCapabilities({
        browserName: "MiniBrowser",
        "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
      })
      .build();
    await driven.manage().setTimeouts({ script: PATIENCE_MS, pageLoad: PATIENCE_MS });
    /** The driver returns before a page's scripts have run, and now and then while the page before is still there. */
    const another = async (leave: () => Promise<void>) => {
      await driven.executeScript("window.left = true");
      await leave();
      const loaded = "return window.left === undefined && document.readyState === 'complete'";
      await until("the page has loaded", async () => (await driven.executeScript(loaded)) === true);
    };
    const capabilities = await driven.getCapabilities();
    return {
      called: `${String(capabilities.getBrowserName())} ${String(capabilities.getBrowserVersion())}`,
      open: (page) => another(() => driven.get(page)),
      reload: () => another(() => driven.navigate().refresh()),
      press: (selector) => driven.findElement(By.css(selector)).click(),
      evaluate: (expression) =>
        driven.executeAsyncScript(`const [done] = [...arguments].slice(-1); Promise.resolve(${expression}).then(done);`),
      async close() {
        await driven.quit();
        await driver.end();
        await display.end();
      },
    };
  },
};
