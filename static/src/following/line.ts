// A row of the list: the box to select it, who it is, what came of it, and the button.

import type { FollowingRow } from "../api/following.ts";
import { mountFollowButton } from "../page/follow-button.ts";
import { dayOf, exactTime } from "../text/format.ts";
import { el, setText } from "../ui/dom.ts";
import { picture } from "../ui/pictures.ts";
import { sealOf } from "../ui/seal.ts";

/** How a row stands now. */
export interface Standing {
  selected: boolean;
  followed: boolean;
  /** What came of it in the run on the page; null where it is none of it, or not answered yet. */
  status: string | null;
  /** Work goes on: the button waits. */
  busy: boolean;
}

interface Line {
  row: HTMLLIElement;
  update(standing: Standing): void;
}

function quietOf({ displayName, handle, address, signedAt }: FollowingRow): (Node | string)[] {
  if (address === "") return ["nobody has this handle any more"];
  const named = displayName !== "" && displayName !== handle ? [displayName] : [];
  if (signedAt === null) return named;
  const since = el("time", { datetime: new Date(signedAt).toISOString(), title: exactTime(signedAt) }, `since ${dayOf(signedAt)}`);
  return named.length === 0 ? [since] : [...named, el("span", { class: "since" }, " · ", since)];
}

/** Makes the row; `select` and `press` are called for what a person does in it. */
export function makeLine(person: FollowingRow, select: (on: boolean) => void, press: () => void): Line {
  const { handle, avatar, followsMe, entryDigest } = person;
  const box = el("input", { type: "checkbox", "aria-label": `Select @${handle}` });
  box.addEventListener("change", () => select(box.checked));
  const name = el("a", { href: `/@${handle}`, id: `who-${handle}` }, el("b", {}, `@${handle}`));
  const status = el("span", { class: "stamp" });
  const seal = el("span", { class: "seal-of" });
  void sealOf(entryDigest).then((drawn) => {
    drawn.classList.remove("drawing");
    seal.replaceChildren(drawn);
  });
  const button = el("button", { type: "button", class: "btn follow", "data-following": "true" }, el("span", { role: "img", "aria-label": "Unfollow" }), el("span", { "aria-hidden": "true" }, "Following"));
  const follow = mountFollowButton(button, press);
  const row = el(
    "li",
    { class: "line" },
    el("label", { class: "pick" }, box),
    el("span", { class: "face" }, picture(handle, avatar)),
    el("span", { class: "who" }, name, el("small", {}, ...quietOf(person))),
    followsMe && el("span", { class: "mark" }, "Follows you"),
    status,
    el("a", { class: "proof", href: `/proofs/${entryDigest}` }, seal, el("span", {}, "Proof")),
    button,
  );
  return {
    row,
    update({ selected, followed, status: told, busy }) {
      box.checked = selected;
      row.toggleAttribute("data-selected", selected);
      row.toggleAttribute("data-answered", told !== null);
      setText(status, told ?? "");
      status.classList.toggle("refused", told !== null && told !== "SUCCESS" && told !== "ALREADY_DONE");
      follow.render({ following: followed, why: name.id, disabled: busy, primary: false, visible: true });
    },
  };
}
