"""Databases that are broken, gone, full or on a failing disk: told so, nothing acknowledged by mistake."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import column, func, select, table, text
from sqlalchemy.exc import IntegrityError

from tests.support.databases import BUSY, FULL, FailingCommits, Failure, no_room
from webapp.storage.database import BUSY_TIMEOUT_MS, Database
from webapp.storage.errors import DatabaseFailure, DatabaseUnavailable, OutcomeUnknown
from webapp.storage.prepared import Prepared
from webapp.upstream.client import DEADLINE_S

pytestmark = pytest.mark.sqlite

ROWS = 2_000
COUNT = Prepared(select(func.count()).select_from(table("people")))
ALL = Prepared(select(column("name")).select_from(table("people")).order_by(column("name")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of some fifty pages, all of them written, and no log beside it."""
    path = tmp_path / "x.sqlite3"
    database = opened(path)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE first (name TEXT)")
        connection.exec_driver_sql("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        rows = [{"name": f"{number:0100}"} for number in range(ROWS)]
        connection.execute(text("INSERT INTO people (name) VALUES (:name)"), rows)
    database.close()
    return path


def opened(path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> Database:
    return Database.open(f"sqlite:///{path}", busy_timeout_ms=busy_timeout_ms)


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = opened(path, busy_timeout_ms=50)
    yield database
    database.close()


def add(database: Database, name: str, meanwhile: Callable[[], None] = lambda: None) -> None:
    with database.write() as connection:
        connection.execute(text("INSERT INTO people (name) VALUES (:name)"), {"name": name})
        meanwhile()


def names(path: Path) -> set[str]:
    """What is there for whoever opens the file next."""
    again = opened(path)
    with again.read() as connection:
        found = set(connection.scalars(text("SELECT name FROM people")))
    again.close()
    return found


# --- a COMMIT that fails ---


@pytest.mark.parametrize("kept", [True, False])
def test_a_commit_that_the_disk_failed_is_neither_kept_nor_not(path: Path, *, kept: bool) -> None:
    """The same error, whichever it was; told to whoever can start the process anew."""
    told: list[None] = []
    database = Database.open(f"sqlite:///{path}", commit_failed=lambda: told.append(None))
    disk = FailingCommits(database)
    disk.armed, disk.kept = True, kept
    with pytest.raises(OutcomeUnknown, match="SQLITE_IOERR_FSYNC: disk I/O error"):
        add(database, "x")
    disk.armed = False
    assert len(told) == 1
    assert ("x" in names(path)) == kept
    add(database, "y")
    database.close()
    assert "y" in names(path)


@pytest.mark.parametrize(
    "failure", [FULL, BUSY, Failure(sqlite3.SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT")]
)
def test_a_commit_that_could_not_begin_or_end_has_kept_nothing(path: Path, failure: Failure) -> None:
    told: list[None] = []
    database = Database.open(f"sqlite:///{path}", commit_failed=lambda: told.append(None))
    disk = FailingCommits(database)
    disk.armed, disk.failure = True, failure
    with pytest.raises(DatabaseUnavailable, match=failure.name):
        add(database, "x")
    database.close()
    assert told == []
    assert "x" not in names(path)


def test_a_commit_that_breaks_a_rule_is_a_mistake(path: Path) -> None:
    """A foreign key that is looked at last: nothing was kept, and it is the statement's fault."""
    database = opened(path)
    with database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE child (parent INTEGER REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED)"
        )
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO child VALUES (-1)")
    database.probe()
    database.close()


def test_an_error_while_reading_is_no_lost_commit(path: Path) -> None:
    """What was read is read; there was nothing to keep."""
    told: list[None] = []
    database = Database.open(f"sqlite:///{path}", commit_failed=lambda: told.append(None))
    disk = FailingCommits(database)
    disk.armed = disk.readers_too = True
    with pytest.raises(DatabaseUnavailable), database.read() as connection:
        connection.scalar(text("SELECT count(*) FROM people"))
    database.close()
    assert told == []


# --- files that are gone ---


def removed(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replaced(path: Path) -> None:
    """By a copy that is whole, as somebody would who restores a backup and forgets to stop the server."""
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def log_removed(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


def index_removed(path: Path) -> None:
    path.with_name(f"{path.name}-shm").unlink()


def emptied(path: Path) -> None:
    os.truncate(path, 0)


GONE = [removed, moved, replaced, emptied, log_removed, index_removed]


@pytest.mark.parametrize("loses", GONE, ids=lambda loses: loses.__name__)
def test_what_goes_into_a_file_that_lost_its_name_is_not_acknowledged(
    loses: Callable[[Path], None], path: Path, database: Database
) -> None:
    """Neither the transaction in whose middle it happens, nor any after it, until the file is opened anew."""
    add(database, "before")
    with pytest.raises(OutcomeUnknown, match="FILE_GONE"):
        add(database, "lost", meanwhile=lambda: loses(path))
    with pytest.raises(DatabaseUnavailable, match="FILE_GONE"):
        add(database, "after")
    with pytest.raises(DatabaseUnavailable, match="FILE_GONE"), database.read():
        pytest.fail("read")
    with pytest.raises(DatabaseUnavailable, match="FILE_GONE"), database.snapshot() as snapshot:
        snapshot.rows(COUNT, {})
    with pytest.raises(DatabaseUnavailable, match="FILE_GONE"):
        database.probe()
    assert path.exists() == (loses not in {removed, moved}), "nothing was made in its place"


def test_a_file_that_comes_back_is_used_when_it_is_opened_anew(path: Path, database: Database) -> None:
    add(database, "before")
    elsewhere = path.rename(path.with_name("elsewhere"))
    with pytest.raises(DatabaseUnavailable):
        database.probe()
    elsewhere.rename(path)
    with pytest.raises(DatabaseUnavailable):
        database.probe()
    database.close()
    assert "before" in names(path)


def test_another_connection_does_not_make_the_file_another(path: Path, database: Database) -> None:
    """Somebody else opens, writes and closes: the files stay, and so does what we have open."""
    add(database, "ours")
    for number in range(3):
        other = opened(path)
        add(other, f"theirs {number}")
        other.close()
        database.probe()
        add(database, f"ours {number}")


# --- files that are broken ---


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 10_000)


def torn(path: Path) -> None:
    """All but the first page."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xaa" * (path.stat().st_size - 4096))


BROKEN = [truncated, emptied, garbage, torn]


@pytest.mark.parametrize("breaks", BROKEN, ids=lambda breaks: breaks.__name__)
@pytest.mark.parametrize("used", [True, False])
def test_a_broken_file_is_unavailable_and_not_ready(
    breaks: Callable[[Path], None], path: Path, *, used: bool
) -> None:
    """Whether it breaks while it is open or before; what is in memory does not hide it from the probe."""
    database, fresh = (opened(path, busy_timeout_ms=50) for _ in range(2))
    if used:
        database.probe()
        sqlite_folds_its_log(path)
        with database.read() as connection:
            assert len(connection.execute(text("SELECT * FROM people")).all()) == ROWS
    breaks(path)
    with pytest.raises(DatabaseFailure):
        database.probe()
    with pytest.raises(DatabaseUnavailable), fresh.read() as connection:
        connection.execute(text("SELECT * FROM people ORDER BY name")).all()
    with fresh.snapshot() as snapshot:
        for why in ("SQLITE_|FILE_GONE", "FAILED_BEFORE"):
            with pytest.raises(DatabaseUnavailable, match=why):
                snapshot.rows(ALL, {})
    for one in (database, fresh):
        one.close()


def sqlite_folds_its_log(path: Path) -> None:
    other = sqlite3.connect(path)
    assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    other.close()


def test_the_probe_leaves_a_sound_database_as_it_was(path: Path, database: Database) -> None:
    before = names(path)
    for _ in range(3):
        database.probe()
    assert names(path) == before


def test_a_disk_without_room_shows_in_the_probe_and_passes(database: Database) -> None:
    """The file's tables are read, and nothing can be written."""
    database.probe()
    with no_room():
        with database.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM people")) == ROWS
        with pytest.raises(DatabaseFailure, match="SQLITE_"):
            database.probe()
    database.probe()


def test_a_lock_that_is_held_shows_in_the_probe(path: Path, database: Database) -> None:
    other = opened(path)
    with other.write(), pytest.raises(DatabaseUnavailable, match="SQLITE_BUSY"):
        database.probe()
    database.probe()
    other.close()


def test_eight_writers_wait_for_a_lock_no_longer_than_one(path: Path) -> None:
    """They wait for each other and for the other process, and for both together no longer than for one."""
    database, other = opened(path, busy_timeout_ms=600), opened(path)

    def wait(_: int) -> float:
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="SQLITE_BUSY"):
            add(database, "x")
        return time.monotonic() - began

    with other.write(), ThreadPoolExecutor(8) as pool:
        alone = wait(0)
        assert max(pool.map(wait, range(8))) < 1.7 * alone
    add(database, "x")
    database.close()
    other.close()


def test_two_waits_for_a_lock_fit_into_a_request() -> None:
    """That of a request, and of one that had its thread before: the page waits five seconds."""
    assert 2 * BUSY_TIMEOUT_MS < DEADLINE_S * 1000
