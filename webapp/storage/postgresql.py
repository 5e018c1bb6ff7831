"""PostgreSQL 15 or newer: any number of processes, on any number of machines, on one database."""

import hashlib
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from threading import Timer
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event

from webapp.storage.database import MOST_IDLE, NONE, Database
from webapp.storage.errors import Conflict, DatabaseFailure, DatabaseUnavailable, Occupied, OutcomeUnknown
from webapp.storage.urls import server_of

OLDEST = 15
DEFAULTS = {
    "application_name": "countersign",
    "connect_timeout": "5",
    # A server whose machine is gone says nothing: without these its silence would be listened to for hours.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""What libpq is told where the URL says nothing of it."""
IDLE_MS = 10_000
"""How long a writer may keep its locks and do nothing: then its machine is gone, and the server ends it."""

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED; "
# Prepared statements look a few rows up by keys. How many keys a JSON text has the planner does not know, and
# takes for a hundred; as long as tables are not large, it would rather read them whole.
_BY_INDEX = "; ".join(
    f"SET LOCAL {name} = off" for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit")
)
_SETTINGS = """
    SELECT current_setting('server_version_num')::int, pg_is_in_recovery(),
        current_setting('default_transaction_read_only'), current_setting('synchronous_commit'),
        current_setting('fsync'), pg_backend_pid()
"""
_PROBE = "SELECT pg_logical_emit_message(true, 'countersign', 'probe')"

# What is no fault of a statement's: the server is away, full, busy, read-only, broken, or its tables are not
# ours. https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNAVAILABLE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.InvalidSchemaName,
    errors.InsufficientPrivilege,
    errors.DataCorrupted,
    errors.IndexCorrupted,
)


