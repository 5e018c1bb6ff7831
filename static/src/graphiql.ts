// GraphiQL on the gateway's own endpoint: what a browser sees at /graphql.
import "graphiql/style.css";
import "../css/graphiql.css";

import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

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

const place = document.querySelector("#graphiql");
if (place === null) throw new Error("expected an element #graphiql");
createRoot(place).render(
  createElement(GraphiQL, {
    fetcher: createGraphiQLFetcher({ url: location.pathname }),
    defaultQuery: FIRST_QUERY,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
  }),
);
