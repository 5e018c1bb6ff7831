// The pictures that a page's template asks for: faces (`data-face`, `data-engraving`) and the seals of proofs (`data-seal`).

import { el } from "./dom.ts";
import { engraving, identicon } from "./identicon.ts";
import { sealOf } from "./seal.ts";

/** Whether the page's policy lets an avatar through: our own files and data URLs. Nothing is loaded from other hosts. */
export function isShown(avatar: string): boolean {
  return avatar.startsWith("data:image/") || (avatar.startsWith("/") && !avatar.startsWith("//"));
}

/** The avatar, or an identicon where there is none to be shown. */
export function picture(name: string, avatar: string | null): Element {
  return avatar !== null && isShown(avatar) ? el("img", { src: avatar, alt: "", width: 52, height: 52 }) : identicon(name);
}

/** Draws whatever is asked for inside `root`, and not drawn yet. */
export function drawPictures(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-face]:empty")) {
    place.append(picture(place.dataset["face"] ?? "", place.dataset["avatar"] ?? null));
  }
  for (const place of root.querySelectorAll<HTMLElement>("[data-engraving]:empty")) {
    place.append(engraving(place.dataset["engraving"] ?? ""));
  }
  for (const place of root.querySelectorAll<HTMLElement>("[data-seal]:empty")) {
    void sealOf(place.dataset["seal"] ?? "").then((seal) => {
      seal.classList.remove("drawing"); // it was earned before this page was opened
      place.replaceChildren(seal);
    });
  }
}
