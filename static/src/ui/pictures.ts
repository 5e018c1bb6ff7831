// The pictures that a page's template asks for: faces (`data-face`, `data-engraving`) and the seals of proofs (`data-seal`).

import { el } from "./dom.ts";
import { engraving, identicon } from "./identicon.ts";
import { sealOf } from "./seal.ts";

/** An avatar that the page's policy lets through: our own files and data URLs; other hosts get an identicon. */
export function picture(name: string, avatar: string | null): Element {
  const ours = avatar !== null && (avatar.startsWith("data:image/") || (avatar.startsWith("/") && !avatar.startsWith("//")));
  return ours ? el("img", { src: avatar, alt: "", width: 52, height: 52 }) : identicon(name);
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
