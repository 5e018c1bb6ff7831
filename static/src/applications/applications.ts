// The page for applications: makes API keys, shows each once, lists and revokes them.

import type { Account } from "../account/types.ts";
import type { Api, Application } from "../api/api.ts";
import { ProblemError } from "../api/api.ts";
import type { Memory } from "../browser/memory.ts";
import { createMemory } from "../browser/memory.ts";
import { namingWait } from "../page/waiting-line.ts";
import type { Address } from "../protocol/address.ts";
import { isAboutSession, ownFault, problemFor } from "../state/problems.ts";
import { SITE_HAS_IT } from "../state/waits.ts";
import { button, copyFrom, el, find, part, setText } from "../ui/dom.ts";
import { mountApplicationList } from "./application-list.ts";

/** The name in the form, in this tab's storage until a key has it: the form goes where another account comes. */
const TYPED_NAME = "countersign.application-name";

/** Shows a key until it has been taken; nothing keeps it but this element. */
function mountNewKey(panel: HTMLElement, back: HTMLElement): (name: string, key: string) => void {
  const text = part(panel, "key");
  const copy = part(panel, "copy", HTMLButtonElement);
  copy.addEventListener("click", () => void copyFrom(copy, text.textContent ?? ""));
  part(panel, "done").addEventListener("click", () => {
    panel.hidden = true;
    setText(text, "");
    back.focus();
  });
  return (name, key) => {
    setText(part(panel, "name"), name);
    setText(text, key);
    panel.hidden = false;
    panel.focus();
  };
}

function mountProblem(place: HTMLElement): (error: unknown) => void {
  return (error) => {
    const { title, sentence, requestId } = problemFor(error) ?? ownFault();
    const known = error instanceof ProblemError;
    place.replaceChildren(
      el(
        "div",
        { class: "outcome unsealed refused" },
        el("div", {}, el("b", {}, title), el("small", {}, sentence), requestId !== null && el("small", {}, "Request id ", el("code", {}, requestId))),
        (isAboutSession(error) || !known) && button("Reload", "btn small", () => location.reload()),
      ),
    );
    if (!known) throw error;
  };
}

/**
 * Takes names from the form; `create` throws what is wrong with one, and tells everything else itself.
 *
 * A long wait is named, and ends where the request's own deadline does. It has no "Cancel": the site may have made the key
 * already, and one that came while its owner is at the next would take the place of a key that is shown this once.
 */
function mountForm(form: HTMLFormElement, memory: Memory, create: (name: string) => Promise<boolean>): void {
  const input = find(form, "#name", HTMLInputElement);
  const submit = find(form, "button", HTMLButtonElement);
  const complaint = find(form, "#complaint", HTMLElement);
  const wait = find(form, "#wait", HTMLElement);
  const keep = (name: string): void => memory.set(TYPED_NAME, name === "" ? null : name);
  input.value ||= memory.get(TYPED_NAME) ?? "";
  input.addEventListener("input", () => keep(input.value));
  const complain = (words: string): void => {
    setText(complaint, words);
    if (words === "") return input.removeAttribute("aria-invalid");
    input.setAttribute("aria-invalid", "true");
    input.focus();
  };
  let busy = false;
  async function send(): Promise<void> {
    const name = input.value.trim();
    complain(name === "" ? "Give the application a name." : "");
    if (name === "" || busy) return;
    busy = true;
    submit.setAttribute("aria-disabled", "true");
    try {
      if (await namingWait(wait, SITE_HAS_IT, create(name))) {
        // What was typed meanwhile is the next one's.
        if (input.value.trim() === name) input.value = "";
        keep(input.value);
      }
    } catch (error) {
      if (!(error instanceof ProblemError && error.slug === "invalid-request")) throw error;
      complain(error.message);
    } finally {
      busy = false;
      submit.removeAttribute("aria-disabled");
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  submit.disabled = false;
}

/** Makes the page of `address`'s applications work. */
export function openApplications(api: Api, account: Account, address: Address, applications: readonly Application[], now: () => number): void {
  const form = find(document, "#create", HTMLFormElement);
  const problem = find(document, "#problem", HTMLElement);
  const news = find(document, "#news", HTMLElement);
  const show = mountNewKey(find(document, "#new-key", HTMLElement), find(form, "#name", HTMLInputElement));
  const explain = mountProblem(problem);
  const tell = (error: unknown): void => {
    if (isAboutSession(error)) void account.reload();
    explain(error);
  };

  const list = mountApplicationList(find(document, "#applications", HTMLElement), find(document, "#none", HTMLElement), applications, {
    now,
    async revoke({ id, name }) {
      problem.replaceChildren();
      try {
        const revoked = await api.revokeApplication(address, id);
        setText(news, `The key of ${name} is revoked.`);
        return revoked;
      } catch (error) {
        tell(error);
        return null;
      }
    },
  });

  mountForm(form, createMemory(() => window.sessionStorage), async (name) => {
    problem.replaceChildren();
    try {
      const { application, key } = await api.createApplication(address, name);
      list.add(application);
      show(application.name, key);
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.slug === "invalid-request") throw error;
      tell(error);
      return false;
    }
  });
}
