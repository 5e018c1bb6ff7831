// Builds the page's scripts, styles, fonts and pictures into static/dist with hashed names, and writes manifest.json,
// which maps a plain name ("page.js") to the built one; and the test kit's script. The same sources give the same bytes, in whatever folder.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import esbuild from "esbuild";

import { sealDrawing } from "./src/ui/seal-geometry.ts";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const dist = path.join(here, "dist");

/** What any page may load of compressed script before it works: its entry and everything that this imports statically. */
const BUDGET = 40_000;

/** What the button that other sites embed may take of compressed script, all of it. */
const BUTTON_BUDGET = 6_000;

/** The oldest browsers that work, as `docs/browsers.md` lists them: syntax newer than these is written in older words. */
const OLDEST = ["chrome111", "firefox115", "ios16.4", "safari16.4"];

/** The large rosette and the pale seal, drawn at build time; CSS uses them as masks, so that an ink colours them. */
const DRAWINGS = { "rosette.svg": { copies: 10, stroke: 0.45 }, "seal.svg": { copies: 4, stroke: 0.7 } };

const seals = {
  name: "seals",
  setup(build) {
    build.onResolve({ filter: /^seal:/ }, (found) => ({ path: found.path.slice("seal:".length), namespace: "seal" }));
    build.onLoad({ filter: /./, namespace: "seal" }, async ({ path: name }) => ({
      contents: await sealDrawing("Countersign", DRAWINGS[name]),
      loader: "file",
    }));
  },
};

/** GraphiQL's style without the letters that it carries inside: it is set in ours, and they are most of its bytes. */
const ownLetters = {
  name: "own-letters",
  setup(build) {
    build.onLoad({ filter: /graphiql\/dist\/style\.css$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, "utf8")).replaceAll(/@font-face\s*\{[^}]*\}/g, ""),
      loader: "css",
    }));
  },
};

/** The embedded button's style sheet as text, for the shadow tree that it belongs to. */
const styleAsText = {
  name: "style-as-text",
  setup(build) {
    build.onLoad({ filter: /follow-button\.css$/ }, async ({ path: file }) => ({
      contents: (await esbuild.transform(await readFile(file, "utf8"), { loader: "css", minify: true, target: OLDEST })).code.trim(),
      loader: "text",
    }));
  },
};

/** Entries in `static/src/` beside the first page's. */
const PAGES = ["activity", "apps", "devices", "docs", "embed-follow", "following", "people", "person", "proofs", "try"];

/** What the original SDK keeps its keys in, where an origin may keep nothing: memory. */
const memoryForDatabase = {
  name: "memory-for-database",
  setup(build) {
    build.onResolve({ filter: /^idb$/ }, () => ({ path: path.join(here, "src/program/idb.ts") }));
  },
};

/** One file under a URL that stays, as a classic script or as a module. It goes without a source map: it has no URL beside it. */
const buildAlone = (name, entry, format, out = ".js", licence = "") =>
  esbuild.build({
    absWorkingDir: root,
    preserveSymlinks: true,
    entryPoints: { [name]: `static/src/${entry}` },
    outdir: "static/dist",
    entryNames: "[name]-[hash]",
    outExtension: { ".js": out },
    bundle: true,
    format,
    target: OLDEST,
    charset: "utf8",
    minify: true,
    metafile: true,
    write: false,
    logLevel: "warning",
    plugins: [styleAsText, memoryForDatabase],
    ...(licence === "" ? {} : { banner: { js: `/*!\n${licence}*/` } }),
  });

/** Pages are built apart from each other, so that none of them loads a piece for the sake of another. */
const build = (entryPoints) =>
  esbuild.build({
    absWorkingDir: root,
    preserveSymlinks: true, // names and hashes come from paths below root, wherever node_modules really is
    entryPoints,
    outdir: "static/dist",
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: OLDEST,
    charset: "utf8",
    minify: true,
    sourcemap: "linked",
    sourcesContent: true,
    metafile: true,
    write: false,
    legalComments: "linked",
    loader: { ".woff2": "file", ".svg": "copy" },
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
    plugins: [seals, ownLetters],
  });

const { outputFiles, metafile } = await build({
  page: "static/src/page.ts",
  styles: "static/css/page.css",
  noscript: "static/css/noscript.css",
  favicon: "static/images/favicon.svg",
});
const others = [];
for (const name of PAGES) others.push(await build({ [name]: `static/src/${name}.ts` }));
const { outputFiles: graphiqlFiles } = await build({ graphiql: "static/src/graphiql.ts" });

const buttons = [await buildAlone("follow-button", "follow-button.ts", "iife"), await buildAlone("follow-button", "follow-button-module.ts", "esm", ".mjs")];

/** What the frame of `/docs/try` loads: the frame's own script, the worker's, and the packages that a program may import. */
const tried = [await buildAlone("try-frame", "try-frame.ts", "iife")];
tried.push(await buildAlone("try-worker", "try-worker.ts", "esm"));
for (const [name, of] of [["try-viem-accounts", "viem"], ["try-cyberconnect-v2", "@cyberlab/cyberconnect-v2"]]) {
  const licence = await readFile(path.join(root, "node_modules", of, "LICENSE"), "utf8");
  tried.push(await buildAlone(name, `${name}.ts`, "esm", ".js", licence));
}

const built = [...others, ...buttons, ...tried];
const emitted = new Map([...outputFiles, ...built.flatMap((other) => other.outputFiles), ...graphiqlFiles].map((file) => [path.relative(dist, file.path), file.contents]));
emitted.set("follow-button.d.ts", await readFile(path.join(here, "src/embed/follow-button.d.ts"), "utf8"));
const manifest = {};
const notShipped = /\.(map|LEGAL\.txt)$/;
for (const name of [...emitted.keys()].sort()) {
  if (notShipped.test(name) || name.startsWith("chunk-")) continue;
  manifest[name.replace(/-[A-Z0-9]{8}(?=\.)/, "").replace(/^styles\./, "page.")] = name;
}
emitted.set("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);

/** The wallets that the test kit puts into pages: no part of the site, shipped beside the Python that answers for them. */
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ["countersign/testing/wallet.ts"],
  outfile: "countersign/testing/wallet.js",
  bundle: true,
  format: "iife",
  target: OLDEST,
  charset: "utf8",
  logLevel: "warning",
});

await mkdir(dist, { recursive: true });
for (const [name, contents] of emitted) await writeFile(path.join(dist, name), contents);
for (const name of await readdir(dist)) if (!emitted.has(name)) await rm(path.join(dist, name), { recursive: true });

const outputs = Object.assign({}, metafile.outputs, ...others.map((other) => other.metafile.outputs));

/** Every script that must arrive before `name` can run. */
function statically(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const found of outputs[`static/dist/${name}`]?.imports ?? []) {
    if (found.kind === "import-statement") statically(path.basename(found.path), seen);
  }
  return seen;
}

/** Tells how much `name` comes to, and has the build fail where that is too much. */
function weigh(name, total, budget) {
  console.log(`${name}: ${total} B of compressed script, ${budget} allowed.`);
  if (total <= budget) return;
  console.error(`The script of ${name} is ${total - budget} B over its budget.`);
  process.exitCode = 1;
}

const zipped = (name) => gzipSync(emitted.get(name), { level: 9 }).length;
for (const entry of ["page", ...PAGES]) {
  const total = [...statically(manifest[`${entry}.js`])].reduce((sum, name) => sum + zipped(name), 0);
  weigh(entry, total, BUDGET);
}
for (const name of ["follow-button.js", "follow-button.mjs"]) weigh(name, zipped(manifest[name]), BUTTON_BUDGET);
