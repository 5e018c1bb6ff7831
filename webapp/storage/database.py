"""A database, as all rooms use it: SQLite on one machine, or PostgreSQL for many processes and machines."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Self

from sqlalchemy import Connection, Table

from webapp.storage.errors import DatabaseUnavailable
from webapp.storage.prepared import Driver, Prepared
from webapp.storage.urls import is_postgresql

BUSY_TIMEOUT_MS = 2_000
MOST_IDLE = 32
NONE: Mapping[str, bool] = MappingProxyType({})


class Database(ABC):
    """Short transactions, from any thread.

    A transaction begins with its `with` block, commits where that ends and rolls back where it raises.
    Whatever is wrong with the database, its disk or the way to it is a DatabaseFailure; a mistake in a
    statement is none.
    """

    driver_error: ClassVar[type[Exception]]  # what the driver raises, for who uses its connection
    url: str

    @classmethod
    def open(
        cls,
        url: str,
        *,
        create: bool = True,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        commit_failed: Callable[[], None] = lambda: None,
    ) -> "Database":
        """Prepare connections to the database that a URL names; the first transaction connects.

        The URL is `sqlite:///` and a path, or `postgresql://` as libpq reads it. A missing file is made where
        it may `create` one. A transaction waits `busy_timeout_ms` for another one before it gives up.
        `commit_failed` is called when it is not known whether a file has kept a transaction: for that to be
        known, it is opened anew, by another process.

        Raises `DatabaseUrlError` for a URL of another kind, or where something else than a file is there, and
        `OSError` where there can be no folder for it.
        """
        # Each brings a driver, and a process needs one.
        if is_postgresql(url):
            from webapp.storage.postgresql import PostgresqlDatabase  # noqa: PLC0415

            return PostgresqlDatabase(url, busy_timeout_ms=busy_timeout_ms)
        from webapp.storage.sqlite import SqliteDatabase  # noqa: PLC0415

        return SqliteDatabase(
            url, create=create, busy_timeout_ms=busy_timeout_ms, commit_failed=commit_failed
        )

    @abstractmethod
    def read(self) -> AbstractContextManager[Connection]:
        """One consistent snapshot; raises `DatabaseUnavailable` where the database cannot be read now."""

    @abstractmethod
    def lent(self) -> AbstractContextManager[Driver]:
        """The driver's connection within one snapshot, or `DatabaseUnavailable`, as from `read`."""

    def snapshot(self) -> "Snapshot":
        """One consistent snapshot for prepared statements, which costs a tenth of what `read` costs."""
        return Snapshot(self)

    @abstractmethod
    def write(
        self,
        *,
        locks: Mapping[str, bool] = NONE,
        alone: Collection[Table] = (),
        patience_s: float | None = None,
    ) -> AbstractContextManager[Connection]:
        """The right to write; durable when the block has ended without an exception.

        `locks` has names of what is written about, and whether nobody else may write about it meanwhile, or
        all may that share it; to the tables `alone` nobody else may write at all meanwhile. SQLite has one
        writer at a time, whatever they are. `patience_s` is how long to wait for other writers, where that is
        less than this database's timeout.

        Raises `DatabaseUnavailable` where another writer held on for too long, or the database cannot be
        written now, and `OutcomeUnknown` where the COMMIT failed: kept or not kept.
        """

    @abstractmethod
    def probe(self) -> None:
        """Read and write through a new connection; raises `DatabaseFailure` where that cannot be done now."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection, those in use as soon as their transaction has ended."""


class Snapshot:
    """Statements that see one state of the database: what it is when the first of them asks.

    Every method raises DatabaseUnavailable where the database cannot be read; from then on it is not tried
    again, for that may take a wait each time.
    """

    __slots__ = ("_database", "_driver", "_failed", "_lent")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lent: AbstractContextManager[Driver] | None = None
        self._driver: Driver | None = None
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        lent, self._lent, self._driver = self._lent, None, None
        if lent is not None:
            lent.__exit__(kind, error, trace)

    @property
    def driver(self) -> Driver:
        """The driver's connection, for who handles its errors: they are told where the block ends."""
        if self._driver is None:
            if self._failed:
                raise DatabaseUnavailable("FAILED_BEFORE")
            self._failed = True
            lent = self._database.lent()
            self._driver, self._lent = lent.__enter__(), lent
            self._failed = False
        return self._driver

    def rows(self, statement: Prepared, given: Mapping[str, object]) -> list[Any]:
        """All rows of a statement, as the driver has them: truth values may be 0 and 1."""
        driver = self.driver
        try:
            return statement.all(driver, given)
        except self._database.driver_error as error:
            self._failed = True
            self.__exit__(type(error), error, error.__traceback__)  # tells what it means
            raise


def driver_of(connection: Connection) -> Driver:
    """The driver's own connection."""
    return connection.connection.driver_connection  # type: ignore[return-value]  # our driver's
