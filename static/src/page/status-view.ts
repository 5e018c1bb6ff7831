// What came of it: the element with role="status". Status name, sentence, next step, and the seal of a SUCCESS.

import type { NextStep, Result, State } from "../state/types.ts";
import { duration, timeOfDay } from "../text/format.ts";
import { button, el, setAttribute } from "../ui/dom.ts";
import { sealOf } from "../ui/seal.ts";
import { waitingLine } from "./waiting-line.ts";

type Act = (next: NextStep) => void;
type Shown = Pick<State, "result" | "act" | "busy" | "waiting" | "address">;
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

function timing({ status, op, tsInServer, durationMs }: StatusResult, embedded: boolean): string | null {
  if (durationMs === null) return null;
  const took = duration(durationMs);
  if (status === "SUCCESS") return op === "register" ? `Checked and kept by the gateway in ${took}.` : `Signed, checked and ${embedded ? "on disk" : "accepted"} after ${took}.`;
  return tsInServer === null ? `Answered after ${took}.` : `Answered after ${took}, at ${timeOfDay(tsInServer)} by the gateway's clock.`;
}

/** The seal leads to the proof of what was done. */
async function sealLink({ digest, status, handle }: StatusResult, address: string | null): Promise<Element | null> {
  if (status !== "SUCCESS" || digest === null) return null;
  const seal = await sealOf(digest);
  if (address === null || handle === null) return seal;
  const href = `/proofs/newest?${new URLSearchParams({ address, handle }).toString()}`;
  return el("a", { class: "seal-link", href, "aria-label": "Proof" }, seal);
}

async function statusView(result: StatusResult, { act: name, address }: Shown, act: Act, embedded: boolean): Promise<HTMLElement> {
  const about = [name, timing(result, embedded)].filter((words) => words !== null).join(" · ");
  const seal = await sealLink(result, address);
  return el(
    "div",
    { class: `outcome ${tone(result.status)} ${seal === null ? "unsealed" : ""}` },
    seal,
    el("div", {}, el("span", { class: "stamp" }, result.status), el("p", {}, result.sentence), about !== "" && el("small", {}, about)),
    nextButton(result.next, act),
  );
}

function problemView(result: ProblemResult, name: string | null, act: Act): HTMLElement {
  const id = result.requestId === null ? null : el("small", {}, "Request id ", el("code", {}, result.requestId));
  return el(
    "div",
    { class: "outcome refused unsealed" },
    el("div", {}, el("b", {}, result.title), el("p", {}, result.sentence), name !== null && el("small", {}, name), id),
    nextButton(result.next, act),
  );
}

/** `act` is what it is of, so that it is told from one about another handle. */
async function viewOf(result: Result, shown: Shown, act: Act, embedded: boolean): Promise<HTMLElement> {
  if (result.kind === "status") return statusView(result, shown, act, embedded);
  const name = shown.act;
  if (result.kind === "problem") return problemView(result, name, act);
  const about = result.kind === "cancelled" && name !== null ? ` · ${name}` : "";
  return el("div", { class: "hushed" }, el("p", {}, result.sentence, about), nextButton(result.next, act));
}

/**
 * Fills the template's live region. Returns a function that shows a result once: the same one again is no news. While
 * something is on its way the last result stays, its colour gone, so that the page does not jump; a long wait is named.
 */
export function mountStatusView(region: HTMLElement, act: Act, cancel: () => void, embedded: boolean): (state: Shown) => void {
  let shown: Result | null = null;
  let wanted: Result | null = null;
  let named: HTMLElement | null = null;
  const wait = waitingLine(cancel, (line) => {
    named = line;
    setAttribute(region, "aria-busy", "false");
    // What stands there while the page only reads something again is still so.
    if (wanted === null) {
      shown = null;
      for (const child of [...region.children]) if (child !== line) child.remove();
    }
    if (line.parentElement !== region) region.append(line); // moved, it would lose the focus
  });

  return (state) => {
    const { result, busy, waiting } = state;
    wanted = result;
    if (busy !== null && result === null) {
      setAttribute(region, "aria-busy", String(shown !== null));
    } else {
      setAttribute(region, "aria-busy", "false");
      const stays = [...region.children].filter((child) => child !== named);
      if (result === shown && stays.length < region.childElementCount) region.replaceChildren(...stays);
      if (result !== shown) {
        shown = result;
        if (result === null) region.replaceChildren();
        else void viewOf(result, state, act, embedded).then((view) => {
          if (shown !== result) return;
          region.replaceChildren(view);
          // Whoever signs out looks at the page's head, and what is offered is of use only if it is seen.
          if (result.next?.action === "revoke-key") region.scrollIntoView({ block: "nearest" });
        });
      }
    }
    wait(waiting, busy !== null);
  };
}
