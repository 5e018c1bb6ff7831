"""SQLite with a write-ahead log: one file on one machine, opened once, used from many threads."""

import errno
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote_from_bytes

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    RootTransaction,
    Table,
    create_engine,
    event,
)
from sqlalchemy.pool import ConnectionPoolEntry

from webapp.storage.database import BUSY_TIMEOUT_MS, MOST_IDLE, NONE, Database
from webapp.storage.errors import DatabaseUnavailable, DatabaseUrlError, OutcomeUnknown
from webapp.storage.open_files import OpenFiles
from webapp.storage.urls import file_of, url_of

SWITCH_PAUSE_S = 0.02
_SHORT_S = 0.05  # a wait that need not be taken off the next one

# The log's rows are guarded by triggers against DELETE; with recursive triggers, against REPLACE as well.
# What many commits change again and again is copied into the file four times as seldom as SQLite would.
_PRAGMAS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "recursive_triggers = ON",
    "wal_autocheckpoint = 4000",
)

# Of a program's mistake in its SQL SQLite says no more than "error"; of tables that are missing, too.
_MISSING = ("no such table", "no such column")

# With these a COMMIT has kept nothing: nobody let it begin, or there was no room for the end of its log,
# without which the rest counts for nothing. An extended code has the primary one in its low byte.
# https://www.sqlite.org/rescode.html, https://www.sqlite.org/walformat.html
_KEPT_NOTHING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})


