"""The gateway passes the audit suite of the GraphQL over HTTP specification (npm `graphql-http`).

Every MUST holds. A SHOULD or MAY that does not is in `DEPARTURES`, with the reason. A real socket is asked.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import node
from tests.support.serving import Serving

AUDIT = Path(__file__).with_name("audit.mjs")

DEPARTURES: dict[str, str] = {}
"""Audit names that begin with SHOULD or MAY and do not hold, with why."""


@pytest.fixture(scope="module")
def results(open_gateway: Serving) -> list[dict[str, Any]]:
    done = subprocess.run(
        [node(), str(AUDIT), str(open_gateway.client.base_url.join("/graphql"))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_every_must_holds(results: list[dict[str, Any]]) -> None:
    musts = [row for row in results if row["name"].startswith("MUST")]
    assert len(musts) >= 13, "the suite asks for at least as many"
    assert [row for row in musts if row["status"] != "ok"] == []


def test_what_else_does_not_hold_is_listed_with_a_reason(results: list[dict[str, Any]]) -> None:
    others = {row["name"] for row in results if row["status"] != "ok" and not row["name"].startswith("MUST")}
    assert others == set(DEPARTURES), [row for row in results if row["name"] in others]
