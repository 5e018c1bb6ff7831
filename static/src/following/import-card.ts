// What importing a file would do, told before anything is signed.

import type { ProfileSource } from "../lists/preview.ts";
import { failuresOf, previewOf, previewSentence } from "../lists/preview.ts";
import { ListRefused, readFile } from "../lists/reading.ts";
import type { FailedAccount } from "../lists/writing.ts";
import { ownFault, problemFor } from "../state/problems.ts";
import { button, el, setText } from "../ui/dom.ts";

interface Deps {
  source: ProfileSource;
  /** This site's host, with its port where it has one. */
  host: string;
  /** Begins to follow these; false while something else is being done. */
  follow(handles: readonly string[]): boolean;
  /** Saves what cannot be followed, with the reasons. */
  save(failures: readonly FailedAccount[]): void;
}

const FEW = 8;

/** Fills the template's card for each file that is chosen; the newest wins. */
export function mountImportCard(card: HTMLElement, { source, host, follow, save }: Deps): (file: File) => Promise<void> {
  let reading: AbortController | null = null;
  const title = (words: string): HTMLHeadingElement => el("h2", { id: "import-title", tabindex: -1 }, words);
  const close = (): void => {
    reading?.abort();
    card.hidden = true;
    card.replaceChildren();
  };
  const show = (...content: (Node | false)[]): void => {
    card.hidden = false;
    card.replaceChildren(...content.filter((node): node is Node => node !== false));
  };

  return async (file) => {
    reading?.abort();
    const mine = (reading = new AbortController());
    show(title(`Import: ${file.name}`), el("p", { role: "status" }, "Reading the list, and asking who is on it."), el("div", { class: "row" }, button("Cancel", "btn", close)));
    try {
      const read = await readFile(file, host);
      const preview = await previewOf(read, source, mine.signal);
      const { fresh, already, unknown } = preview;
      const failures = failuresOf(preview);
      const wait = el("p", { class: "complaint", role: "alert" });
      const rows = read.entries.length + read.unread.length + read.duplicates;
      show(
        title(`Import: ${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"} read`),
        el(
          "p",
          { class: "figures tall", role: "status", "aria-label": previewSentence(preview) },
          ...([[fresh.length, "new"], [already.length, "already"], [unknown.length, "unknown"]] as const).map(([number, word]) => el("span", {}, el("b", {}, number.toLocaleString("en")), ` ${word}`)),
        ),
        el("p", { class: "quiet" }, `Nothing has been signed yet. ${previewSentence(preview)}.`),
        failures.length > 0 &&
          el(
            "ul",
            { class: "outcomes" },
            ...failures.slice(0, FEW).map(({ account, reason }) => el("li", {}, el("code", {}, account === "" ? "(empty)" : account), ` ${reason}`)),
            failures.length > FEW && el("li", {}, `and ${(failures.length - FEW).toLocaleString("en")} more`),
          ),
        el(
          "div",
          { class: "row" },
          fresh.length > 0 && button(`Follow ${fresh.length.toLocaleString("en")}`, "btn primary", () => {
            if (follow(fresh)) close();
            else setText(wait, "Something else is being done. Follow these when it is over.");
          }),
          button(fresh.length > 0 ? "Cancel" : "Close", "btn", close),
          failures.length > 0 && button("Download the rest", "btn", () => save(failures)),
        ),
        wait,
      );
      card.querySelector("h2")?.focus();
    } catch (error) {
      if (mine.signal.aborted) return;
      const words = error instanceof ListRefused ? error.message : (problemFor(error) ?? ownFault()).sentence;
      show(title("Import"), el("p", { role: "alert" }, words), el("div", { class: "row" }, button("Close", "btn", close)));
    }
  };
}
