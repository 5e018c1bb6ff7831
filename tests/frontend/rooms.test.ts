// The rooms of static/src: which of them may import which, and which of them draw.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const SOURCES = path.join(import.meta.dirname, "../../static/src");
const TESTS = import.meta.dirname;

/** Read downwards: a room imports rooms above it, never below. A room of values hands back what a room that draws shows. */
const ROOMS: readonly (readonly [room: string, kind: "values" | "draws", imports: string])[] = [
  ["protocol", "values", ""],
  ["text", "values", ""],
  ["api", "values", "protocol"],
  ["browser", "values", "api"],
  ["proofs", "values", "protocol browser"],
  ["wallet", "values", "protocol text api browser"],
  ["state", "values", "protocol text api browser wallet"],
  ["follow", "values", "protocol api browser wallet state"],
  ["lists", "values", "protocol api browser state"],
  ["account", "values", "protocol text api browser wallet state follow"],
  ["record", "values", "api state"],
  ["lesson", "values", "protocol api browser proofs wallet state"],
  ["program", "values", ""],
  ["ui", "draws", ""],
  ["inspector", "draws", "text api state record ui"],
  ["page", "draws", "protocol text api wallet state follow account ui"],
  ["lab", "draws", "protocol text api proofs state record lesson ui"],
  ["trying", "draws", "text record program ui"],
  ["note", "draws", "protocol text state proofs ui"],
  ["following", "draws", "text protocol api lists state account ui page"],
  ["people", "draws", "protocol text api state follow account ui page"],
  ["devices", "draws", "protocol text api state follow account ui page"],
  ["applications", "draws", "protocol text api browser state account ui page"],
  ["activity", "draws", "protocol api browser state follow account ui devices"],
  ["explorer", "values", ""],
  ["embed", "draws", ""],
  ["asked", "draws", "text state account ui page embed"],
];
/** Beside the rooms: the entry of each page, the wiring of what the browser gives, and types for the compiler. */
const ENTRIES = ["activity.ts", "apps.ts", "browser-parts.ts", "devices.ts", "docs.ts", "embed-follow.ts", "follow-button-module.ts", "follow-button.ts", "following.ts", "graphiql.ts", "open-account.ts", "page.ts", "people.ts", "person.ts", "proofs.ts", "styles.d.ts", "try-cyberconnect-v2.ts", "try-frame.ts", "try-viem-accounts.ts", "try-worker.ts", "try.ts"];

/** What only a room that draws, or an entry, may name. */
const DRAWING = /(?<![.\w])(?:(?:document|window|Document|Element|Node|(?:HTML|SVG)\w*Element)\b|(?:navigator|location|history)\.)/;
/** What the rules that Python shares may not name either: they have neither network nor clock, nor chance of their own. */
const OUTSIDE = /(?<![.\w])(?:fetch|performance|setTimeout|setInterval|indexedDB|localStorage|sessionStorage|Date|Math\.random)\b/;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).map((name) => name.replaceAll(path.sep, "/")).sort();
}

const sources = new Map(filesIn(SOURCES).map((name) => [name, readFileSync(path.join(SOURCES, name), "utf8")]));
const tests = new Map(filesIn(TESTS).map((name) => [name, readFileSync(path.join(TESTS, name), "utf8")]));

const roomOf = (name: string): string => (name.includes("/") ? name.slice(0, name.indexOf("/")) : "");
const importsOf = (name: string, text: string): string[] =>
  [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*"(\.[^"]+)"/gm)].map(([, to = ""]) => path.posix.join(path.posix.dirname(name), to));
/** Without comments and quoted text, which may speak of anything. */
const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "");

test("every source is an entry, or stands in a room of the table", () => {
  const rooms = new Set([...sources.keys()].map(roomOf).filter((room) => room !== ""));
  assert.deepEqual([...rooms].sort(), ROOMS.map(([room]) => room).sort());
  assert.deepEqual([...sources.keys()].filter((name) => roomOf(name) === ""), ENTRIES);
});

