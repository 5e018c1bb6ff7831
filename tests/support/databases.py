"""Database files with their tables: migrated once a process, copied for each test; and disks that fail."""

import functools
import os
import resource
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, FromClause, event, func, insert, select

from tests.support.postgresql_databases import fresh_database, template
from webapp.gateway.tables import profiles
from webapp.storage.database import BUSY_TIMEOUT_MS, Database
from webapp.storage.migrate import upgrade
from webapp.storage.sqlite import SqliteDatabase

ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"
"""Whether tests that name no database of their own run on PostgreSQL."""


def migrated(path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Database:
    """A new database with every table and not a row, opened: a file at `path`, or one of PostgreSQL's."""
    if ON_POSTGRESQL:
        return on_postgresql(busy_timeout_ms=busy_timeout_ms)
    return migrated_file(path, busy_timeout_ms=busy_timeout_ms)


def migrated_file(path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Database:
    """The same as a file."""
    path.write_bytes(_empty())
    return Database.open(f"sqlite:///{path}", busy_timeout_ms=busy_timeout_ms)


def on_postgresql(*, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Database:
    """The same as one of PostgreSQL's."""
    return Database.open(fresh_database(template(_prepare)), busy_timeout_ms=busy_timeout_ms)


def _prepare(url: str) -> None:
    with closing(Database.open(url)) as database:
        upgrade(database)


def count(database: Database, table: FromClause, *where: ColumnElement[bool]) -> int:
    """How many rows there are."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


@functools.cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        database = Database.open(f"sqlite:///{path}")
        upgrade(database)
        database.close()
        return path.read_bytes()


class FailingCommits:
    """While it is armed, every COMMIT of a writer fails, as it does when the disk does: kept, or not kept.

    Nobody is told which. It stands where the driver's connection is, under all of our code.
    """

    def __init__(self, database: Database) -> None:
        """Stand under every connection of a database that nobody has used yet."""
        assert isinstance(database, SqliteDatabase)
        self.armed = False
        self.kept = False
        self.readers_too = False
        self.code, self.name, self.text = sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC", "disk I/O error"
        disk = self

        class OnThatDisk(sqlite3.Connection):
            begun = ""

            def execute(self, statement: str, *given: Any) -> sqlite3.Cursor:
                self.begun = statement if statement.startswith("BEGIN") else self.begun
                return super().execute(statement, *given)

            def commit(self) -> None:
                if disk.armed and (disk.readers_too or self.begun == "BEGIN IMMEDIATE"):
                    if disk.kept:
                        super().commit()
                    raise disk.error()
                super().commit()

        @event.listens_for(database._engine, "do_connect")
        def connect(_dialect: object, _record: object, _given: object, named: dict[str, Any]) -> None:
            named["factory"] = OnThatDisk

    def error(self) -> sqlite3.OperationalError:
        """What SQLite's driver raises."""
        error = sqlite3.OperationalError(self.text)
        error.sqlite_errorcode, error.sqlite_errorname = self.code, self.name
        return error


@contextmanager
def no_room() -> Iterator[None]:
    """Files of this process may not grow: not even by one byte."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, previous)


def add_profile(database: Database, handle: str, owner: str, number: int) -> None:
    with database.write() as connection:
        connection.execute(
            insert(profiles),
            {
                "handle": handle,
                "profile_id": number,
                "owner_address": owner,
                "display_name": handle.title(),
                "bio": "",
                "avatar": "",
                "metadata_location": "",
                "is_primary": True,
                "created_at": 0,
            },
        )
