"""Migrations: from nothing to the newest revision, at once or not at all, whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from tests.support.databases import ON_POSTGRESQL, new_url
from webapp.applications import tables as application_tables
from webapp.gateway import tables as gateway_tables
from webapp.siwe import tables as siwe_tables
from webapp.storage import migrate
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseUnavailable
from webapp.storage.migrate import MIGRATIONS, alembic_config, is_current, revisions, upgrade
from webapp.web.sessions import tables as web_tables

OF_POSTGRESQL = {"ix_key_operations_place", "place"}
"""What the sequencer needs of a table, and SQLite has no need of."""
ROOMS = (application_tables, gateway_tables, siwe_tables, web_tables)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_url(tmp_path / "x.sqlite3")


def test_from_nothing(url: str) -> None:
    database = Database.open(url)
    assert not is_current(database)
    upgrade(database)
    assert is_current(database)
    upgrade(database)
    database.close()


# Indexes of expressions are not compared: reads that need them are seen to use them.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
@pytest.mark.parametrize("metadata", [tables.metadata for tables in ROOMS])
def test_the_tables_are_what_the_queries_expect(url: str, metadata: MetaData) -> None:
    """The revisions and the rooms' `tables.py` describe the same tables, columns, keys and indexes."""
    database = Database.open(url)
    upgrade(database)
    ours = set(metadata.tables)
    with database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name in ours,
            },
        )
        different = compare_metadata(context, metadata)
        if ON_POSTGRESQL:  # whose words for an expression are not ours: such indexes are told by their names
            missing, extra = (
                {each[1].name for each in different if each[0] == kind}
                for kind in ("add_index", "remove_index")
            )
            assert extra - OF_POSTGRESQL == missing
            different = [each for each in different if each[0] not in {"add_index", "remove_index"}]
            if different and different[0][0] == "remove_column":
                assert different.pop(0)[3].name in OF_POSTGRESQL
        assert different == []
    database.close()


@pytest.mark.parametrize("_", range(10))
def test_several_at_once(url: str, _: int) -> None:
    """Processes that start together: each finds the tables there when it goes on."""
    databases = [Database.open(url, busy_timeout_ms=20_000) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, databases))
    assert all(is_current(database) for database in databases)
    for database in databases:
        database.close()


def test_down_and_up_again(url: str) -> None:
    database = Database.open(url)
    upgrade(database)
    with database.write() as connection:
        config = alembic_config(connection)
        command.downgrade(config, "base")
    assert not is_current(database)
    with database.read() as connection:
        everything = "SELECT name FROM sqlite_schema"
        if ON_POSTGRESQL:
            everything = (
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            )
        left = connection.exec_driver_sql(everything).scalars()
        assert [name for name in left if "alembic" not in name] == []
    upgrade(database)
    database.close()


@pytest.mark.sqlite
def test_t73_who_asked_for_logins_is_overwritten(url: str, tmp_path: Path) -> None:
    """Before 0008 a login that nobody answered kept a network address beside a wallet's."""
    database = Database.open(url)
    with database.write() as connection:
        command.upgrade(alembic_config(connection), "0006")
        connection.exec_driver_sql(
            "INSERT INTO api_logins VALUES (?, 'a.example', '0xA', 1, 'text', 1, 2, 'client 203.0.113.7')",
            [(str(number),) for number in range(1_000)],
        )
    database.close()
    assert b"203.0.113.7" in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    database = Database.open(url)
    upgrade(database)
    database.close()
    assert b"203.0.113.7" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_sessions_from_before_stay_and_are_of_a_browser_that_nobody_noted(url: str) -> None:
    """Before 0012 a session had no browser, and was last seen when it began as far as anybody knows."""
    database = Database.open(url)
    with database.write() as connection:
        command.upgrade(alembic_config(connection), "0008")
        connection.exec_driver_sql("INSERT INTO web_sessions VALUES ('digest', '0xA', true, 5, 9)")
    upgrade(database)
    with database.read() as connection:
        kept = connection.exec_driver_sql(
            "SELECT session_digest, address, active, signed_in_at, expires_at, browser, seen_at"
            " FROM web_sessions"
        ).all()
    assert kept == [("digest", "0xA", 1, 5, 9, "A browser", 5)]
    database.close()


def test_a_busy_database_is_not_half_migrated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "PATIENCE_S", 0.1)
    database, other = Database.open(url, busy_timeout_ms=50), Database.open(url)
    with other.write(locks={"migrations": True}), pytest.raises(DatabaseUnavailable):
        upgrade(database)
    assert not is_current(database)
    upgrade(database)
    database.close()
    other.close()


def test_the_files_names_tell_the_revisions_as_alembic_does() -> None:
    """Whether tables are current is told without Alembic, which takes a third of a second to import."""
    ours = ScriptDirectory(str(MIGRATIONS))
    assert revisions() == [script.revision for script in reversed(list(ours.walk_revisions()))]
    assert ours.get_heads() == [revisions()[-1]]
