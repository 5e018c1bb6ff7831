// GraphiQL on the gateway's own endpoint: what a browser sees at /graphql.
import "graphiql/style.css";
import "../css/graphiql.css";

import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

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

awake(document);
mountTheme(find(document, "#theme", HTMLButtonElement));
const place = find(document, "#graphiql", HTMLElement);
// Its editors type into fields without a name; each gets that of the section around it.
new MutationObserver(() => {
  for (const field of place.querySelectorAll("textarea:not([aria-label])")) {
    field.setAttribute("aria-label", field.closest("section[aria-label]")?.getAttribute("aria-label") ?? "Editor");
  }
}).observe(place, { childList: true, subtree: true });
createRoot(place).render(
  createElement(GraphiQL, {
    fetcher: createGraphiQLFetcher({ url: location.pathname }),
    defaultQuery: FIRST_QUERY,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    forcedTheme: "system", // the colours are ours, and so is the button that changes them
  }),
);
