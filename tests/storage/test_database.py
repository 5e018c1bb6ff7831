"""Transactions on a real SQLite file: what is promised about them holds."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, table, text
from sqlalchemy.exc import IntegrityError, OperationalError

from webapp.storage.database import MOST_IDLE, Database, driver_of
from webapp.storage.errors import DatabaseUnavailable, DatabaseUrlError
from webapp.storage.prepared import Prepared
from webapp.storage.sqlite import SqliteDatabase

pytestmark = pytest.mark.sqlite

PARENTS = Prepared(select(func.count()).select_from(table("parent")))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    database = SqliteDatabase(f"sqlite:///{tmp_path}/new/folder/x.sqlite3", busy_timeout_ms=50)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        connection.exec_driver_sql("CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id))")
    yield database
    database.close()


def count(connection: Connection) -> int:
    return connection.scalar(text("SELECT count(*) FROM parent")) or 0


def add(connection: Connection, name: str = "x") -> None:
    connection.execute(text("INSERT INTO parent (name) VALUES (:name)"), {"name": name})


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("busy_timeout", 50),
    ],
)
def test_every_connection_is_set_up(pragma: str, value: object, database: SqliteDatabase) -> None:
    with database.read() as first, database.read() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///x?mode=ro",
        "mysql://x/y",
        "postgresql://x/y?wrong=1",
        "x.db",
    ],
)
def test_urls_that_name_no_file(url: str) -> None:
    with pytest.raises(DatabaseUrlError, match=r"expected (sqlite|postgresql)://"):
        Database.open(url)


def test_what_raises_leaves_nothing(database: SqliteDatabase) -> None:
    """Rows and tables alike: DDL is inside the transaction too."""

    def fail() -> None:
        with database.write() as connection:
            add(connection)
            connection.exec_driver_sql("CREATE TABLE more (id INTEGER)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as connection:
        assert count(connection) == 0
        assert not connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'more'").all()


def test_a_reader_sees_one_state(database: SqliteDatabase) -> None:
    """What is committed meanwhile shows in the next transaction, not in this one; and nobody waits."""
    with database.read() as reader:
        assert count(reader) == 0
        with database.write() as writer:
            add(writer)
        assert count(reader) == 0
    with database.read() as reader:
        assert count(reader) == 1


def test_a_snapshot_is_one_state_from_its_first_statement_on(database: SqliteDatabase) -> None:
    """Until then it holds nothing, and when it has ended somebody else uses its connection."""
    with database.snapshot() as snapshot:
        with database.write() as writer:
            add(writer, "before")
        assert snapshot.rows(PARENTS, {}) == [(1,)]
        with database.write() as writer:
            add(writer, "meanwhile")
        assert snapshot.rows(PARENTS, {}) == [(1,)]
        used = snapshot.driver
    with database.snapshot() as snapshot:
        assert snapshot.rows(PARENTS, {}) == [(2,)]
        assert snapshot.driver is used


def test_a_mistake_in_a_snapshot_is_none_of_the_databases(database: SqliteDatabase) -> None:
    """And a connection that failed is not used again."""
    mistaken = Prepared(select(func.no_function()))
    with database.snapshot() as snapshot:
        used = snapshot.driver
        with pytest.raises(sqlite3.OperationalError, match="no such function"):
            snapshot.rows(mistaken, {})
    with database.snapshot() as snapshot:
        assert snapshot.driver is not used


def test_foreign_keys_are_kept(database: SqliteDatabase) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO child VALUES (7)")


def test_a_mistake_is_not_called_unavailable(database: SqliteDatabase) -> None:
    with pytest.raises(OperationalError, match="syntax error"), database.read() as connection:
        connection.exec_driver_sql("SELECT * FRM parent")


def test_exceptions_do_not_show_values(database: SqliteDatabase) -> None:
    """They end up in the log, and what people sign does not belong there."""
    with database.write() as connection:
        add(connection, "a canary")
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        add(connection, "a canary")
    assert "canary" not in str(caught.value)


def test_a_writer_writes_from_the_beginning(database: SqliteDatabase) -> None:
    """BEGIN IMMEDIATE: what a writer reads cannot be changed by another before it writes."""
    other = _again(database)
    with database.write() as connection:
        assert count(connection) == 0
        with pytest.raises(DatabaseUnavailable, match="SQLITE_BUSY"), other.write():
            pytest.fail("two writers at once")
        add(connection)
    with other.write() as connection:
        assert count(connection) == 1
    other.close()


def _again(database: SqliteDatabase) -> SqliteDatabase:
    """The same file as another process would open it."""
    return SqliteDatabase(database.url, busy_timeout_ms=50)


def test_a_held_lock_ends_in_time(database: SqliteDatabase) -> None:
    """Another thread of the process holds on: the answer comes after the timeout, the next succeeds."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.write():
            held.set()
            done.wait()

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    held.wait()
    with pytest.raises(DatabaseUnavailable), database.write():
        pytest.fail("two writers at once")
    done.set()
    thread.join()
    with database.write() as connection:
        add(connection)


