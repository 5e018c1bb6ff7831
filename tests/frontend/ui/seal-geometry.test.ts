import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { sealDrawing, sealHash, sealPaths } from "../../../static/src/ui/seal-geometry.ts";

/** SHA-256 of the path data, a line each, as an independent program in Python draws them. */
const DRAWN = [
  { source: "Countersign", copies: 10, paths: 30, digest: "74ebfd0ab1edd6c332a9ee7db841340e842a34a306454cc4ba4bab735a819512" },
  { source: "0".repeat(64), copies: 5, paths: 15, digest: "508db78eb6366b737a00ac96c5b04afe92102ff19370c729bf2bdf1c3f7e470c" },
];

for (const { source, copies, paths, digest } of DRAWN) {
  test(`the seal of ${source.slice(0, 12)} in ${copies} copies is the same in every language`, async () => {
    const drawn = sealPaths(await sealHash(source), copies);
    assert.equal(drawn.length, paths);
    assert.equal(createHash("sha256").update(drawn.join("\n")).digest("hex"), digest);
  });
}

test("another digest is another seal", async () => {
  const [one, other] = await Promise.all(["a", "b"].map(async (source) => sealPaths(await sealHash(source), 5)));
  assert.notDeepEqual(one, other);
});

test("a drawing is one SVG file", async () => {
  const file = await sealDrawing("Countersign", { copies: 4, stroke: 0.7 });
  assert.match(file, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]+>(<path d="[MQ0-9. -]+"\/>){12}<\/svg>\n$/);
});
