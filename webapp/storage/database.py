"""The embedded database: SQLite with a write-ahead log, opened once, used from many threads."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.storage.errors import DatabaseUnavailable, DatabaseUrlError

SQLITE_PREFIX = "sqlite:///"
BUSY_TIMEOUT_MS = 2_000
POOL_SIZE = 32

# Conditions that pass without a change to the program. Extended codes carry the primary one in their low byte.
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

    A transaction begins where its `with` block does, commits where the block ends and rolls back where it raises.
    Readers see one consistent state and wait for nobody; writers take turns.
    """

    def __init__(self, engine: Engine, *, busy_timeout_ms: int) -> None:
        self._engine = engine
        self._busy_timeout_s = busy_timeout_ms / 1000
        # Threads of this process queue here, in order, instead of polling the file's lock with growing pauses.
        self._turn = threading.Lock()

    @classmethod
    def open(cls, url: str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Self:
        """Prepare connections to the file that the URL names; the first transaction creates it where it is missing.

        Args:
            url: `sqlite:///` and a path.
            busy_timeout_ms: How long a transaction waits for another writer before it gives up.

        Raises:
            DatabaseUrlError: The URL is of another kind, or names no file.
        """
        path = url.removeprefix(SQLITE_PREFIX)
        if not url.startswith(SQLITE_PREFIX) or not path or path.startswith(":memory:") or "?" in path:
            raise DatabaseUrlError(f"expected {SQLITE_PREFIX} and the path of a file")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            # The driver's own implicit transactions begin too late and leave DDL outside: we write BEGIN ourselves.
            connect_args={"isolation_level": None, "timeout": busy_timeout_ms / 1000, "check_same_thread": False},
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=busy_timeout_ms / 1000,
        )
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
        return cls(engine, busy_timeout_ms=busy_timeout_ms)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot.

        Raises:
            DatabaseUnavailable: The file cannot be read now.
        """
        with _passing_conditions_named(), self._engine.connect() as connection, connection.begin():
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
            with (
                _passing_conditions_named(),
                self._engine.connect().execution_options(countersign_begin="BEGIN IMMEDIATE") as connection,
                connection.begin(),
            ):
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
        """Close every connection that is not in use."""
        self._engine.dispose()


def _configure(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("countersign_begin", "BEGIN"))


@contextmanager
def _passing_conditions_named() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseUnavailable("POOL_TIMEOUT") from error
    except DBAPIError as error:
        _raise_if_passing(error.orig, error)
        raise
    except sqlite3.Error as error:
        _raise_if_passing(error, error)
        raise


def _raise_if_passing(cause: BaseException | None, error: Exception) -> None:
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _PASSING:
        raise DatabaseUnavailable(getattr(cause, "sqlite_errorname", str(code))) from error
