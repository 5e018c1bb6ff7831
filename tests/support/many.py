"""Thousands of people, handles and follows, written into a database by SQL: what pages are measured on.

The rows are as the log would have left them but that nothing in them verifies: no device signed them, and
their digests are dice.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PEOPLE = """WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :number)
INSERT INTO profiles (handle, profile_id, owner_address, display_name, bio, avatar, metadata, is_primary,
created_at)
SELECT 'many-' || i, (SELECT coalesce(max(profile_id), 0) FROM profiles) + 1 + i, printf('0x%040d', i),
'One of many, ' || i, '', '', '', 1, :at FROM n"""

_FOLLOWS = """WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :number)
INSERT INTO operations (address, handle, sequence, position, op, ts, message, digest, signature, signing_key,
previous_digest, entry_digest, received_at)
SELECT {address}, {handle}, 1, :newest + 1 + i, 'follow', :at + i, '{{"ts":' || (:at + i) || '}}',
lower(hex(randomblob(32))), '', '', printf('%064d', 0), lower(hex(randomblob(32))), :at + i FROM n"""
FOLLOWINGS = _FOLLOWS.format(address=":who", handle="'many-' || i")
FOLLOWERS = _FOLLOWS.format(address="printf('0x%040d', i)", handle=":who")

_PROJECTED = (
    """INSERT INTO edges (address, handle, following, since, position, sequence, ts, digest, entry_digest)
    SELECT address, handle, 1, received_at, position, sequence, ts, digest, entry_digest FROM operations
    WHERE position > :newest""",
    """INSERT OR REPLACE INTO follower_counts SELECT handle, count(*) FROM edges
    WHERE following AND handle IN (SELECT handle FROM operations WHERE position > :newest) GROUP BY handle""",
    """INSERT OR REPLACE INTO following_counts SELECT address, count(*) FROM edges
    WHERE following AND address IN (SELECT address FROM operations WHERE position > :newest)
    GROUP BY address""",
)


@contextmanager
def written(file: Path) -> Iterator[sqlite3.Connection]:
    """Write behind the back of whoever serves this database; committed where the block succeeds."""
    with closing(sqlite3.connect(file, timeout=60)) as connection, connection:
        yield connection


def add_people(connection: sqlite3.Connection, number: int) -> None:
    """Add so many people, each with a handle: `many-0` and so on."""
    connection.execute(PEOPLE, {"number": number, "at": _now() - number})


def add_profile(connection: sqlite3.Connection, handle: str, owner: str) -> None:
    """Add one profile."""
    connection.execute(
        """INSERT INTO profiles (handle, profile_id, owner_address, display_name, bio, avatar, metadata,
        is_primary, created_at)
        SELECT ?, coalesce(max(profile_id), 0) + 1, ?, ?, '', '', '', 1, ? FROM profiles""",
        (handle, owner, handle, _now()),
    )


def add_followings(connection: sqlite3.Connection, address: str, number: int) -> None:
    """Have an address (EIP-55) follow the first so many of those that `add_people` added."""
    _follow(connection, FOLLOWINGS, address, number)


def add_followers(connection: sqlite3.Connection, handle: str, number: int) -> None:
    """Have the first so many of those that `add_people` added follow a handle."""
    _follow(connection, FOLLOWERS, handle, number)


def _follow(connection: sqlite3.Connection, statement: str, who: str, number: int) -> None:
    [newest] = connection.execute("SELECT coalesce(max(position), 0) FROM operations").fetchone()
    given = {"newest": newest, "who": who, "number": number, "at": _now() - number}
    connection.execute(statement, given)
    for projected in _PROJECTED:
        connection.execute(projected, given)


def _now() -> int:
    return time.time_ns() // 1_000_000
