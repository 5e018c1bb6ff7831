// The region "Output": every request with its status, what the program said, and where it failed, in the order in which it happened.

import type { Line } from "../program/lines.ts";
import { verdictOf } from "../program/verdict.ts";
import { indented } from "../record/json-tokens.ts";
import { tint } from "../record/tint.ts";
import { duration } from "../text/format.ts";
import { button, el } from "../ui/dom.ts";

type Sent = Extract<Line, { kind: "sent" }>;
type Answered = Extract<Line, { kind: "answered" }>;

/** `by`: who wrote it, in whose ink what is theirs alone stands. */
function block(label: string, text: string, by: "device" | "gateway"): HTMLElement {
  const runs = tint(indented(text) ?? text, { kind: "json", by }).map(([piece, ink]) => (ink === null ? piece : el("span", { class: `ink-${ink}` }, piece)));
  return el("figure", { class: "part" }, el("figcaption", {}, label), el("pre", { tabindex: 0, role: "group", "aria-label": label }, ...runs));
}

function requestView({ method, url, body }: Sent): HTMLElement {
  const stamp = el("span", { class: "stamp", "data-part": "stamp" }, "sent");
  const summary = el("summary", {}, el("code", { class: "field-name" }, method), stamp, el("span", { class: "took" }));
  return el("li", { class: "request" }, el("details", {}, summary, block(`Request · ${method} ${url}`, body, "device")));
}

function settle(row: HTMLElement, word: string, tone: string, field: string | null, took: string, ...more: Node[]): void {
  row.dataset["tone"] = tone;
  const [name, stamp, time] = row.querySelectorAll("summary > *");
  if (field !== null && name !== undefined) name.textContent = field;
  if (stamp !== undefined) stamp.textContent = word;
  if (time !== undefined) time.textContent = took;
  row.querySelector("details")?.append(...more);
}

function answer(row: HTMLElement, { status, body, durationMs }: Answered): void {
  const { word, tone, field } = verdictOf(status, body);
  settle(row, word, tone, field, duration(durationMs), block(`Reply · HTTP ${status}`, body, "gateway"));
}

interface Output {
  clear(): void;
  line(line: Line): void;
}

/** `goTo`: leads to a line of the program. */
export function mountOutput(list: HTMLElement, goTo: (line: number) => void): Output {
  let rows = new Map<number, HTMLElement>();
  const add = (row: HTMLElement): HTMLElement => {
    list.append(row);
    return row;
  };
  return {
    clear() {
      rows = new Map();
      list.replaceChildren();
    },
    line(line) {
      switch (line.kind) {
        case "sent":
          rows.set(line.id, add(requestView(line)));
          break;
        case "answered": {
          const row = rows.get(line.id);
          if (row !== undefined) answer(row, line);
          break;
        }
        case "unanswered": {
          const row = rows.get(line.id);
          if (row !== undefined) settle(row, "no answer", "refused", null, "", el("p", { class: "fault" }, line.reason));
          break;
        }
        case "said":
          add(el("li", { class: `said ${line.level}` }, el("pre", {}, line.text)));
          break;
        case "forbidden":
          add(el("li", { class: "said error" }, el("p", {}, `The policy of this frame forbids it (${line.directive}): `, el("code", {}, line.url || "inline"))));
          break;
        case "failed":
          add(el("li", { class: "said error" }, el("pre", {}, line.text), line.line !== null && button(`Line ${line.line}`, "btn small", () => goTo(line.line ?? 1))));
          break;
        case "ended":
          break;
      }
    },
  };
}
