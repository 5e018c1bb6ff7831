// A picture for those who brought none: an engraved flower in one of our inks, always the same for the same name.

import { svg } from "./dom.ts";
import { ring } from "./seal-geometry.ts";

const INKS = ["green", "violet", "blue"] as const;

/** 32 bits of a text (FNV-1a), one for each `salt`; for pictures only, never for anything that must not collide. */
function hash(text: string, salt: number): number {
  let value = 0x811c9dc5 ^ salt;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** What is drawn of `name`: its inks, and the paths of its flower, each line `times` over. */
function flower(name: string, times: number): { ink: string; second: string; paths: string[] } {
  const pick = (salt: number, from: number, to: number): number => from + (hash(name, salt) % (to - from + 1));
  const ink = INKS[pick(1, 0, 2)] ?? "green";
  const second = INKS[(INKS.indexOf(ink) + pick(2, 1, 2)) % 3] ?? "blue";
  const outer = ring(50, pick(3, 6, 11), pick(4, 4, 9), pick(5, 2, 4) * times, pick(6, 0, 31) / 10);
  const inner = ring(22, pick(7, 4, 7), pick(8, 3, 7), pick(9, 1, 3) * times, pick(10, 0, 31) / 10);
  return { ink, second, paths: [...outer, ...inner] };
}

/** The picture of `name` (a handle, or a lower-case address): square, to be cut to shape by its frame. */
export function identicon(name: string): SVGSVGElement {
  const { ink, second, paths } = flower(name, 1);
  return svg(
    "svg",
    { class: "identicon", "data-ink": ink, viewBox: "-80 -80 160 160", "aria-hidden": "true" },
    svg("rect", { x: -80, y: -80, width: 160, height: 160 }),
    svg("circle", { class: "wash", "data-ink": second, cx: 0, cy: 0, r: 50 }),
    svg("g", {}, ...paths.map((d) => svg("path", { d }))),
  );
}

/** The same flower as fine lines alone, to stand large and pale behind its page. */
export function engraving(name: string): SVGSVGElement {
  const { ink, paths } = flower(name, 4);
  return svg("svg", { class: "engraving", "data-ink": ink, viewBox: "-80 -80 160 160", "aria-hidden": "true" }, ...paths.map((d) => svg("path", { d })));
}
