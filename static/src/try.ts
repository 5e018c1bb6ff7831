// The entry of /docs/try: a program to change, beside what comes of it.

import "../css/try.css";

import type { Line } from "./program/lines.ts";
import { duration } from "./text/format.ts";
import { mountEditor } from "./trying/editor.ts";
import { mountOutput } from "./trying/output.ts";
import { MOST_LINES, start } from "./trying/run.ts";
import { awake } from "./ui/awake.ts";
import { el, find, setText } from "./ui/dom.ts";
import { mountTheme } from "./ui/theme.ts";

/** How long a program that has come to its end may still speak: of what it did not wait for. */
const AFTERWARDS_MS = 5_000;

const field = find(document, "#code", HTMLTextAreaElement);
const run = find(document, "#run", HTMLButtonElement);
const stop = find(document, "#stop", HTMLButtonElement);
const state = find(document, "#state", HTMLElement);
const list = find(document, "#lines", HTMLElement);
const original = field.defaultValue;
const { name = "program" } = field.dataset;
const keptAs = `countersign.try.${name}`;

/** What was changed survives a reload of its tab. Where nothing can be kept, it does not. */
function kept(change?: string | null): string | null {
  try {
    if (change === null) sessionStorage.removeItem(keptAs);
    else if (change !== undefined) sessionStorage.setItem(keptAs, change);
    return sessionStorage.getItem(keptAs);
  } catch {
    return null;
  }
}

field.value = kept() ?? original;
const editor = mountEditor(field, find(document, "#copy", HTMLElement));
const output = mountOutput(list, (line) => editor.goTo(line));
/** Takes the frame away with whatever still runs in it. */
let end = (): void => {};
let running = false;
let failed = false;

/** One of "Run" and "Stop" is there, and the focus goes from one to the other. */
function become(isRunning: boolean, words: string): void {
  running = isRunning;
  setText(state, words);
  list.setAttribute("aria-busy", String(isRunning));
  const [gone, there] = isRunning ? [run, stop] : [stop, run];
  const hadFocus = document.activeElement === gone;
  there.hidden = false;
  gone.hidden = true;
  if (hadFocus) there.focus();
}

function finish(words: string): void {
  end();
  become(false, words);
}

function begin(): void {
  end();
  output.clear();
  editor.mark(null);
  failed = false;
  become(true, "Running…");
  const ended = start(document.body, field.value, {
    line: hear,
    tooMuch: () => finish(`Stopped after ${MOST_LINES} lines.`),
    broken: () => finish("The browser did not let it begin."),
  });
  end = ended;

  function hear(line: Line): void {
    output.line(line);
    if (line.kind === "failed" && !failed) {
      failed = true;
      editor.mark(line.line);
    }
    if (line.kind !== "ended" || !running) return;
    become(false, `${failed ? "Failed" : "Finished"} after ${duration(line.durationMs)}.`);
    setTimeout(ended, AFTERWARDS_MS);
  }
}

function save(): void {
  const url = URL.createObjectURL(new Blob([field.value], { type: "text/javascript" }));
  el("a", { href: url, download: `countersign-${name}.mjs` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

run.addEventListener("click", begin);
stop.addEventListener("click", () => finish("Stopped."));
find(document, "#save", HTMLButtonElement).addEventListener("click", save);
find(document, "#reset", HTMLButtonElement).addEventListener("click", () => {
  finish("");
  kept(null);
  field.value = original;
  output.clear();
  editor.mark(null);
});
field.addEventListener("input", () => kept(field.value === original ? null : field.value));
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || run.disabled) return;
  event.preventDefault();
  begin();
});
mountTheme(find(document, "#theme", HTMLButtonElement));
awake(document);
