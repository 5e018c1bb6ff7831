"""Thousands of people, handles and follows, written into a database by SQL: what pages are measured on.

The rows are as the log would have left them but that nothing in them verifies: no device signed them, and
their digests are dice.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeAlias

import psycopg

from webapp.storage.urls import file_of, is_postgresql

Connection: TypeAlias = "sqlite3.Connection | psycopg.Connection[Any]"

_N = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :number)"
_ADDRESS = f"'0x' || substr('{'0' * 40}' || i, length('' || i) + 1)"

PEOPLE = f"""{_N}
INSERT INTO profiles (handle, profile_id, owner_address, display_name, bio, avatar, metadata, is_primary,
created_at)
SELECT 'many-' || i, (SELECT coalesce(max(profile_id), 0) FROM profiles) + 1 + i, {_ADDRESS},
'One of many, ' || i, '', '', '', true, :at FROM n"""


def _follows(address: str, handle: str) -> str:
    return f"""{_N}
    INSERT INTO operations (address, handle, sequence, position, op, ts, message, digest, signature,
    signing_key, previous_digest, entry_digest, received_at)
    SELECT {address}, {handle}, 1, <place>, 'follow', :at + i, '{{"ts":' || (:at + i) || '}}',
    <dice>, '', '', '{"0" * 64}', <dice>, :at + i FROM n"""


FOLLOWINGS = _follows(":who", "'many-' || i")
FOLLOWERS = _follows(_ADDRESS, ":who")

_PROJECTED = (
    """INSERT INTO edges (address, handle, following, since, position, sequence, ts, digest, entry_digest)
    SELECT address, handle, true, received_at, position, sequence, ts, digest, entry_digest FROM operations
    WHERE position > :newest""",
    """INSERT INTO follower_counts SELECT handle, count(*) FROM edges
    WHERE following AND handle IN (SELECT handle FROM operations WHERE position > :newest) GROUP BY handle
    ON CONFLICT (handle) DO UPDATE SET followers = excluded.followers""",
    """INSERT INTO following_counts SELECT address, count(*) FROM edges
    WHERE following AND address IN (SELECT address FROM operations WHERE position > :newest)
    GROUP BY address ON CONFLICT (address) DO UPDATE SET followings = excluded.followings""",
)

_ON_SQLITE = {"<place>": ":newest + 1 + i", "<dice>": "lower(hex(randomblob(32)))"}
_ON_POSTGRESQL = {"<place>": "nextval('log_places')", "<dice>": "md5(random()::text) || md5(random()::text)"}


@contextmanager
def written(url: str) -> Iterator[Connection]:
    """Write behind the back of whoever serves this database; committed where the block succeeds."""
    if is_postgresql(url):
        with psycopg.connect(url) as server:
            # No device has a key here. SQLite minds that only where it is told to.
            server.execute("ALTER TABLE operations DROP CONSTRAINT IF EXISTS fk_operations_signing_key")
            yield server
        return
    with closing(sqlite3.connect(file_of(url), timeout=60)) as file, file:
        yield file


def add_people(connection: Connection, number: int) -> None:
    """Add so many people, each with a handle: `many-0` and so on."""
    _execute(connection, PEOPLE, number=number, at=_now() - number)


def add_profile(connection: Connection, handle: str, owner: str) -> None:
    """Add one profile."""
    _execute(
        connection,
        """INSERT INTO profiles (handle, profile_id, owner_address, display_name, bio, avatar, metadata,
        is_primary, created_at)
        SELECT :handle, coalesce(max(profile_id), 0) + 1, :owner, :name, '', '', '', true, :at
        FROM profiles""",
        handle=handle,
        owner=owner,
        name=handle,
        at=_now(),
    )


def add_followings(connection: Connection, address: str, number: int) -> None:
    """Have an address (EIP-55) follow the first so many of those that `add_people` added."""
    _follow(connection, FOLLOWINGS, address, number)


def add_followers(connection: Connection, handle: str, number: int) -> None:
    """Have the first so many of those that `add_people` added follow a handle."""
    _follow(connection, FOLLOWERS, handle, number)


def _follow(connection: Connection, statement: str, who: str, number: int) -> None:
    [(newest,)] = _execute(connection, "SELECT coalesce(max(position), 0) FROM operations").fetchall()
    _execute(connection, statement, newest=newest, who=who, number=number, at=_now() - number)
    for projected in _PROJECTED:
        _execute(connection, projected, newest=newest)


def _execute(connection: Connection, statement: str, **given: object) -> Any:
    if isinstance(connection, sqlite3.Connection):
        return connection.execute(_in_words_of(_ON_SQLITE, statement), given)
    named = re.sub(r"(?<!:):(\w+)", r"%(\1)s", _in_words_of(_ON_POSTGRESQL, statement))
    return connection.execute(named.encode(), given)


def _in_words_of(one: dict[str, str], statement: str) -> str:
    for word, meant in one.items():
        statement = statement.replace(word, meant)
    return statement


def _now() -> int:
    return time.time_ns() // 1_000_000
