"""Documents as the published guides have them and as clients written after them send them, with variables."""

import re
from typing import Any

from tests.support.places import ROOT
from tests.support.protocol.vectors import load

GUIDES: dict[str, tuple[str, dict[str, Any]]] = {
    row["title"]: ("\n".join(row["document"]), row["variables"]) for row in load("guides.json")
}
SDK_SOURCES = {
    "alpha.21": "@cyberlab/cyberconnect-v2/src/queries.ts",
    "alpha.16": "cyberconnect-v2-alpha16/src/queries.ts",
}


def sdk_document(source: str, operation: str) -> str:
    """The document of an operation, cut out of the SDK's own source."""
    text = (ROOT / "node_modules" / source).read_text()
    found = re.search(rf"operationName: '{operation}',\s*query: `([^`]*)`", text)
    assert found is not None
    return found[1]
