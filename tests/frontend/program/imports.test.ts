import assert from "node:assert/strict";
import { test } from "node:test";

import { located } from "../../../static/src/program/imports.ts";

const at = (code: string): string => located(code, "http://a/docs/try/");

test("each way to import a package leads to its file", () => {
  assert.equal(at('import { a } from "viem/accounts";'), 'import { a } from "http://a/docs/try/viem-accounts.js";');
  assert.equal(at("import CyberConnect from '@cyberlab/cyberconnect-v2'"), "import CyberConnect from 'http://a/docs/try/cyberconnect-v2.js'");
  assert.equal(at('import "viem/accounts"'), 'import "http://a/docs/try/viem-accounts.js"');
  assert.equal(at('await import("viem/accounts")'), 'await import("http://a/docs/try/viem-accounts.js")');
  assert.equal(at('export { a } from "viem/accounts"'), 'export { a } from "http://a/docs/try/viem-accounts.js"');
});

test("what is no package of ours stays, and so does every line where it was", () => {
  for (const code of ['import a from "lodash"', 'import a from "./viem/accounts"', 'const a = "viem/accounts";', 'import a from "constructor"', 'from("viem/accounts")']) assert.equal(at(code), code);
  assert.equal(at('import {\n  a,\n} from "viem/accounts";\na();').split("\n").length, 4);
});
