// The entry of the page for applications: makes API keys, shows each once, lists and revokes them.

import { mountAccountChip } from "./account-chip.ts";
import { createApi, ProblemError } from "./api.ts";
import { openChannel } from "./browser-parts.ts";
import type { Api, Application } from "./api.ts";
import { mountApplicationList } from "./application-list.ts";
import { button, copyFrom, el, find, part, setText } from "./dom.ts";
import { isAboutSession, ownFault, problemFor } from "./problems.ts";
import { createServerClock } from "./server-clock.ts";
import { mountTheme } from "./theme.ts";
import type { Address, Session } from "./types.ts";
import { sameAddress } from "./wallet.ts";

interface AppsBootstrap extends Session {
  applications: readonly Application[];
}

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

/** Takes names from the form; `create` throws what is wrong with one, and tells everything else itself. */
function mountForm(form: HTMLFormElement, create: (name: string) => Promise<boolean>): void {
  const input = find(form, "#name", HTMLInputElement);
  const submit = find(form, "button", HTMLButtonElement);
  const complaint = find(form, "#complaint", HTMLElement);
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
      if (await create(name)) input.value = "";
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
}

function openApps(api: Api, address: Address, applications: readonly Application[], now: () => number): void {
  const form = find(document, "#create", HTMLFormElement);
  const problem = find(document, "#problem", HTMLElement);
  const news = find(document, "#news", HTMLElement);
  const tell = mountProblem(problem);
  const show = mountNewKey(find(document, "#new-key", HTMLElement), find(form, "#name", HTMLInputElement));
  const channel = openChannel(window);

  // What belongs to one account does not stay on the screen of another, nor of nobody.
  const compare = async (): Promise<void> => {
    const after = await api.refresh().catch(() => null);
    if (after !== null && !sameAddress(after.address, address)) location.reload();
  };
  channel.subscribe(({ kind }) => {
    if (kind === "session") void compare();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) void compare();
  });

  const chip = mountAccountChip(find(document, "#account", HTMLElement), async () => {
    try {
      await api.logout();
      channel.post({ kind: "session", change: "signed out" });
      location.reload();
    } catch (error) {
      tell(error);
    }
  });
  chip({ address, signedIn: true });

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

  mountForm(form, async (name) => {
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

mountTheme(find(document, "#theme", HTMLButtonElement));
const bootstrap = JSON.parse(document.body.dataset["bootstrap"] ?? "") as AppsBootstrap;
if (bootstrap.address !== null) {
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  const serverClock = createServerClock(clock);
  const api = createApi({ fetch: (...request) => window.fetch(...request), clock, serverClock, session: bootstrap });
  openApps(api, bootstrap.address, bootstrap.applications, serverClock.now);
}
