"""A database of a test's own, a clock that stands still, and servers as they are by default.

There is one server of each kind for all tests of a worker that set and count nothing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.test_cli import METRICS_TOKEN, Serving, serving
from tests.gateway.conftest import add_profile
from tests.support.databases import migrated
from tests.support.figures import figure, pytest_terminal_summary
from tests.support.minutes import frozen
from tests.support.people import Ticker, Wallet
from webapp.storage.database import Database

__all__ = ["figure", "frozen", "pytest_terminal_summary"]  # fixtures and hooks, found here by pytest


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """With every table and not a row."""
    database = migrated(tmp_path / "gateway.sqlite3")
    yield database
    database.close()


@pytest.fixture
def shiyu(database: Database) -> None:
    """A profile to follow."""
    add_profile(database, "shiyu", Wallet("owner of shiyu").address, 1)


@pytest.fixture
def clock() -> Ticker:
    return Ticker()


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
