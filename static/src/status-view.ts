// What came of it: the element with role="status". Status name, sentence, next step, and the seal of a SUCCESS.

import { button, el } from "./dom.ts";
import { duration, exactTime } from "./format.ts";
import { sealOf } from "./seal.ts";
import type { Result } from "./account.ts";
import type { NextStep } from "./status.ts";

type Act = (next: NextStep) => void;
type StatusResult = Extract<Result, { kind: "status" }>;
type ProblemResult = Extract<Result, { kind: "problem" }>;

function nextButton(next: NextStep | null, act: Act): HTMLButtonElement | null {
  return next === null ? null : button(next.label, "btn small", () => act(next));
}

/** Refusals are red, SUCCESS is green; ALREADY_DONE refuses nothing that anyone wanted. */
function tone(status: string): string {
  if (status === "SUCCESS") return "success";
  return status === "ALREADY_DONE" ? "" : "refused";
}

function small(result: StatusResult): string {
  const took = duration(result.durationMs);
  if (result.status === "SUCCESS") return result.op === "register" ? `Checked and kept by the gateway in ${took}.` : `Signed, checked and on disk after ${took}.`;
  return result.tsInServer === null ? `Answered after ${took}.` : `Answered after ${took}; the gateway's clock read ${exactTime(result.tsInServer)}.`;
}

async function statusView(result: StatusResult, act: Act): Promise<HTMLElement> {
  const seal = result.status === "SUCCESS" && result.digest !== null ? await sealOf(result.digest) : null;
  return el(
    "div",
    { class: `outcome ${tone(result.status)} ${seal === null ? "unsealed" : ""}`.trim() },
    seal,
    el("div", {}, el("span", { class: "stamp" }, result.status), el("p", {}, result.sentence), el("small", {}, small(result))),
    nextButton(result.next, act),
  );
}

function problemView(result: ProblemResult, act: Act): HTMLElement {
  return el(
    "div",
    { class: "outcome refused unsealed" },
    el(
      "div",
      {},
      el("b", {}, result.title),
      el("p", {}, result.sentence),
      result.requestId === null ? null : el("small", {}, "Request id ", el("code", {}, result.requestId)),
    ),
    nextButton(result.next, act),
  );
}

/** Fills the template's live region. Returns a function that shows a result once; the same result again is no news. */
export function mountStatusView(region: HTMLElement, act: Act): (result: Result | null) => void {
  let shown: Result | null = null;
  return (result) => {
    if (result === shown) return;
    shown = result;
    if (result === null) return region.replaceChildren();
    if (result.kind === "problem") return region.replaceChildren(problemView(result, act));
    if (result.kind !== "status") {
      const line = el("div", { class: "hushed" }, el("p", {}, result.sentence));
      const next = nextButton(result.next, act);
      if (next !== null) line.append(next);
      return region.replaceChildren(line);
    }
    void statusView(result, act).then((view) => {
      if (shown === result) region.replaceChildren(view);
    });
  };
}
