"""Servers as they are by default, one of each for all tests of a worker that set and count nothing."""

from collections.abc import Iterator

import pytest

from tests.figures import figure, pytest_terminal_summary
from tests.minutes import frozen
from tests.test_cli import METRICS_TOKEN, Serving, serving

__all__ = ["figure", "frozen", "pytest_terminal_summary"]  # fixtures and hooks, found here by pytest


@pytest.fixture(scope="session")
def open_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """`countersign gateway`."""
    folder = tmp_path_factory.mktemp("gateway")
    with serving("gateway", cwd=folder, METRICS_TOKEN=METRICS_TOKEN) as server:
        yield server


@pytest.fixture(scope="session")
def site_without_upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """`countersign run` in front of a gateway that nobody runs."""
    with serving(
        "run", cwd=tmp_path_factory.mktemp("site"), UPSTREAM_URL="http://127.0.0.1:9/graphql"
    ) as server:
        yield server
