"""Locks by name, which a transaction holds until it ends, where more than one may write at a time."""

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import LiteralString

from webapp.storage.prepared import Driver

# In the order that they are given in. A transaction that is to write has a number from here on, by which
# others see that it has not ended. https://www.postgresql.org/docs/current/explicit-locking.html
_LOCK: LiteralString = """
    SELECT pg_current_xact_id(), count(
        CASE WHEN alone THEN pg_advisory_xact_lock(number) ELSE pg_advisory_xact_lock_shared(number) END
    )
    FROM unnest(%s::bigint[], %s::boolean[]) AS wanted(number, alone)
"""


def lock_number(name: str) -> int:
    """Give the number of the advisory lock that goes by a name: 64 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def lock(driver: Driver, wanted: Mapping[str, bool]) -> None:
    """Wait for locks. Who writes to SQLite has the whole file already.

    Everybody takes what he wants in one order, that of the names, so that no two wait for each other.

    Args:
        driver: A transaction that has none yet.
        wanted: Names of locks, and whether each is for this transaction alone, or shared with others.
    """
    if not isinstance(driver, sqlite3.Connection):
        names = sorted(wanted)
        numbers = [lock_number(name) for name in names]
        driver.execute(_LOCK, [numbers, [wanted[name] for name in names]], prepare=True)