class SqliteDatabase(Database):
    """Short transactions on one SQLite file: readers wait for nobody, and writers take turns."""

    driver_error = sqlite3.Error

    def __init__(
        self,
        url: str,
        *,
        create: bool = True,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        commit_failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the file that `sqlite:///` and a path name, as `Database.open` has it."""
        self.file = file_of(url)
        if self.file.exists() and not self.file.is_file():
            raise DatabaseUrlError("the path of a file, and of no folder or device")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), error.filename) from None
        self.url = url_of(self.file)
        self._engine = _engine(self.file, create=create, busy_timeout_ms=busy_timeout_ms)
        self._commit_failed = commit_failed
        self._busy_timeout_s = busy_timeout_ms / 1000
        # Threads of this process queue here instead of polling the file's lock with growing pauses.
        self._turn = threading.Lock()
        # Open connections that nobody uses. SQLAlchemy's own pool costs more than the query it hands out for.
        self._idle: deque[Connection] = deque()
        # Used by nobody; while it is open, the files stay what they are, unless somebody removes them.
        self._anchor: Connection | None = None
        self._files: OpenFiles | None = None
        self._opening = threading.Lock()
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot, as `Database` has it."""
        with self._transaction("BEGIN") as connection:
            transaction = connection.begin()
            yield connection
            transaction.commit()

    @contextmanager
    def lent(self) -> Iterator[sqlite3.Connection]:
        """The driver's connection within one snapshot."""
        with self._transaction("BEGIN") as connection:
            driver = driver_of_sqlite(connection)
            yield driver
            driver.rollback()

    @contextmanager
    def write(
        self,
        *,
        locks: Mapping[str, bool] = NONE,
        alone: Collection[Table] = (),
        patience_s: float | None = None,
    ) -> Iterator[Connection]:
        """The right to write, as `Database` has it: whoever has it is alone."""
        del locks, alone
        with (
            self._turn_to_write(patience_s) as until,
            self._transaction("BEGIN IMMEDIATE", until=until) as connection,
        ):
            transaction = connection.begin()
            yield connection
            try:
                _commit(transaction)
            except OutcomeUnknown:
                self._commit_failed()
                raise
            self._check_after_commit()

    def probe(self) -> None:
        """Read from both ends of every table, and write, through a connection that has nothing in its memory.

        What is written is a counter in the header that nothing else uses (`user_version`), so that a disk
        that is full or refuses to be written shows.
        """
        with (
            self._turn_to_write() as until,
            self._transaction("BEGIN IMMEDIATE", until=until, fresh=True) as connection,
        ):
            transaction = connection.begin()
            named = connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'")
            tables = list(named.scalars())
            if not tables:
                raise DatabaseUnavailable("NO_TABLES: the database is empty")
            for table in tables:
                for end in ("rowid", "rowid DESC"):
                    connection.exec_driver_sql(f'SELECT * FROM "{table}" ORDER BY {end} LIMIT 1').all()  # noqa: S608 (a name that SQLite gave)
            counted = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            connection.exec_driver_sql(f"PRAGMA user_version = {(counted + 1) % 2**31}")
            _commit(transaction)
            self._check_after_commit()

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        if self._anchor is not None:
            self._anchor.close()

    @contextmanager
    def _turn_to_write(self, patience_s: float | None = None) -> Iterator[float]:
        """Wait for other threads, and give the moment until which other processes are waited for."""
        patience_s = self._busy_timeout_s if patience_s is None else min(patience_s, self._busy_timeout_s)
        until = time.monotonic() + patience_s
        if not self._turn.acquire(timeout=patience_s):
            raise DatabaseUnavailable("SQLITE_BUSY: others of this process are writing")
        try:
            yield until
        finally:
            self._turn.release()

    @contextmanager
    def _transaction(
        self, begin: str, *, until: float | None = None, fresh: bool = False
    ) -> Iterator[Connection]:
        """Begin; whoever asked commits. Without that, or where anything raises, all is rolled back."""
        self._check_files()
        connection = self._connect() if fresh else self._reused()
        try:
            with nullcontext() if until is None else _patience(connection, until, self._busy_timeout_s):
                _execute(connection, begin)
            yield connection
        except BaseException as error:
            # Closing rolls back whatever is left: a connection that failed is not used again.
            connection.close()
            if isinstance(error, sqlite3.Error):  # of a statement that went straight to the driver
                raise _failure(error) or error from error
            raise
        if fresh or self._closed or len(self._idle) >= MOST_IDLE:
            connection.close()
        else:
            self._idle.append(connection)

    def _reused(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except sqlite3.Error as error:
            raise _failure(error) or error from error

    def _check_files(self) -> None:
        """See that the files are those that were opened first; open them, if nobody has.

        Raises `DatabaseUnavailable` where they are not, or cannot be opened.
        """
        if self._closed:
            return
        if self._files is None:
            with self._opening:
                if self._files is None:
                    self._anchor = self._anchor or self._connect()
                    _execute(self._anchor, "SELECT 1 FROM sqlite_schema")  # opens the log and its index
                    self._files = OpenFiles(self.file)
        self._files.check()

    def _check_after_commit(self) -> None:
        if self._files is None or self._closed:
            return
        try:
            self._files.check_all()
        except DatabaseUnavailable as error:
            raise OutcomeUnknown(error.reason) from error


def _engine(file: Path, *, create: bool, busy_timeout_ms: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(file)) if create else _existing(file),
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
    # What the driver raised is replaced there: further out, somebody else may have caught it.
    event.listen(engine, "handle_error", lambda context: _failure(context.original_exception))
    return engine


def driver_of_sqlite(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection."""
    return connection.connection.driver_connection  # type: ignore[return-value]  # our driver's


def _existing(file: Path) -> URL:
    """The URL of a file that is not made where it is missing (https://www.sqlite.org/uri.html)."""
    path = quote_from_bytes(os.fsencode(file))
    return URL.create("sqlite", database=f"file:{path}", query={"mode": "rw", "uri": "true"})


def _configure(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    _write_ahead(connection)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to its write-ahead log, which it then keeps.

    Where several processes make a new file together, SQLite tells all but one at once that it is busy,
    without the waiting that it does for transactions. So the waiting is done here.
    """
    (patience_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + patience_ms / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(SWITCH_PAUSE_S)
        else:
            return


@contextmanager
def _patience(connection: Connection, until: float, usual_s: float) -> Iterator[None]:
    """Wait for a lock until a moment, where some of the usual time has gone in waiting already."""
    left_s = until - time.monotonic()
    if usual_s - left_s < _SHORT_S:
        yield
        return
    _execute(connection, f"PRAGMA busy_timeout = {max(0, round(left_s * 1000))}")
    yield
    _execute(connection, f"PRAGMA busy_timeout = {round(usual_s * 1000)}")


def _execute(connection: Connection, statement: str) -> None:
    # Straight to the driver: as a SQLAlchemy statement it would cost ten times as much.
    try:
        driver_of_sqlite(connection).execute(statement).close()
    except sqlite3.Error as error:
        raise _failure(error) or error from error


def _commit(transaction: RootTransaction) -> None:
    """Commit; raises `DatabaseUnavailable` if nothing was kept, and `OutcomeUnknown` if something may be."""
    try:
        transaction.commit()
    except DatabaseUnavailable as error:
        code = getattr(error.__cause__, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _KEPT_NOTHING:
            raise
        raise OutcomeUnknown(error.reason) from error


def _failure(error: BaseException) -> DatabaseUnavailable | None:
    """Tell whatever is wrong with the file, its disk or its locks; None: the statement is at fault."""
    # The driver raises OperationalError, or for files that are broken or none at all the plain base class.
    if not isinstance(error, sqlite3.OperationalError) and type(error) is not sqlite3.DatabaseError:
        return None
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_ERROR and not str(error).startswith(_MISSING):
        return None
    return DatabaseUnavailable(f"{getattr(error, 'sqlite_errorname', 'SQLITE')}: {error}")
