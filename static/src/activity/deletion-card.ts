// The card by which somebody deletes what can be deleted, step by step, and what is said when all is done.

import type { Memory } from "../browser/memory.ts";
import { sameAddress } from "../protocol/address.ts";
import type { State } from "../state/types.ts";
import { el, find, icon, part, setAttribute, setText } from "../ui/dom.ts";
import type { DeletionDeps, Step } from "./deletion.ts";
import { goingWords, readDeletable, stepsOf } from "./deletion.ts";

interface CardDeps extends DeletionDeps {
  memory: Memory;
  askFirst(ask: { title: string; words: string; yes: string }): Promise<boolean>;
}

interface DeletionCard {
  render(state: State): void;
  /** Goes on where it stopped; false where nothing did. */
  goOn(): boolean;
}

const VERDICTS = { holds: "done", fails: "not done", now: "under way", later: "not begun" } as const;

/** A line for each step, with what came of it. */
function stepList(list: HTMLElement, steps: readonly Step[]): (at: number, state: keyof typeof VERDICTS, said?: string) => void {
  const rows = steps.map(({ title }) => {
    const [words, verdict] = [el("small"), el("span", { class: "unseen" }, VERDICTS.later)];
    const tick = el("span", { class: "tick", "aria-hidden": true }, icon("tick"), icon("close"));
    return { words, verdict, row: el("li", {}, tick, el("span", { class: "what" }, el("b", {}, title), words, verdict)) };
  });
  list.replaceChildren(...rows.map(({ row }) => row));
  list.hidden = false;
  return (at, state, said = "") => {
    const shown = rows[at];
    if (shown === undefined) return;
    shown.row.dataset["state"] = state;
    setText(shown.words, said);
    setText(shown.verdict, VERDICTS[state]);
  };
}

/** Makes "Delete" of the template work. */
export function mountDeletion(root: Document, deps: CardDeps): DeletionCard {
  const { account, address: mine, memory } = deps;
  const card = find(root, "#deletion", HTMLElement);
  const farewell = find(root, "#farewell", HTMLElement);
  const go = part(card, "delete", HTMLButtonElement);
  const release = part(card, "release", HTMLInputElement);
  const list = part(card, "steps");
  const told = part(card, "told");
  /** That it was begun, for as long as it has not come to its end, and whether handles go too. */
  const begun = `countersign.deletion.${mine.toLowerCase()}`;
  let state: "resting" | "asking" | "running" | "stopping" | "halted" = "resting";

  function show(next: typeof state): void {
    state = next;
    setText(go, next === "running" || next === "stopping" ? "Stop" : memory.get(begun) === null ? "Delete" : "Go on");
    release.disabled = next !== "resting" && next !== "halted";
    render(account.state());
  }
  const isMine = (): boolean => account.state().signedIn && sameAddress(account.state().address, mine);

  /** Runs the steps until one is not done; true where all are. */
  async function runAll(steps: readonly Step[], tell: ReturnType<typeof stepList>): Promise<boolean> {
    for (const [at, { title, run }] of steps.entries()) {
      if (state === "stopping" || !isMine()) return false;
      tell(at, "now");
      let said: string | null = null;
      await account.attempt(title, async () => void (said = await run()));
      tell(at, said === null ? "fails" : "holds", said ?? "Not done. What is below says why.");
      if (said === null) return false;
    }
    return isMine();
  }

  async function leave(kept: readonly string[]): Promise<void> {
    part(farewell, "steps").replaceWith(list);
    setText(part(farewell, "kept"), kept.length === 0 ? "" : `${kept.join(", ")}: still yours, and empty.`);
    await account.signOut();
    // What this browser remembers of the account; the sandbox wallet's own keys are a wallet's, and stay.
    for (const name of memory.names("countersign.")) if (name.endsWith(mine.toLowerCase())) memory.set(name, null);
    farewell.hidden = false;
    find(farewell, "h2", HTMLElement).focus();
  }

  async function run(ask: boolean): Promise<void> {
    show("asking");
    const found = await readDeletable(deps);
    const wanted = release.checked;
    const words = `These go, one after the other: ${goingWords(found, wanted, deps)}. What you signed stays public. None of it can be taken back.`;
    if (ask && !(await deps.askFirst({ title: "Delete all of it?", words, yes: "Delete" }))) return show("resting");
    memory.set(begun, wanted ? "release" : "keep");
    show("running");
    setText(told, "");
    const steps = stepsOf(found, wanted, deps);
    const tell = stepList(list, steps);
    if (await runAll(steps, tell)) return leave(wanted ? [] : (found.handles ?? []).map(({ handle }) => `@${handle}`));
    if (!isMine()) return; // the page leaves the screen (page/owner.ts)
    setText(told, `${state === "stopping" ? "Stopped." : "It has come to a stop."} What is done stays done; the rest is as it was. “Go on” does what is left.`);
    show("halted");
    find(root, "#result", HTMLElement).scrollIntoView({ block: "nearest" });
  }

  const begin = (ask: boolean): void => {
    const work = (): Promise<void> => account.attempt("Delete", () => run(ask)).then(() => (state === "asking" ? show("resting") : undefined));
    void work();
  };

  function render({ busy }: State): void {
    const acting = busy !== null && busy !== "loading";
    setAttribute(go, "aria-disabled", String(state === "asking" || state === "stopping" || (acting && state !== "running")));
  }

  go.addEventListener("click", () => {
    if (go.getAttribute("aria-disabled") === "true") return;
    if (state !== "running") return begin(state === "resting");
    setText(told, "It stops after this step.");
    show("stopping");
  });
  const before = memory.get(begun);
  if (before !== null) {
    release.checked = before === "release";
    setText(told, "Deleting was begun in this browser, and has not come to its end. “Go on” does what is left.");
  }
  show("resting");
  return {
    render,
    goOn() {
      if (state !== "halted") return false;
      begin(false);
      return true;
    },
  };
}
