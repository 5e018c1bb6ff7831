// An answer of the lesson: the status, why it was earned, and the bytes with what is at fault marked in place.

import { asCurl, asJavaScript, asPython } from "../record/copy-as.ts";
import type { Answer } from "../lesson/lesson.ts";
import type { Field } from "../lesson/requests.ts";
import { wordsFor } from "../lesson/words.ts";
import { duration } from "../text/format.ts";
import { button, copyFrom, el } from "../ui/dom.ts";

const LABELS: Readonly<Record<Field, string>> = { address: "Address", handle: "Handle", message: "Message", signature: "Signature", signingKey: "Signing key" };

/** Names of the API, in a sentence, are set as what they are. */
function named(words: string): (Node | string)[] {
  return words.split(/(\b[a-z]+[A-Z]\w+)/).map((piece, i) => (i % 2 === 1 ? el("code", {}, piece) : piece));
}

export function tone(status: string): string {
  return status === "SUCCESS" ? "success" : status === "ALREADY_DONE" ? "" : "refused";
}

function bytes({ request: { fields, fault } }: Answer): Node[] {
  const field = fault?.field ?? "message";
  const text = fields[field];
  const pre = (...inside: (Node | string)[]) => el("pre", { tabindex: 0, role: "group", "aria-label": "Bytes sent" }, ...inside);
  if (fault === null) return [pre(text)];
  const { from, to, note } = fault;
  return [pre(text.slice(0, from), el("mark", { title: note }, text.slice(from, to)), text.slice(to)), el("p", { class: "fault" }, `${LABELS[field]} · ${note}`)];
}

/** `permalink`: the inspector's own button for it. */
export function answerView(answer: Answer, graphqlUrl: string | undefined, permalink: HTMLButtonElement): HTMLElement {
  const { status, request, exchange, durationMs } = answer;
  const { sentence, next } = wordsFor(status);
  const copier = (words: string, write: typeof asCurl): HTMLButtonElement => {
    const made = button(words, "btn small", () => void copyFrom(made, write(exchange, graphqlUrl)));
    return made;
  };
  const what = `${request.op === "follow" ? "Follow" : "Unfollow"} @${request.fields.handle} · ${duration(durationMs)}`;
  return el(
    "div",
    { class: `told ${tone(status)}` },
    el("header", {}, el("span", { class: "stamp" }, status), el("small", {}, what)),
    el("p", {}, sentence, " ", el("b", {}, "Next:"), " ", ...named(next)),
    ...bytes(answer),
    el("div", { class: "tools" }, copier("Copy as curl", asCurl), copier("Copy as Python", asPython), copier("Copy as JavaScript", asJavaScript), permalink),
  );
}

export function noAnswerView(title: string, sentence: string): HTMLElement {
  return el("div", { class: "told refused" }, el("b", {}, title), el("p", {}, sentence));
}
