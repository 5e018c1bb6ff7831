// The frame of /docs/try, whose origin is nobody's: it hands the page's order to a worker, which runs the program and tells the page itself.
// It stays idle, so that the frame can always be taken away.

import type { Order } from "./program/worker.ts";

const base = new URL(".", location.href).href;

/**
 * The worker's own script. It has to come from the origin of this document, which no address has: of `data:` and `blob:`, only the
 * first is as secure as its page (a `blob:` worker has no WebCrypto in Chromium), and WebKit loads no `blob:` of an opaque origin.
 */
const START = `onmessage = ({ data, ports: [port] }) => {
  onmessage = null;
  import(data.base + "worker.js").then(({ run }) => run(data, port), (error) => setTimeout(() => { throw error; }));
};`;

addEventListener(
  "message",
  ({ source, data, ports: [port] }: MessageEvent<string>) => {
    if (source !== parent || port === undefined) return;
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(START)}`);
    worker.addEventListener("error", () => parent.postMessage("broken", "*"));
    worker.postMessage({ code: data, base } satisfies Order, [port]);
  },
  { once: true },
);
