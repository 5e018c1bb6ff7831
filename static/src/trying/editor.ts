// The field "Code": a plain text field above a copy of its text, which has the numbers of the lines and sets comments apart.

import { el } from "../ui/dom.ts";

const COMMENT = /(?:^|(?<=\s))\/\/.*/;

function lineView(text: string, isMarked: boolean): HTMLElement {
  const at = COMMENT.exec(text)?.index ?? text.length;
  return el("span", { "data-marked": isMarked }, text.slice(0, at), at < text.length && el("i", {}, text.slice(at)), "\n");
}

interface Editor {
  /** Sets a line apart, counted from 1; null none. */
  mark(line: number | null): void;
  /** Leads to a line: it is seen, and selected. */
  goTo(line: number): void;
}

export function mountEditor(field: HTMLTextAreaElement, copy: HTMLElement): Editor {
  let marked: number | null = null;
  const draw = (): void => copy.replaceChildren(...field.value.split("\n").map((text, at) => lineView(text, at + 1 === marked)));
  const mark = (line: number | null): void => {
    marked = line;
    draw();
  };
  field.addEventListener("input", () => mark(null));
  field.rows = 1; // as high as the copy, and no higher
  draw();
  return {
    mark,
    goTo(line) {
      const before = field.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      const end = field.value.indexOf("\n", before);
      field.focus({ preventScroll: true });
      field.setSelectionRange(before, end < 0 ? field.value.length : end);
      copy.children[line - 1]?.scrollIntoView({ block: "center", inline: "nearest" });
    },
  };
}
