// Rows of people as a script draws them: the same as `person_line` in `templates/lists.html`.

import type { PersonRow } from "../api/people.ts";
import { followers, shortAddress } from "../text/format.ts";
import { el } from "../ui/dom.ts";
import { picture } from "../ui/pictures.ts";

function relation({ followsMe, isFollowedByMe }: PersonRow): HTMLElement | null {
  return followsMe ? el("span", { class: "mark" }, isFollowedByMe ? "Mutual" : "Follows you") : null;
}

/** Somebody of the directory. */
export function personLine(person: PersonRow): HTMLLIElement {
  const { handle, displayName, avatar, address, followerCount } = person;
  const called = displayName !== "" && displayName !== handle ? `${displayName} · ` : null;
  return el(
    "li",
    { class: "line" },
    el("span", { class: "face" }, picture(handle, avatar)),
    el(
      "span",
      { class: "who" },
      el("a", { href: `/@${handle}` }, el("b", {}, `@${handle}`)),
      el("small", {}, called, el("span", { class: "mono", title: address }, shortAddress(address))),
    ),
    relation(person),
    el("span", { class: "when" }, followers(followerCount)),
  );
}