class PostgresqlConnection(psycopg.Connection[tuple[Any, ...]]):
    """The driver's connection."""

    warned: list[str]  # what the server has warned of, since this was emptied

    def wait(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 (whatever the driver waits for)
        """Wait for the server; what it says of an error has no values of rows, for it is logged."""
        try:
            return super().wait(*given, **named)
        except psycopg.Error as error:
            if error.diag.message_primary:
                error.args = (error.diag.message_primary,)
            raise


class PostgresqlDatabase(Database):
    """Short transactions on one PostgreSQL database.

    Readers wait for nobody. Writers wait for those that write about the same, which an advisory lock tells,
    and for who locks their tables.
    """

    driver_error = psycopg.Error

    def __init__(self, url: str, *, busy_timeout_ms: int) -> None:
        self.url = url
        self._conninfo = make_conninfo(**{**DEFAULTS, **server_of(url)})
        self._busy_timeout_ms = busy_timeout_ms
        self._engine = _engine(self)
        # Open connections that nobody uses. SQLAlchemy's own pool costs more than the query it hands out for.
        self._idle: deque[Connection] = deque()
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot, as `Database` has it."""
        with self._transaction(_READ) as connection:
            connection.begin()
            yield connection

    @contextmanager
    def lent(self) -> Iterator[PostgresqlConnection]:
        """The driver's connection within one snapshot."""
        with self._transaction(f"{_READ}; {_BY_INDEX}") as connection:
            yield driver_of_postgresql(connection)

    @contextmanager
    def write(
        self,
        *,
        locks: Mapping[str, bool] = NONE,
        alone: Collection[Table] = (),
        patience_s: float | None = None,
    ) -> Iterator[Connection]:
        """The right to write, as `Database` has it."""
        patience_ms = self._busy_timeout_ms
        if patience_s is not None:
            patience_ms = max(1, min(patience_ms, round(patience_s * 1000)))
        begin = f"{_WRITE}SET LOCAL lock_timeout = {patience_ms}"
        if alone:
            names = ", ".join(sorted(table.name for table in alone))
            begin = f"{begin}; LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"
        else:
            begin = f"{begin}; SET LOCAL idle_in_transaction_session_timeout = {IDLE_MS}"
        if locks:
            begin = f"{begin}; {_BY_INDEX}; {_locking(locks)}"
        with self._transaction(begin) as connection:
            connection.begin()  # of which whoever begins another one within would commit both
            yield connection
            _commit(connection)

    def probe(self) -> None:
        """Write a message for nobody into the server's write-ahead log, through a new connection."""
        connection = self._connect()
        driver = driver_of_postgresql(connection)
        # A COMMIT may wait for a replica for ever, whatever the server's own timeouts are.
        patience = Timer(self._busy_timeout_ms / 1000, driver.cancel)
        try:
            patience.start()
            driver.execute("BEGIN")
            if driver.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                raise DatabaseUnavailable("NO_TABLES: the database is empty")
            driver.execute(_PROBE)
            _commit(connection)
        except psycopg.Error as error:
            raise _failure(error) or error from error
        finally:
            patience.cancel()
            patience.join()
            _discard(connection)

    def close(self) -> None:
        self._closed = True
        self._discard_idle()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        """Begin; whoever asked commits. Without that, or where anything raises, all is rolled back."""
        connection = self._begun(begin)
        try:
            yield connection
            self._ended(connection)
        except BaseException as error:
            failure = _failure(error)
            told = failure or error
            if isinstance(told, DatabaseFailure) and not isinstance(told, Occupied | Conflict):
                # The server is away, or another's replica now: so is what the others are connected to.
                _discard(connection)
                self._discard_idle()
            else:
                self._ended(connection)
            if failure is None:
                raise
            raise failure from error

    def _ended(self, connection: Connection) -> None:
        """Roll back what is not committed, and keep the connection for the next."""
        try:
            driver_of_postgresql(connection).rollback()
            connection.rollback()  # which SQLAlchemy begins by itself
        except psycopg.Error:
            _discard(connection)
            return
        if self._closed or len(self._idle) >= MOST_IDLE:
            _discard(connection)
        else:
            self._idle.append(connection)

    def _begun(self, begin: str) -> Connection:
        """Begin on a connection that nobody uses; where its server has left it, on a new one."""
        with suppress(IndexError):
            connection = self._idle.pop()
            try:
                return _began(connection, begin)
            except psycopg.Error as error:
                if not _is_broken(error, connection):  # locks that others have, say
                    self._ended(connection)
                    raise _failure(error) or error from error
                _discard(connection)
                self._discard_idle()
        connection = self._connect()
        try:
            return _began(connection, begin)
        except psycopg.Error as error:
            _discard(connection)
            raise _failure(error) or error from error

    def _connect(self) -> Connection:
        try:
            return self._engine.connect()
        except psycopg.Error as error:
            raise _failure(error) or error from error

    def connected(self) -> PostgresqlConnection:
        """Connect, and see that the server keeps what it acknowledges."""
        driver = PostgresqlConnection.connect(self._conninfo, autocommit=True)
        driver.warned = []
        try:
            pid = _check_settings(driver)
        except BaseException:
            driver.close()
            raise
        driver.add_notice_handler(partial(_note_warning, driver.warned))
        # Whole numbers are of one kind, whatever their size: each kind would have a plan of its own.
        driver.adapters.register_dumper(int, Int8Dumper)
        if pid != driver.info.backend_pid:
            # A pooler is in between: the next transaction may be another server process's, without our plans.
            driver.prepare_threshold = None
        return driver

    def _discard_idle(self) -> None:
        while self._idle:
            with suppress(IndexError):
                _discard(self._idle.pop())


def lock_number(name: str) -> int:
    """Give the number of the advisory lock that goes by a name: 64 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _locking(wanted: Mapping[str, bool]) -> str:
    """Write what waits for locks, in the order of their names, as everybody does: no two wait for each other.

    A transaction that is to write has a number from here on, by which others see that it has not ended. And
    it has written a message for nobody: so its COMMIT waits for disk and replicas even where it only tells
    what others have written.
    https://www.postgresql.org/docs/current/explicit-locking.html
    """
    names = sorted(wanted)
    numbers = ",".join(str(lock_number(name)) for name in names)
    alone = ",".join("t" if wanted[name] else "f" for name in names)
    return f"""
        SELECT pg_logical_emit_message(true, 'countersign', ''), count(
            CASE WHEN alone THEN pg_advisory_xact_lock(number) ELSE pg_advisory_xact_lock_shared(number) END
        ) FROM unnest('{{{numbers}}}'::bigint[], '{{{alone}}}'::boolean[]) AS wanted(number, alone)
    """  # noqa: S608 (numbers)


def _engine(database: PostgresqlDatabase) -> Engine:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=database.connected,
        isolation_level="AUTOCOMMIT",  # we write BEGIN, and COMMIT
        poolclass=NullPool,
        hide_parameters=True,  # exceptions are logged; signatures and addresses are not
    )
    # What the driver raised is replaced there: further out, somebody else may have caught it.
    event.listen(engine, "handle_error", lambda context: _failure(context.original_exception))
    return engine


def driver_of_postgresql(connection: Connection) -> PostgresqlConnection:
    """The driver's own connection."""
    return connection.connection.driver_connection  # type: ignore[return-value]  # our driver's


def _check_settings(driver: PostgresqlConnection) -> int:
    """See that the server is one to write to; give which of its processes answers.

    Raises `DatabaseUnavailable` where it is too old, read-only, or may forget what it has acknowledged.
    """
    row = driver.execute(_SETTINGS).fetchone()
    version, is_replica, is_read_only, synchronous, fsync, pid = row or (0, False, "off", "on", "on", 0)
    if version < OLDEST * 10_000:
        raise DatabaseUnavailable(f"VERSION: expected PostgreSQL {OLDEST} or newer, not {version // 10_000}")
    if is_replica:
        raise DatabaseUnavailable("READ_ONLY: expected a primary server, not a replica")
    if is_read_only == "on":
        raise DatabaseUnavailable("READ_ONLY: expected default_transaction_read_only = off")
    for name, value in (("synchronous_commit", synchronous), ("fsync", fsync)):
        if value == "off":
            raise DatabaseUnavailable(
                f"NOT_DURABLE: expected {name} to be on: the server would forget what it has acknowledged"
            )
    return int(pid)


def _note_warning(warned: list[str], notice: errors.Diagnostic) -> None:
    if notice.severity_nonlocalized == "WARNING":
        warned.append(notice.message_primary or "")


def _began(connection: Connection, begin: str) -> Connection:
    driver_of_postgresql(connection).execute(begin)  # names and numbers of ours, and nobody's texts
    return connection


def _commit(connection: Connection) -> None:
    """Commit; raises `DatabaseUnavailable` if nothing was kept, and `OutcomeUnknown` if something may be."""
    driver = driver_of_postgresql(connection)
    driver.warned.clear()
    try:
        said = driver.execute("COMMIT").statusmessage
    except psycopg.Error as error:
        if not _is_broken(error, connection):
            raise  # the server has told that it kept nothing
        raise OutcomeUnknown(_reason(error)) from error
    if said != "COMMIT":  # of a transaction in which something failed, PostgreSQL makes that
        raise DatabaseUnavailable(f"{said}: a statement had failed")
    if driver.warned:  # kept here, and not by the replica that was to have it first
        raise OutcomeUnknown(f"WARNING: {driver.warned[0]}")


def _is_broken(error: psycopg.Error, connection: Connection) -> bool:
    """Whether the connection ended with an error, so that it is not known what the server did."""
    status = driver_of_postgresql(connection).info.transaction_status
    return status is TransactionStatus.UNKNOWN or error.diag.severity_nonlocalized != "ERROR"


def _discard(connection: Connection) -> None:
    """Close a connection; the server rolls back whatever is left."""
    with suppress(Exception):
        driver_of_postgresql(connection).close()
    with suppress(Exception):
        connection.invalidate()
        connection.close()


def _failure(error: BaseException) -> DatabaseUnavailable | None:
    """Tell whatever is wrong with the server, the way to it or its locks; None: the statement is at fault."""
    if isinstance(error, errors.SerializationFailure | errors.DeadlockDetected):
        return Conflict(_reason(error))
    if isinstance(error, errors.LockNotAvailable):
        return Occupied(_reason(error))
    return DatabaseUnavailable(_reason(error)) if isinstance(error, _UNAVAILABLE) else None


def _reason(error: psycopg.Error) -> str:
    """Give what is wrong in one line, PostgreSQL's code first. libpq tells no password."""
    text = " ".join((error.diag.message_primary or str(error)).split())
    return f"{error.sqlstate or 'CONNECTION'}: {text}"
