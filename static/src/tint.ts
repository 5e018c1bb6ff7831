// Bytes with syntax: the exact text, cut into coloured runs, nothing added and nothing left out.

import { el } from "./dom.ts";
import type { Part } from "./types.ts";

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** Keys stay pale; what begins with 0x is violet, the handle blue, other strings green. */
function ink(token: string, isKey: boolean, key: string): string {
  if (isKey) return "ink-key";
  if (token.startsWith('"0x')) return "ink-wallet";
  return key === '"handle"' ? "ink-gateway" : "ink-device";
}

/** The nodes that show `text`; their text content joined is `text`, byte for byte. */
export function tinted(text: string, kind: Part["kind"]): (Node | string)[] {
  if (kind !== "json") return [text];
  const nodes: (Node | string)[] = [];
  let from = 0;
  let key = "";
  for (const match of text.matchAll(TOKEN)) {
    const colon = match[1] ?? "";
    const token = match[0].slice(0, match[0].length - colon.length);
    if (match.index > from) nodes.push(text.slice(from, match.index));
    nodes.push(el("span", { class: ink(token, colon !== "", key) }, token));
    if (colon !== "") {
      nodes.push(colon);
      key = token;
    }
    from = match.index + match[0].length;
  }
  nodes.push(text.slice(from));
  return nodes;
}
