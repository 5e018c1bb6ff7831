// The strip beside the act: one row a step, newest first; a row opens to the exact bytes, who signed them, the request
// and the reply, and how long it took.

import { asCurl, asJavaScript, asPython } from "./copy-as.ts";
import { button, copyFrom, el, part, setAttribute, setText } from "./dom.ts";
import { duration, exactTime, relativeTime, timeOfDay } from "./format.ts";
import { fromFragment, shareable, toFragment } from "./permalink.ts";
import { tinted } from "./tint.ts";
import type { Exchange, Part, Recorder, Step } from "./types.ts";

export interface Inspector extends Recorder {
  /** Shows the exchange of a link's fragment, read-only; says so where it is damaged. */
  reopen(fragment: string): Promise<void>;
}

const KEPT = 200;

function block(shown: Part, signed: boolean): HTMLElement {
  return el(
    "figure",
    { class: "part" },
    el(
      "figcaption",
      {},
      signed && shown.by !== undefined && el("span", { class: `by ${shown.by}` }, shown.by),
      shown.note === undefined ? shown.label : `${shown.label} · ${shown.note}`,
    ),
    el("pre", { tabindex: 0, role: "group", "aria-label": shown.label }, ...tinted(shown.text, shown.kind)),
  );
}

function lines(first: string, headers: Readonly<Record<string, string>>): string {
  return [first, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\n");
}

/** The request and the reply, but for what the step's own parts show already. */
function exchangeParts({ request, response, durationMs }: Exchange, shown: readonly Part[]): Part[] {
  const parts: Part[] = [
    { label: "Request", text: lines(`${request.method} ${request.url}`, request.headers), kind: "text", by: "site" },
    { label: "Request body", text: request.body, kind: "json", by: "site" },
    { label: "Reply", text: lines(`HTTP ${response.status}`, response.headers), kind: "text", by: "gateway", note: duration(durationMs) },
    { label: "Reply body", text: response.body, kind: "json", by: "gateway" },
  ];
  return parts.filter(({ text }) => shown.every((part) => part.text !== text));
}

/** A step's bytes; each with its actor, unless all are of the one that the row names. */
function blocks({ actor, parts, exchange }: Step): HTMLElement[] {
  const all = exchange === undefined ? parts : [...parts, ...exchangeParts(exchange, parts)];
  const mixed = all.some(({ by }) => by !== actor);
  return all.map((shown) => block(shown, mixed));
}

/** A title whose status names are set like what they are: bytes on the wire. */
function titled(title: string): (Node | string)[] {
  return title.split(/(\b[A-Z][A-Z_]{4,}\b)/).map((piece, i) => (i % 2 === 1 ? el("code", {}, piece) : piece));
}

/** What this leg took by itself: the site's leg without the gateway's, which has a row of its own. */
function legMs({ kind, durationMs, exchange }: Step): number | null {
  if (durationMs === null || kind !== "proxied-mutation" || exchange === undefined) return durationMs;
  return Math.max(0, durationMs - exchange.durationMs);
}

function save(steps: readonly Step[]): void {
  const json = `${JSON.stringify({ version: 1, steps: shareable(steps) }, null, 2)}\n`;
  const url = URL.createObjectURL(new Blob([json], { type: "application/json" }));
  el("a", { href: url, download: `countersign-exchange-${steps[0]?.trace ?? ""}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

/** Takes over the template's strip. `graphqlUrl` is where copied code sends its request, if not where the site did; `now` is in milliseconds. */
export function mountInspector(root: HTMLElement, deps: { graphqlUrl: string | undefined; now: () => number }): Inspector {
  const list = part(root, "legs");
  const empty = part(root, "empty");
  const sum = part(root, "sum");
  const linked = part(root, "linked");
  const foot = part(root, "foot");
  const steps: Step[] = [];
  const rows = new Map<string, HTMLLIElement>();
  /** The row of the text that the wallet is asked about: open while it is asked, folded by what comes next. */
  let asked: HTMLLIElement | null = null;

  const traceOf = (step: Step): Step[] => steps.filter(({ trace }) => trace === step.trace).reverse();

  const tools = (step: Step): HTMLElement => {
    const trace = traceOf(step);
    const exchange = step.exchange ?? trace.find((other) => other.exchange !== undefined)?.exchange;
    const bar = el("div", { class: "tools" });
    const copy = (words: string, make: () => string): void => {
      const made = button(words, "btn small", () => void copyFrom(made, make()));
      bar.append(made);
    };
    if (exchange !== undefined) {
      copy("Copy as curl", () => asCurl(exchange, deps.graphqlUrl));
      copy("Copy as Python", () => asPython(exchange, deps.graphqlUrl));
      copy("Copy as JavaScript", () => asJavaScript(exchange, deps.graphqlUrl));
      const link = button("Permalink", "btn small", () => {
        void toFragment(traceOf(step)).then((fragment) => {
          if (fragment === null) return setText(link, "Too long for a link");
          history.replaceState(null, "", fragment);
          return copyFrom(link, location.href);
        });
      });
      bar.append(link);
    }
    bar.append(button("Download", "btn small", () => save(traceOf(step))));
    return bar;
  };

  const details = (step: Step, took: number | null): HTMLElement[] => [
    ...blocks(step),
    el(
      "p",
      { class: "quiet" },
      took === null ? "" : `Took ${duration(took)}. `,
      el("time", { datetime: new Date(step.at).toISOString(), title: exactTime(step.at) }, `${timeOfDay(step.at)}, ${relativeTime(step.at, deps.now())}`),
    ),
    tools(step),
  ];

  /** While no row is open, the newest exchange has its tools at the strip's foot; an open row brings its own. */
  const renewFoot = (): void => {
    const newest = steps.find(({ exchange }) => exchange !== undefined);
    foot.hidden = newest === undefined || list.querySelector("[aria-expanded=true]") !== null;
    foot.replaceChildren(...(newest === undefined || foot.hidden ? [] : [el("p", { class: "quiet" }, "The newest exchange"), tools(newest)]));
  };

  const row = (step: Step, fresh: boolean): HTMLLIElement => {
    const took = legMs(step);
    const body = el("div", { class: "open", id: `step-${step.id}`, hidden: true });
    const head = el(
      "button",
      { type: "button", class: "head", "aria-expanded": "false", "aria-controls": body.id },
      el("span", { class: `by ${step.actor}` }, step.actor),
      el("span", { class: "title" }, ...titled(step.title)),
      el("span", { class: "took" }, took === null ? timeOfDay(step.at) : duration(took)),
    );
    head.addEventListener("click", () => {
      const opening = body.hidden;
      body.replaceChildren(...(opening ? details(step, took) : []));
      body.hidden = !opening;
      setAttribute(head, "aria-expanded", String(opening));
      renewFoot();
    });
    return el("li", { class: fresh ? "leg fresh" : "leg", "data-kind": step.kind, "data-trace": step.trace }, el("h3", {}, head), body);
  };

  const summarise = (): void => {
    renewFoot();
    const newest = steps[0];
    if (newest === undefined) return;
    const trace = traceOf(newest);
    // Without the time that a wallet's owner takes to read.
    const took = trace.reduce((total, step) => total + (step.kind === "wallet-signature" ? 0 : (legMs(step) ?? 0)), 0);
    setText(sum, `${trace.length} ${trace.length === 1 ? "step" : "steps"}, ${duration(took)}`);
  };

  const record = (step: Step): void => {
    const old = rows.get(step.id);
    if (old !== undefined) {
      const open = old.querySelector("[aria-expanded=true]") !== null;
      const next = row(step, false);
      steps[steps.findIndex(({ id }) => id === step.id)] = step;
      rows.set(step.id, next);
      old.replaceWith(next);
      if (open) next.querySelector("button")?.click();
      return summarise();
    }
    empty.hidden = true;
    list.hidden = false;
    steps.unshift(step);
    const made = row(step, true);
    rows.set(step.id, made);
    list.prepend(made);
    asked?.querySelector<HTMLElement>("[aria-expanded=true]")?.click();
    asked = step.kind === "challenge" ? made : null;
    asked?.querySelector("button")?.click();
    for (const gone of steps.splice(KEPT)) {
      rows.get(gone.id)?.remove();
      rows.delete(gone.id);
    }
    summarise();
  };

  const notice = (words: string): void => {
    const forget = button("Close it", "btn small", () => {
      history.replaceState(null, "", location.pathname);
      location.reload();
    });
    linked.replaceChildren(el("p", {}, words), forget);
    linked.hidden = false;
  };

  return {
    step: record,
    ended: () => {},
    async reopen(fragment) {
      try {
        const found = await fromFragment(fragment);
        if (found === null) return;
        notice("This exchange came with the link. It is shown as the link tells it; nothing was sent or checked here.");
        for (const step of found) record({ ...step, id: `linked-${step.id}`, trace: `linked-${step.trace}` });
      } catch {
        notice("The link's exchange is damaged, so there is nothing to show.");
      }
    },
  };
}
