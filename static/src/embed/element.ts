// <follow-button handle="shiyu">, for pages of other sites. What it shows is in a shadow tree with a style sheet of its
// own, so that neither page styles the other; it needs nothing of the page's policy but this script and its requests.

import type { Counts } from "./counts.ts";
import { createCounts } from "./counts.ts";
import type { FollowButton, FollowDetail, FollowStatus } from "./follow-button.d.ts";
import type { Opened, OtherWindow } from "./opened.ts";
import { openFor } from "./opened.ts";

const NAME = "follow-button";
const HANDLE = /^[a-z0-9][a-z0-9_-]{0,19}$/;
const WINDOW = "popup,width=480,height=720";
const GATHER_MS = 25;
const SVG = "http://www.w3.org/2000/svg";
const MARK = "M1 14c4-14 9-14 9-5s-4 9-4 4 8-12 12-8-4 14-1 11 3-5 8-6";

function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string>, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function mark(): SVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  drawing.setAttribute("viewBox", "0 0 26 20");
  drawing.setAttribute("aria-hidden", "true");
  path.setAttribute("d", MARK);
  drawing.append(path);
  return drawing;
}

const elsewhere = (words: string, href: string): HTMLAnchorElement => make("a", { href, target: "_blank", rel: "noopener" }, words);

/** What is said below the button: words, and where they lead to. */
type Note = readonly [words: string, link?: string];

/** Defines the element, once for a page; `site` is the origin that it is of, `style` its style sheet. */
export function defineFollowButton(site: string, style: string): typeof FollowButton {
  const known = customElements.get(NAME);
  if (known !== undefined) return known as typeof FollowButton;
  const counts: Counts = createCounts({
    site,
    fetch: (url, how) => fetch(url, how),
    gather: (send) => setTimeout(send, GATHER_MS),
  });
  let sheet: CSSStyleSheet | null = null;
  /** What the buttons of one page view have in common: whom the visitor follows, as the windows told. */
  const followed = new Map<string, boolean>();
  const buttons = new Set<Element>();

  class Element extends HTMLElement {
    static readonly observedAttributes = ["handle", "count"];
    readonly #name = make("span", { class: "unseen" });
    readonly #word = make("span", { "aria-hidden": "true" });
    readonly #button = make("button", { type: "button" }, mark(), this.#name, this.#word);
    readonly #count = elsewhere("", "");
    readonly #row = make("span", {}, this.#button, this.#count);
    readonly #note = make("p", { role: "status" });
    #counted: number | null | undefined;
    #said: Note = [""];
    #opened: Opened | null = null;

    constructor() {
      super();
      if (sheet === null) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(style);
      }
      const root = this.attachShadow({ mode: "open", delegatesFocus: true });
      root.adoptedStyleSheets = [sheet];
      root.append(make("div", {}, this.#row, this.#note));
      this.#button.addEventListener("click", ({ detail }) => detail < 2 && this.#press());
    }

    get handle(): string {
      return this.getAttribute("handle") ?? "";
    }

    set handle(handle: string) {
      this.setAttribute("handle", handle);
    }

    get following(): boolean {
      return followed.get(this.handle) === true;
    }

    connectedCallback(): void {
      buttons.add(this);
      this.#begin();
    }

    disconnectedCallback(): void {
      buttons.delete(this);
      this.#leave();
    }

    attributeChangedCallback(name: string, before: string | null, now: string | null): void {
      if (!this.isConnected || before === now) return;
      if (name === "handle") this.#leave(); // what the window tells now is about somebody else
      this.#begin();
    }

    #leave(): void {
      this.#opened?.leave();
      this.#opened = null;
      this.#said = [""];
    }

    #begin(anew = false): void {
      const { handle } = this;
      if (!anew) this.#counted = undefined;
      this.#render();
      if (!HANDLE.test(handle) || this.getAttribute("count") === "off") return;
      void counts.of(handle, anew).then((count) => {
        if (anew && count === undefined) return;
        for (const each of anew ? buttons : [this]) if (each.handle === handle) each.#take(count);
      });
    }

    #take(count: number | null | undefined): void {
      this.#counted = count;
      this.#render();
    }

    #say(...note: Note): void {
      this.#said = note;
      this.#render();
    }

    /** Tells the page what came of a press; nothing of who pressed. */
    #tell(handle: string, status: string): void {
      const detail: FollowDetail = { handle, status: status as FollowStatus, following: followed.get(handle) === true };
      this.dispatchEvent(new CustomEvent(NAME, { detail, bubbles: true, composed: true }));
    }

    #press(): void {
      const { handle } = this;
      if (this.#opened?.focus() === true) return;
      const deps = {
        site,
        open: (url: string) => window.open(url, "_blank", WINDOW) as OtherWindow | null,
        listen: (hear: (message: MessageEvent) => void) => {
          window.addEventListener("message", hear);
          return () => window.removeEventListener("message", hear);
        },
        every: (ms: number, look: () => void) => {
          const timer = setInterval(look, ms);
          return () => clearInterval(timer);
        },
      };
      const tab = `Open @${handle} in a tab`;
      this.#opened = openFor(handle, deps, (news) => {
        if (news.kind === "told") {
          const { status, following } = news.told;
          followed.set(handle, following);
          for (const each of buttons) each.#render();
          const done = status === "SUCCESS" || status === "ALREADY_DONE";
          this.#say(done ? `You ${following ? "follow" : "do not follow"} @${handle}.` : `${status}: nothing was changed.`);
          this.#tell(handle, status);
          if (done) this.#begin(true);
          return;
        }
        this.#opened = null;
        if (news.kind === "over") return this.#render();
        if (news.kind === "blocked") this.#say("The window was blocked. Allow windows of this page, or:", tab);
        else if (news.heard) this.#say("The window was closed before it was done.");
        else this.#say("The window was closed, or this page may not hear from it.", tab);
        this.#tell(handle, news.kind === "blocked" ? "BLOCKED" : "CLOSED");
      });
      if (this.#opened !== null) this.#say(`Goes on in the window of ${new URL(site).host}.`);
    }

    #render(): void {
      const { handle, following } = this;
      const [words, link] = this.#noteOf(handle);
      const exists = HANDLE.test(handle) && this.#counted !== null;
      this.#row.hidden = !exists;
      this.#button.setAttribute("aria-pressed", String(following));
      // Pressed or not, its name is what it is for; the word at rest is for eyes alone.
      this.#name.textContent = `Follow @${handle}`;
      this.#word.textContent = following ? `Following @${handle}` : `Follow @${handle}`;
      this.#count.hidden = this.#counted === undefined;
      this.#button.classList.toggle("joined", !this.#count.hidden);
      this.#count.href = `${site}/@${handle}`;
      this.#count.textContent = `${(this.#counted ?? 0).toLocaleString("en")} ${this.#counted === 1 ? "follower" : "followers"}`;
      if (this.#note.dataset["said"] !== words) {
        this.#note.dataset["said"] = words;
        this.#note.replaceChildren(words, ...(link === undefined ? [] : [" ", elsewhere(link, `${site}/@${handle}`)]));
      }
      this.#note.classList.toggle("unseen", following && this.#opened === null && link === undefined);
    }

    #noteOf(handle: string): Note {
      if (!HANDLE.test(handle)) return [`“${handle.slice(0, 40)}” is not a handle.`];
      return this.#counted === null ? [`Nobody has the handle @${handle}.`] : this.#said;
    }
  }
  customElements.define(NAME, Element);
  return Element;
}
