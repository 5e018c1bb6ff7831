// The original SDK as it was published, for a program of /docs/try; the build puts memory in place of the database that it opens.

import "./program/window.ts";

import * as published from "@cyberlab/cyberconnect-v2";

// It is CommonJS: to a module, all of it is its default.
const { default: CyberConnect, Env } = (published as unknown as { default: typeof published }).default;

export { CyberConnect as default, Env };
