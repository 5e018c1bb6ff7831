// "Break it": one button a status, the answer beside them, the demo signers below, and "Edit and send".

import type { Api } from "../api/api.ts";
import type { Clock, ServerClock } from "../api/server-clock.ts";
import type { Outcome } from "../lesson/lesson.ts";
import { createLesson } from "../lesson/lesson.ts";
import type { DemoSigner } from "../lesson/signers.ts";
import { isStatus } from "../protocol/statuses.ts";
import type { Recorder } from "../state/types.ts";
import { button, copyFrom, el, find, part, setAttribute, setText } from "../ui/dom.ts";
import { answerView, noAnswerView, tone } from "./answer.ts";
import { mountEdit } from "./edit.ts";

interface Deps {
  api: Api;
  clock: Clock;
  serverClock: ServerClock;
  record: Recorder;
  /** Somebody's handle; empty where none is known. */
  handle(): string;
  /** Where copied code sends a request to the gateway, if not where the site did. */
  graphqlUrl: string | undefined;
  permalink(trace: string): HTMLButtonElement;
}

const ABSENT = "Not here: this gateway has no such demo signer.";
const NO_HANDLE = { title: "No profile", sentence: "The lesson needs a handle that somebody has. Look one up above, then try again." };

export function openLab(root: HTMLElement, deps: Deps): { show(status: string): void } {
  const lesson = createLesson(deps);
  const region = part(root, "answer");
  const rows = [...root.querySelectorAll<HTMLElement>("[data-row]")];
  let busy = false;

  const rowOf = (status: string): HTMLElement | undefined => rows.find((row) => row.dataset["row"] === status);

  /** One after the other: a second press while one is on its way is the same press. */
  async function told(work: () => Promise<Outcome>): Promise<Outcome | null> {
    if (busy) return null;
    busy = true;
    part(root, "nothing").hidden = true;
    setAttribute(region, "aria-busy", "true");
    try {
      const outcome = await work();
      const view = "answer" in outcome ? answerView(outcome.answer, deps.graphqlUrl, deps.permalink(outcome.answer.trace)) : noAnswerView(outcome.title, outcome.sentence);
      region.replaceChildren(view);
      region.scrollIntoView({ block: "nearest" });
      return outcome;
    } finally {
      busy = false;
      setAttribute(region, "aria-busy", "false");
    }
  }

  const mark = (status: string | null): void => {
    for (const row of rows) {
      row.toggleAttribute("data-shown", row.dataset["row"] === status);
      row.dataset["tone"] = tone(row.dataset["row"] ?? "");
    }
  };

  const edit = mountEdit(find(root, ".sent-by-hand", HTMLElement), {
    lesson,
    now: deps.serverClock.now,
    handle: deps.handle,
    send(request) {
      mark(null);
      return told(() => lesson.send(request));
    },
  });

  async function show(status: string): Promise<void> {
    if (!isStatus(status)) return;
    const handle = deps.handle();
    mark(status);
    const outcome = await told(() => (handle === "" ? Promise.resolve(NO_HANDLE) : lesson.earn(status, handle)));
    if (outcome !== null && "answer" in outcome) edit.take(outcome.answer.request);
  }

  function present(signer: DemoSigner): void {
    const { handle, address, earns } = signer;
    const row = find(root, `[data-signer="${handle}"]`, HTMLElement);
    const show = find(root, `[data-status="${earns}"]`, HTMLButtonElement);
    const how = part(rowOf(earns) ?? root, "how");
    if (address === null) {
      setText(how, ABSENT);
      how.id = `absent-${handle}`;
      setAttribute(show, "aria-disabled", "true");
      setAttribute(show, "aria-describedby", how.id);
      return setText(part(row, "address"), ABSENT);
    }
    part(row, "address").replaceChildren(el("code", {}, address));
    const { deviceSecret, signingKey } = signer;
    const copy = button("Copy", "btn small", () => void copyFrom(copy, JSON.stringify({ handle, address, deviceSecret, signingKey, earns }, null, 2)));
    setAttribute(copy, "aria-label", `Copy ${handle}`);
    row.append(copy);
  }

  // Whoever presses one of theirs before this is answered is told by the answer.
  lesson.signers().then((all) => all.forEach(present), () => undefined);
  return { show: (status) => void show(status) };
}
