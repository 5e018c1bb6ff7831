// The seal: a guilloche rosette drawn from a digest, as on a banknote. The same digest is the same seal, everywhere.
// No DOM here: the build draws the large rosette with this, the page draws the small ones.

/** Interwoven waves round a circle: two control points a crest, quadratic curves through their midpoints. */
export function ring(radius: number, swing: number, crests: number, copies: number, spin: number): string[] {
  const paths: string[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const phase = (2 * Math.PI * copy) / copies / crests + spin;
    const points: [number, number][] = [];
    for (let i = 0; i < 2 * crests; i++) {
      const angle = (Math.PI * i) / crests + phase;
      const r = radius + (i % 2 === 1 ? swing : -swing) * 1.9;
      points.push([r * Math.cos(angle), r * Math.sin(angle)]);
    }
    const middle = (i: number): string => {
      const [x, y] = points[i % points.length] ?? [0, 0];
      const [px, py] = points[(i + points.length - 1) % points.length] ?? [0, 0];
      return `${((px + x) / 2).toFixed(1)} ${((py + y) / 2).toFixed(1)}`;
    };
    let path = `M${middle(0)}`;
    points.forEach(([x, y], i) => {
      path += `Q${x.toFixed(1)} ${y.toFixed(1)} ${middle(i + 1)}`;
    });
    paths.push(path);
  }
  return paths;
}

/**
 * Path data for a 200 by 200 view box centred on 0 0.
 *
 * `hash` is the SHA-256 of the text that the seal stands for, of which six bytes are used; `copies` is 10 for a large
 * seal and 5 for a small one.
 */
export function sealPaths(hash: Uint8Array, copies: number): string[] {
  const byte = (i: number): number => hash[i] ?? 0;
  return [
    ...ring(80, 11 + (byte(3) % 5), 14 + (byte(0) % 7), copies, 0),
    ...ring(54, 9 + (byte(4) % 5), 9 + (byte(1) % 5), copies, 0.1),
    ...ring(29, 7 + (byte(5) % 4), 6 + (byte(2) % 4), copies, 0.2),
  ];
}

/** The SHA-256 of a text's UTF-8 bytes. */
export async function sealHash(source: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(source)));
}

/** A whole SVG file of the seal of `source`; its lines are black, for use as a mask. */
export async function sealDrawing(source: string, look: { copies: number; stroke: number }): Promise<string> {
  const paths = sealPaths(await sealHash(source), look.copies);
  const lines = paths.map((d) => `<path d="${d}"/>`).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-100 -100 200 200" fill="none" stroke="#000" stroke-width="${look.stroke}">${lines}</svg>\n`;
}
