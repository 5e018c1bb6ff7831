// Runs one program in a worker: there is no document, and whoever started the worker can end it, whatever the program does.

import { located } from "./imports.ts";
import type { Line } from "./lines.ts";
import { written } from "./written.ts";

/** What the worker is sent first. */
export interface Order {
  code: string;
  /** The address below which packages are. */
  base: string;
}

type Tell = (line: Line) => void;

function overhearConsole(tell: Tell): void {
  const say = (level: "log" | "warn" | "error") => (...values: unknown[]) => tell({ kind: "said", level, text: values.map(written).join(" ") });
  Object.assign(console, { log: say("log"), info: say("log"), debug: say("log"), warn: say("warn"), error: say("error") });
}

function overhearFetch(tell: Tell): void {
  const ask = globalThis.fetch;
  let count = 0;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const id = ++count;
    tell({ kind: "sent", id, method: request.method, url: request.url, body: await request.clone().text() });
    const began = performance.now();
    try {
      const reply = await ask(request);
      tell({ kind: "answered", id, status: reply.status, body: await reply.clone().text(), durationMs: performance.now() - began });
      return reply;
    } catch (error) {
      tell({ kind: "unanswered", id, reason: written(error) });
      throw error;
    }
  };
}

/** Hears every error that nobody caught: thrown, rejected, or of the program's syntax. `url`: the program's. */
function overhearErrors(url: string, tell: Tell): void {
  addEventListener("error", (event) => {
    event.preventDefault(); // or the frame would take it for its worker's failing to start
    const inStack = event.error instanceof Error ? (event.error.stack ?? "").split(`${url}:`)[1] : undefined;
    const line = event.filename === url ? event.lineno : Number.parseInt(inStack ?? "0", 10);
    tell({ kind: "failed", text: event.error === null ? event.message : written(event.error), line: line > 0 ? line : null });
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    reportError(event.reason);
  });
}

/** Carries an order out; what happens is told on `port`, which the program has no way to. */
export async function run({ code, base }: Order, port: MessagePort): Promise<void> {
  const tell: Tell = port.postMessage.bind(port);
  // As `data:`, since in WebKit nothing of an opaque origin is loaded from a `blob:`.
  const url = `data:text/javascript,${encodeURIComponent(located(code, base))}`;
  overhearConsole(tell);
  overhearFetch(tell);
  overhearErrors(url, tell);
  addEventListener("securitypolicyviolation", (event) => {
    const { effectiveDirective, blockedURI } = event as SecurityPolicyViolationEvent;
    tell({ kind: "forbidden", directive: effectiveDirective, url: blockedURI });
  });
  const began = performance.now();
  try {
    await import(url);
  } catch (error) {
    reportError(error); // an event knows the line of a fault of syntax, which the error itself does not tell
  }
  tell({ kind: "ended", durationMs: performance.now() - began });
}
