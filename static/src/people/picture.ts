// A picture chosen from a file, made so small that it can be signed. What is kept is drawn anew: nothing of the file itself
// is in it, neither what could run nor where and when a camera took it.

import { el } from "../ui/dom.ts";

/** Why a file cannot be one's picture, as a sentence. */
export class NoPicture extends Error {
  override name = "NoPicture";
}

const MOST_BYTES = 20_000_000;
const SIDES = [192, 144, 96, 64];
const QUALITIES = [0.85, 0.7, 0.5];

const BEGINNINGS: readonly (readonly [kind: string, form: RegExp])[] = [
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[^]{4}WEBP/],
];

/** What a file is by its first bytes, whatever it is called; null for anything that is no picture, or could run. */
export function kindOf(first: Uint8Array): string | null {
  const text = String.fromCharCode(...first);
  return BEGINNINGS.find(([, form]) => form.test(text))?.[0] ?? null;
}

/** The largest and best form of a picture that has at most `longest` characters; null where none is so short. */
export function fitted(draw: (side: number, quality: number) => string, longest: number): string | null {
  for (const side of SIDES) {
    for (const quality of QUALITIES) {
      const url = draw(side, quality);
      if (url.length <= longest) return url;
    }
  }
  return null;
}

/** Its middle as a square; WebP, or JPEG on white where the browser writes no WebP. */
function drawn(picture: ImageBitmap, side: number, quality: number): string {
  const canvas = el("canvas", { width: side, height: side });
  const context = canvas.getContext("2d");
  if (context === null) throw new NoPicture("This browser cannot draw pictures.");
  const crop = Math.min(picture.width, picture.height);
  const draw = (): void => context.drawImage(picture, (picture.width - crop) / 2, (picture.height - crop) / 2, crop, crop, 0, 0, side, side);
  context.imageSmoothingQuality = "high";
  draw();
  const url = canvas.toDataURL("image/webp", quality);
  if (url.startsWith("data:image/webp")) return url;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  draw();
  return canvas.toDataURL("image/jpeg", quality);
}

/**
 * A picture of at most `longest` characters, as a data URL.
 *
 * Throws NoPicture where the file is none, or cannot be made so small.
 */
export async function smallPicture(file: File, longest: number): Promise<string> {
  if (file.size > MOST_BYTES) throw new NoPicture("That file has more than 20 MB. Choose a smaller one.");
  const kind = kindOf(new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  if (kind === null) throw new NoPicture("That is no PNG, JPEG, WebP or GIF. An SVG is not taken: it can hold a program.");
  const picture = await createImageBitmap(file.slice(0, file.size, kind)).catch(() => {
    throw new NoPicture("That picture cannot be read. It may be damaged, or too large.");
  });
  try {
    const url = fitted((side, quality) => drawn(picture, side, quality), longest);
    if (url === null) throw new NoPicture("That picture cannot be made small enough to be signed.");
    return url;
  } finally {
    picture.close();
  }
}
