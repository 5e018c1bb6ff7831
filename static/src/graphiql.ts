// GraphiQL on the gateway's own endpoint: what a browser sees at /graphql.
import "graphiql/style.css";
import "../css/graphiql.css";

import { useEditorContext, type GraphiQLPlugin } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createElement, type ReactElement, useEffect, useRef } from "react";
import { createRoot } from "react-dom/client";

import { EXAMPLES, type Example } from "./explorer/examples.ts";
import { awake } from "./ui/awake.ts";
import { find } from "./ui/dom.ts";
import { mountTheme } from "./ui/theme.ts";

const FIRST_QUERY = `# The gateway of this site. Documentation is behind the book on the left.
query Shiyu {
  profileByHandle(handle: "shiyu") {
    handle
    followerCount
    followers(first: 3) {
      edges {
        node {
          address
          proof {
            content
            digest
          }
        }
      }
    }
  }
}
`;

/** As wide as the list of examples leaves room for question and answer beside it. */
const WIDE = "(min-width: 62em)";

const STATUS = /^[A-Z_]+$/;

async function ask(query: string): Promise<unknown> {
  const reply = await fetch(location.pathname, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) });
  return ((await reply.json()) as { data: unknown }).data;
}

/** The list, in the place where GraphiQL shows its documentation. An example opens in a tab of its own; nothing is sent yet. */
function ExampleList(): ReactElement {
  const editor = useEditorContext({ nonNull: true });
  const opened = useRef<{ query: string; filled: string } | null>(null);
  const open = async ({ query, variables }: Example): Promise<void> => {
    const filled = variables === undefined ? "" : JSON.stringify(await variables(ask, Date.now), null, 2);
    opened.current = { query, filled };
    editor.addTab();
  };
  // A new tab empties the editors whenever React comes to it, and they are loaded later than this list.
  const { queryEditor, variableEditor } = editor;
  useEffect(() => {
    if (opened.current === null || queryEditor === null || variableEditor === null) return;
    queryEditor.setValue(opened.current.query);
    variableEditor.setValue(opened.current.filled);
    if (opened.current.filled !== "") place.querySelector<HTMLButtonElement>('[aria-label="Show editor tools"]')?.click();
    opened.current = null;
    if (!matchMedia(WIDE).matches) place.querySelector<HTMLButtonElement>(`[aria-label="Hide ${examples.title}"]`)?.click();
  }, [editor.tabs.length, queryEditor, variableEditor]);
  const row = (example: Example): ReactElement =>
    createElement(
      "li",
      { key: example.name },
      createElement("button", { type: "button", onClick: () => void open(example) }, createElement("b", STATUS.test(example.name) ? { className: "mono" } : null, example.name), createElement("small", null, example.words)),
    );
  return createElement("section", { className: "examples", "aria-label": "Examples" }, createElement("h2", null, "Examples"), createElement("p", null, "Each opens in a tab of its own, ready to run."), createElement("ul", null, ...EXAMPLES.map(row)));
}

const examples: GraphiQLPlugin = {
  title: "Examples",
  icon: () =>
    createElement("svg", { viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", strokeWidth: 1.4, strokeLinecap: "round", strokeLinejoin: "round" }, createElement("path", { d: "M6 4h8M6 8h8M6 12h8M2.4 4h.1M2.4 8h.1M2.4 12h.1" })),
  content: ExampleList,
};

awake(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
const place = find(document, "#graphiql", HTMLElement);
// Its editors type into fields without a name; each gets that of the section around it.
new MutationObserver(() => {
  for (const field of place.querySelectorAll("textarea:not([aria-label])")) {
    field.setAttribute("aria-label", field.closest("section[aria-label]")?.getAttribute("aria-label") ?? "Editor");
  }
}).observe(place, { childList: true, subtree: true });
// The list is open where it has room. GraphiQL takes a `visiblePlugin`, but draws it outside of the window; its button works.
const opener = new MutationObserver(() => {
  const show = place.querySelector<HTMLButtonElement>(`[aria-label="Show ${examples.title}"]`);
  if (show === null) return;
  opener.disconnect();
  if (matchMedia(WIDE).matches) show.click();
});
opener.observe(place, { childList: true, subtree: true });
createRoot(place).render(
  createElement(GraphiQL, {
    fetcher: createGraphiQLFetcher({ url: location.pathname }),
    defaultQuery: FIRST_QUERY,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    plugins: [examples],
    forcedTheme: "system", // the colours are ours, and so is the button that changes them
  }),
);
