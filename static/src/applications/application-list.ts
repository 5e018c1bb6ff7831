// The list of applications: what each is called, how its key begins, when it was used, and the two clicks that end it.

import type { Application } from "../api/api.ts";
import { namingWait } from "../page/waiting-line.ts";
import { SITE_HAS_IT } from "../state/waits.ts";
import { exactTime, relativeTime } from "../text/format.ts";
import { button, el } from "../ui/dom.ts";

interface Deps {
  now(): number;
  /** Ends a key; null where that failed, which has been told then. */
  revoke(application: Application): Promise<Application | null>;
}

interface ApplicationList {
  /** Puts a new one at the top. */
  add(application: Application): void;
}

/** Fills `list`; `none` is shown while there is nothing in it. */
export function mountApplicationList(list: HTMLElement, none: HTMLElement, first: readonly Application[], deps: Deps): ApplicationList {
  const time = (ms: number): HTMLTimeElement =>
    el("time", { datetime: new Date(ms).toISOString(), title: exactTime(ms) }, relativeTime(ms, deps.now()));

  function about({ name, prefix, createdAt, lastUsedAt, revokedAt }: Application): HTMLElement {
    const used = lastUsedAt === null ? "never" : time(lastUsedAt);
    return el(
      "div",
      { class: "about" },
      el("b", {}, name),
      el("code", {}, `${prefix}…`),
      el("small", {}, "Created ", time(createdAt), " · Last used ", used, ...(revokedAt === null ? [] : [" · Revoked ", time(revokedAt)])),
    );
  }

  /** A button whose name tells it from its likes in other rows, and begins with what it shows. */
  const labelled = (made: HTMLButtonElement, name: string): HTMLButtonElement => {
    made.setAttribute("aria-label", `${made.textContent}: ${name}`);
    return made;
  };

  function row(application: Application): HTMLLIElement {
    const { name, revokedAt } = application;
    const acts = el("div", { class: "row" });
    const wait = el("p", { class: "quiet wait", role: "status" });
    const made = el("li", { class: "application", "data-revoked": revokedAt !== null, tabindex: -1 }, about(application));
    if (revokedAt !== null) return made;

    let busy = false;
    const ask = labelled(button("Revoke", "btn small", () => {
      // "Keep" stands where "Revoke" stood, so that a double click ends nothing.
      acts.replaceChildren(forGood, keep);
      keep.focus();
    }), name);
    const forGood = labelled(button("Revoke for good", "btn small harm", () => void end()), name);
    const keep = labelled(button("Keep", "btn small", leave), name);
    function leave(): void {
      acts.replaceChildren(ask);
      ask.focus();
    }
    async function end(): Promise<void> {
      if (busy) return;
      busy = true;
      forGood.setAttribute("aria-disabled", "true");
      const revoked = await namingWait(wait, SITE_HAS_IT, deps.revoke(application));
      busy = false;
      forGood.removeAttribute("aria-disabled");
      if (revoked === null) return;
      const after = row(revoked);
      made.replaceWith(after);
      after.focus();
    }
    acts.addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && !busy && forGood.isConnected) leave();
    });
    acts.append(ask);
    made.append(acts, wait);
    return made;
  }

  list.replaceChildren(...first.map(row));
  none.hidden = first.length > 0;
  return {
    add(application) {
      list.prepend(row(application));
      none.hidden = true;
    },
  };
}
