// Lists of people as a script draws them: the same as `person_line` and `pages` in `templates/lists.html`.

import type { FollowerRow, PersonRow, Someone } from "../api/people.ts";
import { followers, moment, shortAddress } from "../text/format.ts";
import { el } from "../ui/dom.ts";
import { picture } from "../ui/pictures.ts";

const mono = (address: string): HTMLElement => el("span", { class: "mono", title: address }, shortAddress(address));

function line({ handle, displayName, avatar, address, followsMe, isFollowedByMe }: Someone, ...end: (Node | null)[]): HTMLLIElement {
  const called = displayName !== "" && displayName !== handle ? `${displayName} · ` : null;
  return el(
    "li",
    { class: "line" },
    el("span", { class: "face" }, picture(handle || address.toLowerCase(), avatar)),
    el(
      "span",
      { class: "who" },
      handle === "" ? el("b", {}, mono(address)) : el("a", { href: `/@${handle}` }, el("b", {}, `@${handle}`)),
      el("small", {}, called, handle === "" ? "no handle" : mono(address)),
    ),
    followsMe ? el("span", { class: "mark" }, isFollowedByMe ? "Mutual" : "Follows you") : null,
    ...end,
  );
}

/** Somebody of the directory. */
export function personLine(person: PersonRow): HTMLLIElement {
  return line(person, el("span", { class: "when" }, followers(person.followerCount)));
}

/** Somebody who follows; the seal of the proof is for `drawPictures` to draw. */
export function followerLine(row: FollowerRow): HTMLLIElement {
  const { signedAt, entryDigest } = row;
  const at = signedAt === null ? null : moment(signedAt);
  return line(
    row,
    at === null ? null : el("time", { class: "when", datetime: at.machine, title: at.exact }, at.day),
    el("a", { class: "proof", href: `/proofs/${entryDigest}` }, el("span", { "data-seal": entryDigest }), el("span", {}, "Proof")),
  );
}

/** What stands where there are no rows. */
export function emptiness(words: string, ...more: Node[]): HTMLElement {
  return el("div", { class: "empty" }, el("span", { class: "pale-seal" }), el("p", {}, words), ...more);
}

/** The rows from number `begins` on, and their foot: where they lie in the whole, and the ways to the first page and the next. */
export function listed(rows: readonly Node[], begins: number, { total, orMore, after }: { total: number; orMore: boolean; after: string | null }, here: string): Node[] {
  const ends = begins + rows.length - 1;
  const next = `${here}${here.includes("?") ? "&" : "?"}${new URLSearchParams({ after: after ?? "", from: String(ends + 1) }).toString()}`;
  const where = `${begins.toLocaleString("en")} to ${ends.toLocaleString("en")} of ${counted({ total, orMore })}`;
  return [
    el("ol", { class: "rows" }, ...rows),
    el(
      "nav",
      { class: "pages", "aria-label": "Pages" },
      begins > 1 && el("a", { class: "btn", href: here }, "Newest"),
      el("span", {}, where),
      after !== null && el("a", { class: "btn", rel: "next", href: next }, "Older"),
    ),
  ];
}

/** `1,000 or more` where the gateway counted no further. */
export const counted = ({ total, orMore }: { total: number; orMore: boolean }): string => `${total.toLocaleString("en")}${orMore ? " or more" : ""}`;
