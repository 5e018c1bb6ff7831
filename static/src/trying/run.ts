// One run of a program: a frame made for it, whose origin is nobody's, and taken away with everything in it.

import { type Line, lineOf } from "../program/lines.ts";
import { el } from "../ui/dom.ts";

const FRAME = "/docs/try/frame";

/** A program that says more than this says nothing that anybody reads. */
export const MOST_LINES = 500;

interface Hears {
  line(line: Line): void;
  /** It was ended, as it said more than `MOST_LINES`. */
  tooMuch(): void;
  /** The browser did not let it begin. */
  broken(): void;
}

/** Starts a program in a frame inside `place`; what comes back ends it, whatever it is doing. */
export function start(place: Element, code: string, hears: Hears): () => void {
  const frame = el("iframe", { src: FRAME, sandbox: "allow-scripts", title: "The program that runs", hidden: true });
  const { port1: ours, port2: its } = new MessageChannel();
  const hearFrame = ({ source, data }: MessageEvent<unknown>): void => {
    if (source === frame.contentWindow && data === "broken") hears.broken();
  };
  const end = (): void => {
    ours.close();
    frame.remove();
    removeEventListener("message", hearFrame);
  };
  let lines = 0;
  ours.onmessage = ({ data }: MessageEvent<unknown>) => {
    const line = lineOf(data);
    if (line === null) return;
    if (line.kind !== "ended" && ++lines > MOST_LINES) {
      end();
      hears.tooMuch();
    } else {
      hears.line(line);
    }
  };
  addEventListener("message", hearFrame);
  // To whatever origin: the frame's is nobody's, and has no name.
  frame.addEventListener("load", () => frame.contentWindow?.postMessage(code, "*", [its]), { once: true });
  place.append(frame);
  return end;
}
