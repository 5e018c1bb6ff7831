// The worker of /docs/try, but for the line that starts it, which is the frame's.

export { run } from "./program/worker.ts";
