// Firefox, driven by WebDriver BiDi.

import puppeteer from "puppeteer-core";

import { type Kind, PATIENCE_MS, which } from "./browser.ts";

const installed = () => which("firefox-esr") ?? which("firefox");

export const firefox: Kind = {
  name: "Firefox",
  missing: () => (installed() === undefined ? ["firefox-esr"] : []),
  async start() {
    const driven = await puppeteer.launch({
      browser: "firefox",
      protocol: "webDriverBiDi",
      executablePath: installed() ?? "",
      headless: true,
      timeout: PATIENCE_MS,
      protocolTimeout: PATIENCE_MS,
    });
    const page = await driven.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    return {
      called: await driven.version(),
      open: async (url) => void (await page.goto(url)),
      reload: async () => void (await page.reload()),
      press: (selector) => page.locator(selector).click(),
      evaluate: (expression) => page.evaluate(expression),
      close: () => driven.close(),
    };
  },
};
