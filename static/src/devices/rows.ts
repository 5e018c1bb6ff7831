// The rows of both lists, as `templates/devices.html` writes them too. A row stays the same element while it is there, so
// that no focus is lost and nothing that is being typed.

import type { WebSession } from "../api/devices.ts";
import type { SigningKeyRecord } from "../api/types.ts";
import { exactTime, relativeTime } from "../text/format.ts";
import { button, el } from "../ui/dom.ts";
import { titleOf } from "./key-words.ts";

const LONGEST_NAME = 40;

/** Shows what a list has now. */
export type Fill<T> = (rows: readonly T[]) => void;

/** Fills `list` with a row for each of what it is given, in that order. */
export function keyedRows<T>(list: HTMLElement, idOf: (row: T) => string, make: (row: T) => { element: HTMLElement; update(row: T): void }): Fill<T> {
  const made = new Map<string, ReturnType<typeof make>>();
  list.replaceChildren();
  return (rows) => {
    const ids = new Set(rows.map(idOf));
    for (const [id, { element }] of made) {
      if (ids.has(id)) continue;
      element.remove();
      made.delete(id);
    }
    rows.forEach((row, place) => {
      const id = idOf(row);
      const known = made.get(id) ?? make(row);
      made.set(id, known);
      known.update(row);
      if (list.children[place] !== known.element) list.insertBefore(known.element, list.children[place] ?? null);
    });
  };
}

interface KeyActs {
  now(): number;
  isThis(key: SigningKeyRecord): boolean;
  /** Says whether it came to that. */
  rename(key: SigningKeyRecord, name: string): Promise<boolean>;
  renew(key: SigningKeyRecord): void;
  revoke(key: SigningKeyRecord): void;
}

let rowsMade = 0;

const time = (ms: number, now: number): HTMLTimeElement => el("time", { class: "when", datetime: new Date(ms).toISOString(), title: exactTime(ms) }, relativeTime(ms, now));

function aboutKey(key: SigningKeyRecord, now: number): (Node | string)[] {
  const { name, fingerprint, registeredAt, expiresAt, revokedAt, lastUsedAt } = key;
  const end = revokedAt !== null ? ["revoked ", time(revokedAt, now)] : [expiresAt > now ? "expires " : "ran out ", time(expiresAt, now)];
  return [...(name === "" ? [] : [el("span", { class: "mono" }, fingerprint), " · "]), "added ", time(registeredAt, now), " · ", ...(lastUsedAt === null ? ["no use lately"] : ["last used ", time(lastUsedAt, now)]), " · ", ...end];
}

/** The field for a key's new name; `leave` takes it away again. */
function nameForm(key: SigningKeyRecord, rename: KeyActs["rename"], leave: () => void): HTMLFormElement {
  const id = `name-${++rowsMade}`;
  const input = el("input", { id, value: key.name, maxlength: LONGEST_NAME, autocomplete: "off", "aria-describedby": `${id}-hint` });
  const save = el("button", { class: "btn small", type: "submit" }, "Save");
  const form = el(
    "form",
    { class: "naming", novalidate: true },
    el("div", { class: "field" }, el("label", { for: id }, "Name of the key"), input),
    el("span", { class: "acts" }, save, button("Cancel", "btn small", leave)),
    el("p", { class: "quiet", id: `${id}-hint` }, `Public. At most ${LONGEST_NAME} characters; empty, the key has no name.`),
  );
  let busy = false;
  async function send(): Promise<void> {
    if (busy) return;
    busy = true;
    save.setAttribute("aria-disabled", "true");
    const done = await rename(key, input.value.trim());
    busy = false;
    save.removeAttribute("aria-disabled");
    if (done) leave();
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
  return form;
}

/** A key: one that is live has buttons. */
export function keyRow(first: SigningKeyRecord, acts: KeyActs | null, now: () => number) {
  let key = first;
  const id = `key-${++rowsMade}`;
  const title = el("b", { id });
  const mark = el("span", { class: "mark" }, "This device");
  const small = el("small");
  const titled = el("span", { class: "titled" }, title);
  const element = el("li", { class: "line thing" }, el("span", { class: "about" }, titled, small));
  if (acts !== null) {
    const act = (words: string, press: () => void): HTMLButtonElement => {
      const made = button(words, "btn small", () => {
        if (made.getAttribute("aria-disabled") !== "true") press();
      });
      made.setAttribute("aria-describedby", id);
      return made;
    };
    const rename = act("Rename", () => {
      const form = nameForm(key, acts.rename, () => {
        form.replaceWith(row);
        rename.focus();
      });
      row.replaceWith(form);
      form.querySelector("input")?.select();
    });
    const row = el("span", { class: "acts" }, rename, act("Renew", () => acts.renew(key)), act("Revoke", () => acts.revoke(key)));
    element.append(row);
  }
  return {
    element,
    update(next: SigningKeyRecord): void {
      key = next;
      title.textContent = titleOf(key);
      title.classList.toggle("mono", key.name === "");
      if (acts?.isThis(key) === true) titled.append(mark);
      else mark.remove();
      small.replaceChildren(...aboutKey(key, now()));
    },
  };
}

/** A browser in which the account is signed in. */
export function sessionRow(first: WebSession, now: () => number, signOut: (session: WebSession) => void) {
  let session = first;
  const id = `session-${++rowsMade}`;
  const small = el("small");
  const out = button("Sign out", "btn small", () => {
    if (out.getAttribute("aria-disabled") !== "true") signOut(session);
  });
  out.setAttribute("aria-describedby", id);
  const title = el("span", { class: "titled" }, el("b", { id }, session.browser), session.isThis && el("span", { class: "mark" }, "This browser"));
  return {
    element: el("li", { class: "line thing" }, el("span", { class: "about" }, title, small), el("span", { class: "acts" }, out)),
    update(next: WebSession): void {
      session = next;
      const at = now();
      small.replaceChildren("signed in ", time(session.signedInAt, at), " · last seen ", session.isThis ? "now" : time(session.seenAt, at));
    },
  };
}
