"""What each command says about a PostgreSQL that cannot be used: one line, exit code 2, and no password."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache, partial
from pathlib import Path

import psycopg
import pytest

from tests.support import refusals
from tests.support.ports import free_port
from tests.support.postgresql import PASSWORD, Server
from tests.support.postgresql_databases import fresh_database, shared, template, with_parameters
from webapp.settings.environment import VARIABLES
from webapp.storage import postgresql
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
MAKING = (("run",), ("gateway",), ("migrate",))
USING = (("export", ADDRESS), ("api-key", "list"), ("rebuild", "--check"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, *(name for name in os.environ if name.startswith("PG"))):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(os.environ, "PORT", str(free_port()))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def replica() -> Iterator[Server]:
    with Server() as primary:
        replica = primary.replicate()
        yield replica
        replica.close()


def with_tables(url: str) -> None:
    with closing(Database.open(url)) as database:
        upgrade(database)


def from_the_future(url: str) -> None:
    with_tables(url)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def prepared(prepare: Callable[[str], None], **parameters: str) -> str:
    """The URL of a database that was prepared, and lasts as long as the tests."""
    return with_parameters(_prepared(prepare), **parameters)


@cache
def _prepared(prepare: Callable[[str], None]) -> str:
    return fresh_database(template(prepare))


FAULTS: dict[str, tuple[Callable[[], str], str]] = {
    "an unknown parameter": (lambda: f"postgresql://u:{PASSWORD}@db/x?nonsense=1", "postgresql://[USER"),
    "a wrong password": (
        lambda: shared().tcp_url().replace(PASSWORD, "wr0ng"),
        "password authentication failed",
    ),
    "nobody there": (lambda: f"postgresql://u:{PASSWORD}@127.0.0.1:{free_port()}/x", "refused"),
    "no such database": (lambda: shared().tcp_url("nothing"), 'database "nothing" does not exist'),
    "a newer version's": (partial(prepared, from_the_future), "revision 9999"),
    "read-only": (
        partial(prepared, with_tables, options="-cdefault_transaction_read_only=on"),
        "READ_ONLY: expected default_transaction_read_only = off",
    ),
    "forgetful": (
        partial(prepared, with_tables, options="-csynchronous_commit=off"),
        "NOT_DURABLE: expected synchronous_commit to be on",
    ),
}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """And without a password, right or wrong."""
    line = refusals.refused(capsys, *arguments)
    assert PASSWORD not in line
    assert "wr0ng" not in line
    return line


@pytest.mark.parametrize("command", MAKING + USING, ids=" ".join)
def test_a_server_that_cannot_be_used_is_one_line_and_2(
    command: tuple[str, ...],
    replica: Server,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replicas = {"a replica": (replica.tcp_url, "READ_ONLY: expected a primary server, not a replica")}
    for name, (url, expected) in (FAULTS | replicas).items():
        monkeypatch.setitem(os.environ, "DATABASE_URL", url())
        assert expected in refused(capsys, *command), name
    monkeypatch.setitem(os.environ, "DATABASE_URL", prepared(with_tables))
    monkeypatch.setattr(postgresql, "OLDEST", 17)
    assert "VERSION: expected PostgreSQL 17 or newer, not 16" in refused(capsys, *command)


@pytest.mark.parametrize("command", MAKING, ids=" ".join)
def test_somebody_elses_database_is_refused(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shared().ask("SELECT 1 FROM pg_database WHERE datname = 'elses'"):
        shared().ask("CREATE DATABASE elses")
    monkeypatch.setitem(os.environ, "DATABASE_URL", shared().tcp_url("elses"))
    assert "permission denied" in refused(capsys, *command)


@pytest.mark.parametrize("command", USING, ids=" ".join)
def test_an_empty_database_is_left_empty(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "DATABASE_URL", url := fresh_database())
    assert "`countersign migrate` makes them so" in refused(capsys, *command)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,)
