// The page as a person meets it in any browser: buttons by their names, results by their words.

import { type Browser, until } from "./browser.ts";

/** The button that can be seen and pressed and whose name, or its first line, is this; in the open dialog, where one is. */
const marked = (name: string, mark: string) => `(() => {
  const called = (button) => (button.querySelector("[role=img][aria-label]") ?? button).ariaLabel ?? button.innerText;
  const place = document.querySelector("dialog[open]") ?? document;
  const found = [...place.querySelectorAll("button")].find((button) =>
    button.getClientRects().length > 0 && !button.disabled && button.getAttribute("aria-disabled") !== "true" &&
    called(button).trim().split("\\n")[0] === ${JSON.stringify(name)});
  found?.setAttribute("data-pressed", ${JSON.stringify(mark)});
  return found !== undefined;
})()`;

export class Visitor {
  readonly #browser: Browser;
  #presses = 0;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  async press(...names: string[]): Promise<void> {
    for (const name of names) {
      const mark = String(++this.#presses);
      await until(`a button "${name}"`, async () => (await this.#browser.evaluate(marked(name, mark))) === true);
      await this.#browser.press(`[data-pressed="${mark}"]`);
    }
  }

  async sees(words: string): Promise<void> {
    const seen = `document.body.innerText.includes(${JSON.stringify(words)})`;
    await until(`the words "${words}"`, async () => (await this.#browser.evaluate(seen)) === true);
  }

  async hasResult(words: string): Promise<void> {
    const seen = `document.querySelector("[role=status]").innerText.includes(${JSON.stringify(words)})`;
    await until(`the result "${words}"`, async () => (await this.#browser.evaluate(seen)) === true);
  }

  async followers(): Promise<number> {
    const text = await this.#browser.evaluate(`document.querySelector("#profile").innerText`);
    const found = /([\d.,]+)\s+followers?/.exec(String(text));
    if (found?.[1] === undefined) throw new Error(`followers: expected a count in ${String(text)}`);
    return Number(found[1].replace(/\D/g, ""));
  }

  async address(): Promise<string> {
    const session = await this.#browser.evaluate(`fetch("/api/session").then((reply) => reply.json()).then((s) => s.address)`);
    return String(session);
  }

  /** What a browser does that clears what a site stored: the key is gone, the cookies are not. */
  async losesKeys(url: string): Promise<void> {
    await this.#browser.open(`${url}/healthz`); // a page of the same origin that holds no database open
    await this.#browser.evaluate(`indexedDB.databases().then((all) => Promise.all(all.map(({ name }) =>
      new Promise((done, failed) => {
        const gone = indexedDB.deleteDatabase(name);
        gone.onsuccess = () => done(true);
        gone.onerror = gone.onblocked = () => failed(new Error("the database stays"));
      })))).then(() => true)`);
    await this.#browser.open(url);
  }
}