def test_who_has_no_patience_is_told_at_once(database: SqliteDatabase) -> None:
    """Whether a thread of this process holds the lock or another process; the timeout is an hour."""
    patient = SqliteDatabase(database.url, busy_timeout_ms=3_600_000)
    for holder in (database, patient):
        with holder.write(), pytest.raises(DatabaseUnavailable), patient.write(patience_s=0):
            raise AssertionError("both write")
    with patient.write(patience_s=0) as connection:
        add(connection)
    patient.close()


def test_many_writers_take_turns(database: SqliteDatabase) -> None:
    """Two hundred increments from sixteen threads through two openings of the file: none is lost."""
    patient = [SqliteDatabase(database.url, busy_timeout_ms=20_000) for _ in range(2)]
    with database.write() as connection:
        add(connection, "0")

    def increment(number: int) -> None:
        with patient[number % 2].write() as connection:
            value = int(connection.scalar(text("SELECT name FROM parent")) or 0)
            connection.execute(text("UPDATE parent SET name = :name"), {"name": str(value + 1)})

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(increment, range(200)))
    with database.read() as connection:
        assert connection.scalar(text("SELECT name FROM parent")) == "200"
    for each in patient:
        each.close()


def test_a_full_disk_is_unavailable_and_passes(database: SqliteDatabase) -> None:
    """The file may not grow: nothing is kept, and once it may again, the same object goes on."""
    with database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseUnavailable, match="SQLITE_FULL"), database.write() as connection:
        add(connection, "x" * 100_000)
    with database.write() as connection:
        assert count(connection) == 0
        add(connection, "x" * 100_000)


def test_what_fails_in_the_driver_itself_is_unavailable_too(database: SqliteDatabase) -> None:
    """Statements of the hot paths go straight to it; and a mistake in one stays a mistake."""
    with database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    insert = "INSERT INTO parent (name) VALUES (?)"
    with pytest.raises(DatabaseUnavailable, match="SQLITE_FULL"), database.write() as connection:
        driver_of(connection).execute(insert, ("x" * 100_000,))
    with pytest.raises(sqlite3.OperationalError, match="syntax error"), database.write() as connection:
        driver_of(connection).execute("INSRT")
    with database.write() as connection:
        assert count(connection) == 0
        driver_of(connection).execute(insert, ("x",))


def test_connections_are_used_again_and_not_hoarded(database: SqliteDatabase) -> None:
    used = []
    for _ in range(5):
        with database.read() as connection:
            used.append(connection)
    assert all(connection is used[0] for connection in used)
    barrier = threading.Barrier(MOST_IDLE + 8)

    def meet(_: int) -> None:
        with database.read() as connection:
            count(connection)
            barrier.wait(30)

    with ThreadPoolExecutor(MOST_IDLE + 8) as pool:
        list(pool.map(meet, range(MOST_IDLE + 8)))
    assert len(database._idle) <= MOST_IDLE


def test_a_connection_that_failed_is_not_used_again(database: SqliteDatabase) -> None:
    with pytest.raises(RuntimeError), database.read() as failed:
        raise RuntimeError
    assert failed.closed
    with database.read() as connection:
        assert connection is not failed


def test_closing_closes_what_is_in_use_as_well(database: SqliteDatabase) -> None:
    with database.read() as connection:
        database.close()
        assert count(connection) == 0
    assert connection.closed


def test_what_is_left_open_ends_with_the_database(database: SqliteDatabase, tmp_path: Path) -> None:
    """The log is folded into the file and removed, as it is by the last connection that closes."""
    folder = tmp_path / "new" / "folder"
    assert {path.name for path in folder.iterdir()} == {"x.sqlite3", "x.sqlite3-wal", "x.sqlite3-shm"}
    database.close()
    assert [path.name for path in folder.iterdir()] == ["x.sqlite3"]


def test_what_is_served_is_not_made_anew(tmp_path: Path) -> None:
    """A server whose file is missing makes none, whatever characters its name has."""
    path = tmp_path / "100% of #1?.sqlite3"
    url = f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"
    served = Database.open(url, create=False)
    with pytest.raises(DatabaseUnavailable, match="SQLITE_CANTOPEN"), served.read():
        pytest.fail("something was opened")
    assert not path.exists()
    made = Database.open(url)
    with made.write() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (name TEXT)")
    with served.write() as connection:
        add(connection)
    with made.read() as connection:
        assert count(connection) == 1
    made.close()
    served.close()
