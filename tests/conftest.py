"""A gateway on a database of a test's own with two profiles, a clock that stands still, and servers.

There is one server of each kind for all tests of a worker that set and count nothing.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import ON_POSTGRESQL, add_profile, done_with, migrated
from tests.support.figures import figure, pytest_terminal_summary
from tests.support.minutes import frozen
from tests.support.once import do_once
from tests.support.parts import arrange_in_parts
from tests.support.people import Client, Person, Ticker, Wallet
from tests.support.serving import METRICS_TOKEN, Serving, serving
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.storage.database import Database

__all__ = ["figure", "frozen", "pytest_terminal_summary"]  # found here by pytest


def pytest_configure() -> None:
    do_once()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is about SQLite's file, where tests run on PostgreSQL; elsewhere one worker is enough to
    start a PostgreSQL.
    """
    for item in items:
        if ON_POSTGRESQL and item.get_closest_marker("sqlite"):
            item.add_marker(pytest.mark.skip(reason="about SQLite's file, its log or its settings"))
        if not ON_POSTGRESQL and item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.together("postgresql"))
    arrange_in_parts(items)


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays: to look for garbage in it takes a tenth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """With every table, and two profiles to follow."""
    database = migrated(tmp_path / "gateway.sqlite3")
    for number, handle in enumerate(("shiyu", "cyberconnect"), start=1):
        add_profile(database, handle, Wallet(f"owner of {handle}").address, number)
    yield database
    done_with(database)


@pytest.fixture
def clock() -> Ticker:
    return Ticker()


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig()


@pytest.fixture
def client(database: Database, config: GatewayConfig, clock: Ticker) -> Iterator[Client]:
    gateway = create_gateway(database, config, clock)
    yield Client(gateway, clock)
    gateway.close()


@pytest.fixture
def alice(client: Client) -> Person:
    """Somebody whose phone is registered."""
    person = Person("alice")
    assert client.register(person) == "SUCCESS"
    return person


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
