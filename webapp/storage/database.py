"""The embedded database: SQLite with a write-ahead log, opened once, used from many threads."""

import errno
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import URL, Connection, Engine, ExceptionContext, NullPool, create_engine, event, text
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.storage.errors import DatabaseUnavailable, DatabaseUrlError
from webapp.storage.file_url import file_of

BUSY_TIMEOUT_MS = 2_000
MOST_IDLE = 32
SWITCH_ATTEMPTS = 100
SWITCH_PAUSE_S = 0.02

# The log's rows are guarded by triggers against DELETE; with recursive triggers, against REPLACE as well.
_PRAGMAS = ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON")

# Conditions that pass without a change to the program. An extended code has the primary one in its low byte.
# https://www.sqlite.org/rescode.html
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
    }
)


class Database:
    """Short transactions on one SQLite file.

    A transaction begins with its `with` block, commits where that ends and rolls back where it raises.
    Readers see one consistent state and wait for nobody; writers take turns.
    """

    def __init__(self, engine: Engine, *, busy_timeout_ms: int) -> None:
        self._engine = engine
        self._busy_timeout_s = busy_timeout_ms / 1000
        # Threads of this process queue here instead of polling the file's lock with growing pauses.
        self._turn = threading.Lock()
        # Open connections that nobody uses. SQLAlchemy's own pool costs more than the query it hands out for.
        self._idle: deque[Connection] = deque()
        self._closed = False

    @classmethod
    def open(cls, url: str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Self:
        """Prepare connections to the file that the URL names; the first transaction creates a missing one.

        Args:
            url: `sqlite:///` and a path, as `file_of` reads it.
            busy_timeout_ms: How long a transaction waits for another writer before it gives up.

        Raises:
            DatabaseUrlError: The URL is of another kind, or names no file; or something else is there.
            OSError: There can be no folder for it.
        """
        file = file_of(url)
        if file.exists() and not file.is_file():
            raise DatabaseUrlError("the path of a file, and of no folder or device")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), error.filename) from None
        engine = create_engine(
            URL.create("sqlite", database=str(file)),
            # The driver's implicit transactions begin too late and leave DDL outside: we write BEGIN.
            connect_args={
                "isolation_level": None,
                "timeout": busy_timeout_ms / 1000,
                "check_same_thread": False,
            },
            poolclass=NullPool,
            hide_parameters=True,  # exceptions are logged; signatures and addresses are not
        )
        event.listen(engine, "connect", _configure)
        event.listen(engine, "handle_error", _name_passing_condition)
        return cls(engine, busy_timeout_ms=busy_timeout_ms)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot.

        Raises:
            DatabaseUnavailable: The file cannot be read now.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The right to write, from the beginning on; durable when the block has ended without an exception.

        Raises:
            DatabaseUnavailable: Another writer held on for too long, or the file cannot be written now.
        """
        if not self._turn.acquire(timeout=self._busy_timeout_s):
            raise DatabaseUnavailable("SQLITE_BUSY")
        try:
            with self._transaction("BEGIN IMMEDIATE") as connection:
                yield connection
        finally:
            self._turn.release()

    def ping(self) -> None:
        """Read one value.

        Raises:
            DatabaseUnavailable: The file cannot be read now.
        """
        with self.read() as connection:
            connection.execute(text("SELECT 1 FROM sqlite_schema LIMIT 1"))

    def close(self) -> None:
        """Close every connection, those in use as soon as their transaction has ended."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        connection = self._connect()
        try:
            _begin(connection, begin)
            with connection.begin():
                yield connection
        except BaseException:
            # Closing rolls back whatever is left: a connection that failed is not used again.
            connection.close()
            raise
        if self._closed or len(self._idle) >= MOST_IDLE:
            connection.close()
        else:
            self._idle.append(connection)

    def _connect(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return self._engine.connect()
        except sqlite3.Error as error:
            raise _passing_condition(error) or error from error


def _configure(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    _write_ahead(connection)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to its write-ahead log, which it then keeps.

    Where several processes make a new file together, SQLite tells all but one at once that it is busy,
    without the waiting that it does for transactions. So the waiting is done here.
    """
    for attempt in range(SWITCH_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or attempt + 1 == SWITCH_ATTEMPTS:
                raise
            time.sleep(SWITCH_PAUSE_S)
        else:
            return


def _begin(connection: Connection, statement: str) -> None:
    # Straight to the driver: as a SQLAlchemy statement it would cost ten times as much.
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # our driver
    try:
        driver.execute(statement)
    except sqlite3.Error as error:
        raise _passing_condition(error) or error from error


def _name_passing_condition(context: ExceptionContext) -> DatabaseUnavailable | None:
    """Replace what the driver raised, where it did: further out, somebody else may have caught it."""
    return _passing_condition(context.original_exception)


def _passing_condition(error: BaseException) -> DatabaseUnavailable | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in _PASSING:
        return None
    return DatabaseUnavailable(getattr(error, "sqlite_errorname", str(code)))
