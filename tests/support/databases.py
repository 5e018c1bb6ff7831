"""Databases with their tables, migrated once a process and copied for each test; and disks that fail.

Where the environment has TEST_DATABASE=postgresql they are PostgreSQL's, and files of SQLite elsewhere.
"""

import functools
import os
import resource
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import ColumnElement, Connection, FromClause, Table, event, func, insert, inspect, select

from tests.support.postgresql_databases import fresh_database, give_back, template
from webapp.gateway.config import GatewayConfig
from webapp.gateway.demo import seed_demo
from webapp.gateway.tables import profiles
from webapp.protocol.clock import Clock
from webapp.server.process.system_clock import system_clock
from webapp.storage.database import BUSY_TIMEOUT_MS, Database
from webapp.storage.migrate import upgrade
from webapp.storage.postgresql import PostgresqlConnection, PostgresqlDatabase
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
    path.write_bytes(_prepared(_migrate))
    return Database.open(f"sqlite:///{path}", busy_timeout_ms=busy_timeout_ms)


def on_postgresql(*, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Database:
    """The same as one of PostgreSQL's."""
    return Database.open(fresh_database(template(_migrate)), busy_timeout_ms=busy_timeout_ms)


def copied(prepare: Callable[[str], None], path: Path) -> str:
    """The URL of a copy of what `prepare` makes of a new database, once a process."""
    if ON_POSTGRESQL:
        return fresh_database(template(prepare))
    path.write_bytes(_prepared(prepare))
    return f"sqlite:///{path}"


def new_url(path: Path) -> str:
    """The URL of a database that is empty: of a file that is not there yet, or of one of PostgreSQL's."""
    return fresh_database() if ON_POSTGRESQL else f"sqlite:///{path}"


def started_url(path: Path, settings: Mapping[str, str]) -> str:
    """The URL of a database as a server's first start leaves it, which takes a quarter of that start."""
    has_demo = settings.get("DEMO") != "0" and "UPSTREAM_URL" not in settings
    return copied(seeded if has_demo else _migrate, path)


def seeded(url: str, clock: Clock = system_clock) -> None:
    """Give a database its tables and the demo profiles."""
    with closing(Database.open(url)) as database:
        upgrade(database)
        seed_demo(database, GatewayConfig(), clock)


def done_with(database: Database) -> None:
    """Close a database that nobody opens again."""
    database.close()
    if ON_POSTGRESQL:
        give_back(database.url)


def _migrate(url: str) -> None:
    with closing(Database.open(url)) as database:
        upgrade(database)


def count(database: Database, table: FromClause, *where: ColumnElement[bool]) -> int:
    """How many rows there are."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def written(database: Database, folder: Path) -> bytes:
    """What a database has written: SQLite's files in a folder, closed for that, or PostgreSQL's rows."""
    if not ON_POSTGRESQL:
        database.close()
        return b"".join(path.read_bytes() for path in folder.iterdir())
    with database.read() as connection:
        names = inspect(connection).get_table_names()
        rows = (
            connection.exec_driver_sql(f'SELECT "{name}"::text FROM "{name}"').scalars() for name in names
        )
        return "\n".join(row for table in rows for row in table).encode()


def unguard(connection: Connection, table: Table, *guards: str) -> None:
    """Take guards off a table, as somebody can who holds the database: `keep_rows`, say."""
    for guard in guards:
        of = f" ON {table.name}" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_{guard}{of}")


def refuse(connection: Connection, occasion: str, table: Table) -> None:
    """Have every row refused on an occasion, with the message `full`."""
    if connection.dialect.name == "postgresql":
        refusal = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    else:
        refusal = "BEGIN SELECT RAISE(ABORT, 'full'); END"
    connection.exec_driver_sql(f'CREATE TRIGGER "full" BEFORE {occasion} ON {table.name} {refusal}')


@functools.cache
def _prepared(prepare: Callable[[str], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prepared.sqlite3"
        prepare(f"sqlite:///{path}")
        return path.read_bytes()


class Failure(NamedTuple):
    """What a COMMIT fails with: SQLite's code and its name, and PostgreSQL's, where the server tells one."""

    code: int
    name: str
    state: str | None = None

    @property
    def told(self) -> str:
        """How the reason begins that is given for it."""
        return (self.state or "CONNECTION") if ON_POSTGRESQL else self.name


FULL = Failure(sqlite3.SQLITE_FULL, "SQLITE_FULL", "53100")
BUSY = Failure(sqlite3.SQLITE_BUSY, "SQLITE_BUSY", "55P03")
BROKEN = Failure(sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC")
"""The disk's error, or the end of the connection: nobody knows what was kept."""


class FailingCommits:
    """While it is armed, every COMMIT of a writer fails, as it does when the disk does: kept, or not kept.

    Nobody is told which. It stands where the driver's connection is, under all of our code.
    """

    def __init__(self, database: Database) -> None:
        """Stand under every connection of a database that nobody has used yet."""
        self.armed = False
        self.kept = False
        self.readers_too = False
        self.failure = BROKEN
        self.text = "disk I/O error"
        if isinstance(database, SqliteDatabase):
            _fail_on_sqlite(self, database)
        else:
            assert isinstance(database, PostgresqlDatabase)
            _fail_on_postgresql(self, database)

    def error(self) -> sqlite3.OperationalError:
        """What SQLite's driver raises."""
        error = sqlite3.OperationalError(self.text)
        error.sqlite_errorcode, error.sqlite_errorname = self.failure.code, self.failure.name
        return error


def _fail_on_sqlite(disk: FailingCommits, database: SqliteDatabase) -> None:
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


def _fail_on_postgresql(disk: FailingCommits, database: PostgresqlDatabase) -> None:
    class ToThatServer(PostgresqlConnection):
        def execute(self, query: Any, params: Any = None, **named: Any) -> Any:
            if query != "COMMIT" or not disk.armed:
                return super().execute(query, params, **named)
            if disk.failure.state is not None:
                return super().execute(
                    f"DO $$ BEGIN RAISE '{disk.text}' USING ERRCODE = '{disk.failure.state}'; END $$".encode()
                )
            if disk.kept:
                super().execute(query)
            self.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    @event.listens_for(database._engine, "connect")
    def connect(driver: Any, _record: object) -> None:
        driver.__class__ = ToThatServer


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
