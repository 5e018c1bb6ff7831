"""The order of the whole log on PostgreSQL, where many processes append: numbers without gaps, given behind.

Who appends takes a place from a sequence, which waits for nobody. Places rise along the log of each pair and
each address, but those of what was rolled back are missing, and one may be seen before a lower one. So one
process, whichever has the advisory lock, numbers what was committed since it looked last, by places, in
`log_order`: entries about pairs and about keys in one order. What was acknowledged before something else was
sent comes before it.

An entry is numbered once it is committed, never before, and its number never changes: triggers see to that.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, LiteralString, cast

from sqlalchemy import Connection

from webapp.gateway.log.checks import BrokenLogError
from webapp.storage.database import Database, driver_of
from webapp.storage.errors import DatabaseFailure
from webapp.storage.urls import is_postgresql

if TYPE_CHECKING:
    from webapp.storage.postgresql import PostgresqlConnection

EVERY_S = 0.2
"""How far behind what was committed the numbers are, when nothing is in the way."""
AGAIN_S = 2.0
"""After the database could not be asked."""
MOST = 20_000
"""Entries that are numbered in a transaction."""

_ELECTED = "SELECT pg_try_advisory_xact_lock(hashtextextended('the sequencer', 0))"
_SEEN = "SELECT place FROM log_order_seen"
_GIVEN = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM log_places"
_TRANSACTIONS = """
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint
"""
_NUMBER: LiteralString = """
    INSERT INTO log_order (position, place, address, handle, sequence)
    SELECT (SELECT coalesce(max(position), 0) FROM log_order) + row_number() OVER (ORDER BY place),
        place, address, handle, sequence
    FROM (
        SELECT * FROM (
            SELECT position AS place, address, handle, sequence FROM operations WHERE position > %(seen)s
            UNION ALL
            SELECT place, address, '' AS handle, sequence FROM key_operations WHERE place > %(seen)s
        ) AS entries
        WHERE NOT EXISTS (SELECT FROM log_order WHERE log_order.place = entries.place)
        ORDER BY place
        LIMIT %(most)s
    ) AS unnumbered
"""
# A server that is killed forgets the places of those who have not committed, and gives them again to others,
# whom nobody awaits: unless something behind it was written to the disk, such as a message for nobody.
_KEEP_PLACES = "SELECT pg_logical_emit_message(true, 'countersign', 'places')"
_ADVANCE = "UPDATE log_order_seen SET place = %s"
_WHOLE: LiteralString = """
    SELECT
        (SELECT count(*) FROM log_order),
        (SELECT coalesce(max(position), 0) FROM log_order),
        (SELECT count(*) FROM operations WHERE position <= seen.place)
            + (SELECT count(*) FROM key_operations WHERE key_operations.place <= seen.place),
        (SELECT count(*) FROM log_order WHERE log_order.place <= seen.place)
    FROM log_order_seen AS seen
"""

_logger = logging.getLogger(__name__)


class Sequencer(threading.Thread):
    """Numbers the log's entries, for as long as this process may."""

    def __init__(self, database: Database) -> None:
        super().__init__(name="sequencer", daemon=True)
        self._database = database
        self._stopping = threading.Event()
        # Up to which place, once every transaction before this one has ended, no entry can appear any more.
        self._awaited: tuple[int, int] | None = None

    def run(self) -> None:
        wait_s = EVERY_S
        while not self._stopping.wait(wait_s):
            try:
                wait_s = 0.0 if self.number() >= MOST else EVERY_S
            except DatabaseFailure as failure:
                _logger.info("the log is not numbered for now: %s", failure.reason)
                wait_s = AGAIN_S

    def close(self) -> None:
        """Number no more."""
        self._stopping.set()
        self.join()

    def number(self) -> int:
        """Number what was committed, if nobody else does; returns how many entries that were.

        Raises:
            DatabaseFailure: The database cannot be read or written now.
        """
        awaited, self._awaited = self._awaited, None  # unless this commits
        with self._database.write() as connection:
            driver = _driver(connection)
            if not _row(driver, _ELECTED)[0]:
                return 0
            numbered, awaited = self._number(driver, awaited)
        self._awaited = awaited
        return numbered

    def _number(
        self, driver: "PostgresqlConnection", awaited: tuple[int, int] | None
    ) -> tuple[int, tuple[int, int] | None]:
        (seen,), (given,) = _row(driver, _SEEN), _row(driver, _GIVEN)
        if given == seen:
            return 0, None
        # Asked after the last place: whoever has one up to it has a lower number than this transaction.
        oldest, own = _row(driver, _TRANSACTIONS)
        numbered = driver.execute(_NUMBER, {"seen": seen, "most": MOST}, prepare=True).rowcount
        if numbered < MOST:
            if awaited is not None and oldest >= awaited[1]:
                driver.execute(_ADVANCE, [awaited[0]])
                awaited = None
            if awaited is None:
                driver.execute(_KEEP_PLACES)
                awaited = given, own
        return numbered, awaited


@contextmanager
def numbering(database: Database) -> Iterator[None]:
    """Number the log for the length of a `with` block, where it is not numbered as it is written."""
    if not is_postgresql(database.url):
        yield
        return
    sequencer = Sequencer(database)
    sequencer.start()
    try:
        yield
    finally:
        sequencer.close()


def check_order(connection: Connection) -> None:
    """See that the order is whole: numbers from 1 without gaps, and every entry that must have one has it.

    Raises:
        BrokenLogError: It is not.
    """
    if connection.dialect.name != "postgresql":
        return
    driver = _driver(connection)
    numbers, highest, entries, numbered = _row(driver, _WHOLE)
    if numbers != highest:
        raise BrokenLogError(
            "log_order", "all rows", "position", f"{numbers} without gaps, not up to {highest}"
        )
    if entries != numbered:
        raise BrokenLogError(
            "log_order", "all rows", "place", f"those of {entries} entries, not of {numbered}"
        )


def _driver(connection: Connection) -> "PostgresqlConnection":
    return cast("PostgresqlConnection", driver_of(connection))


def _row(
    driver: "PostgresqlConnection", statement: LiteralString, given: list[int] | None = None
) -> tuple[Any, ...]:
    row = driver.execute(statement, given, prepare=True).fetchone()
    return () if row is None else row
