"""Reading `tests/vectors/*.json`, which Python and TypeScript share."""

import json
from typing import Any

from tests.support.places import ROOT

_DIRECTORY = ROOT / "tests" / "vectors"


def load(name: str) -> Any:
    return json.loads((_DIRECTORY / name).read_text(encoding="utf-8"))


def titled(case: dict[str, Any]) -> str:
    """A test's name for a case of vectors: pytest escapes what is not ASCII."""
    return str(case.get("name", case.get("text")))