test("the documentation tells of the same rooms, in the same order, and where to begin", () => {
  const page = readFileSync(path.join(SOURCES, "../../docs/architecture.md"), "utf8");
  const section = /^## The page's rooms\n([\s\S]*?)^## /m.exec(page)?.[1] ?? "";
  const rows = [...section.matchAll(/^\| `(\w+)\/` \| (\*Draws)?.* \| (.+) \|$/gm)];
  assert.deepEqual(rows.map(([, room, draws]) => [room, draws === undefined ? "values" : "draws"]), ROOMS.map(([room, kind]) => [room, kind]));
  for (const [, room = "", , begin = ""] of rows) {
    for (const [, name = ""] of begin.matchAll(/`([\w-]+\.ts)`/g)) assert.ok(sources.has(`${room}/${name}`), `${room}/${name}`);
  }
});

test("a room imports the rooms that the table gives it, all of which stand above it, and no entry", () => {
  for (const [place, [room, , allowed]] of ROOMS.entries()) {
    const above = ROOMS.slice(0, place).map(([name]) => name);
    const imported = new Set<string>();
    for (const [name, text] of sources) {
      if (roomOf(name) !== room) continue;
      for (const to of importsOf(name, text)) {
        assert.ok(sources.has(to), `${name} imports ${to}, which is not there`);
        assert.notEqual(roomOf(to), "", `${name} imports the entry ${to}`);
        if (roomOf(to) !== room) imported.add(roomOf(to));
      }
    }
    assert.deepEqual([...imported].sort(), allowed.split(" ").filter((name) => name !== "").sort(), `what ${room}/ imports`);
    for (const name of imported) assert.ok(above.includes(name), `${room}/ imports ${name}/, which stands below it`);
  }
});

test("no module imports itself, by whatever way", () => {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    assert.ok(!way.includes(name), [...way, name].join(" -> "));
    if (done.has(name)) return;
    for (const to of importsOf(name, sources.get(name) ?? "")) visit(to, [...way, name]);
    done.add(name);
  };
  for (const name of sources.keys()) if (!name.endsWith(".d.ts")) visit(name, []);
});

test("modules that return values name nothing to draw with, and import no module that draws", () => {
  const drawing = ROOMS.filter(([, kind]) => kind === "draws").map(([room]) => room);
  for (const [room, kind, allowed] of ROOMS) {
    if (kind === "draws") continue;
    assert.deepEqual(allowed.split(" ").filter((name) => drawing.includes(name)), [], room);
    for (const [name, text] of sources) {
      if (roomOf(name) === room) assert.equal(DRAWING.exec(codeOf(text))?.[0], undefined, name);
    }
  }
});

test("the protocol's rules reach nothing outside", () => {
  for (const [name, text] of sources) if (roomOf(name) === "protocol") assert.equal(OUTSIDE.exec(codeOf(text))?.[0], undefined, name);
});

test("what a module exports, another module or a test imports", () => {
  const build = ["build.mjs", readFileSync(path.join(SOURCES, "../build.mjs"), "utf8")] as const;
  const everything = [...sources, ...tests, build].map(([name, text]) => [name, codeOf(text)] as const);
  for (const [name, text] of sources) {
    for (const [, exported = ""] of text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)) {
      const word = new RegExp(`\\b${exported}\\b`);
      assert.ok(everything.some(([other, used]) => other !== name && word.test(used)), `${name} exports ${exported} to nobody`);
    }
  }
});

test("tests stand in the room of the module that their name begins with, and no test imports a test", () => {
  for (const [name, text] of tests) {
    const [, room = "", module = ""] = /^(?:(\w+)\/)?(.+?)(?:\.test)?\.ts$/.exec(name) ?? [];
    assert.deepEqual(importsOf(name, text).filter((to) => to.endsWith(".test.ts")), [], name);
    if (room === "" || room === "support") continue;
    assert.ok([...sources.keys()].some((source) => roomOf(source) === room && module.startsWith(path.basename(source, ".ts"))), name);
  }
});
