// A step, opened: each block of bytes as it was, who made it, and for JSON an indented reading beside the exact bytes.

import type { Attempt } from "../api/types.ts";
import { indented } from "../record/json-tokens.ts";
import { tint } from "../record/tint.ts";
import type { Part, Step } from "../state/types.ts";
import { duration } from "../text/format.ts";
import { button, copyFrom, el, setAttribute, setText } from "../ui/dom.ts";

/** More of a text than this is for files, not for a page. */
const SHOWN = 20_000;
/** Characters that hide, or turn the direction of reading: each stands in a box that says which it is. */
const ODD = /((?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])/u;

function run(text: string, ink: string | null): (Node | string)[] {
  const pieces = text.split(ODD).map((piece, i) => {
    if (i % 2 === 0) return piece;
    return el("span", { class: "odd", "data-code": `U+${(piece.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}` }, piece);
  });
  return ink === null ? pieces : [el("span", { class: `ink-${ink}` }, ...pieces)];
}

function inked(text: string, part: Part): (Node | string)[] {
  const { mark } = part;
  // Offsets are those of the exact text.
  if (mark === undefined || text !== part.text) return tint(text, part).flatMap(([piece, ink]) => run(piece, ink));
  let at = 0;
  return tint(text, part).flatMap(([piece, ink]) => {
    const [from, to] = [mark.from, mark.to].map((end) => Math.min(Math.max(end - at, 0), piece.length)) as [number, number];
    at += piece.length;
    const within = from < to ? [el("mark", { title: mark.note }, ...run(piece.slice(from, to), null))] : [];
    return [...run(piece.slice(0, from), ink), ...within, ...run(piece.slice(to), ink)];
  });
}

/** As much of a text as the page shows, never half a character. */
function shownOf(text: string): string {
  return text.length <= SHOWN ? text : text.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, "");
}

function block(part: Part, named: boolean, signed: boolean): HTMLElement {
  const shown = shownOf(part.text);
  const reading = part.kind === "json" && shown === part.text ? indented(part.text) : null;
  const pre = el("pre", { tabindex: 0, role: "group", "aria-label": part.label }, ...inked(shown, part));
  /** Says which of the two stands there; only the exact bytes are ever signed or copied. */
  const formOf = (indent: boolean): string => (indent ? `indented to read${signed ? ", signed are the exact bytes" : ""}` : signed ? "exact bytes, as signed" : "");
  const form = el("span", {}, formOf(false));
  const copy = button("Copy", "btn small", () => void copyFrom(copy, part.text));
  const turn = button("Indent", "btn small", () => {
    const indent = turn.getAttribute("aria-pressed") !== "true";
    setAttribute(turn, "aria-pressed", String(indent));
    pre.replaceChildren(...inked(indent ? (reading ?? shown) : shown, part));
    setText(form, formOf(indent));
  });
  setAttribute(turn, "aria-pressed", "false");
  return el(
    "figure",
    { class: "part" },
    el(
      "figcaption",
      {},
      named && part.by !== undefined && el("span", { class: `by ${part.by}` }, part.by),
      el("span", {}, part.note === undefined ? part.label : `${part.label} · ${part.note}`),
      part.mark !== undefined && el("span", { class: "fault" }, part.mark.note),
      form,
      el("span", { class: "tools" }, reading !== null && turn, copy),
    ),
    pre,
    shown !== part.text && el("p", { class: "quiet" }, `Shown in part: ${shown.length.toLocaleString("en")} of ${part.text.length.toLocaleString("en")} characters. Copy has them all.`),
  );
}

function lines(first: string, headers: Readonly<Record<string, string>>): string {
  return [first, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\n");
}

/** The request and the reply, but for what the step's own parts show already. `by`: who answered. */
function exchangeParts({ request, response, durationMs }: Attempt, by: "site" | "gateway"): Part[] {
  const parts: Part[] = [
    { label: "Request", text: lines(`${request.method} ${request.url}`, request.headers), kind: "text", by: "site" },
    { label: "Request body", text: request.body, kind: "json", by: "site" },
  ];
  if (response === null) return parts;
  return [
    ...parts,
    { label: "Reply", text: lines(`HTTP ${response.status}`, response.headers), kind: "text", by, note: duration(durationMs) },
    { label: "Reply body", text: response.body, kind: "json", by },
  ];
}

/** A step's blocks; each with its actor, unless all are of the one that the row names. */
export function blocksOf({ actor, kind, parts, exchange }: Step): HTMLElement[] {
  const wire = exchange === undefined ? [] : exchangeParts(exchange, kind === "failure" ? "site" : "gateway");
  const all = [...parts, ...wire.filter(({ text }) => text !== "" && parts.every((part) => part.text !== text))];
  const named = all.some(({ by }) => by !== actor);
  const signs = kind === "wallet-signature" || kind === "device-signature";
  const made = all.map((part) => block(part, named, signs && (part.kind === "text" || part.kind === "json")));
  return exchange?.response === null ? [...made, el("p", { class: "quiet" }, "No reply came.")] : made;
}
