// The small seal of one proof, as an SVG element.

import { svg } from "./dom.ts";
import { sealHash, sealPaths } from "./seal-geometry.ts";

const SMALL = 5;

/** The seal of `source` (a digest). It draws itself once; CSS leaves that out where motion is unwanted. */
export async function sealOf(source: string): Promise<SVGSVGElement> {
  const paths = sealPaths(await sealHash(source), SMALL);
  return svg(
    "svg",
    { class: "seal drawing", viewBox: "-100 -100 200 200", "aria-hidden": "true" },
    ...paths.map((d) => svg("path", { d, pathLength: 1 })),
  );
}
