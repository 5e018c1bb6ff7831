"""Databases to measure on: a graph of so many edges, as signed operations would have left it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.people import DAY_MS, HANDLES, KeyRow, OperationRow, filled, filler, now_ms, writer_keys

ROOT = Path(__file__).resolve().parents[1]
FOLLOWS = 10
"""How many handles each of those follows who fill the graph."""
_CHUNK = 250

_PROFILE = """INSERT INTO profiles (handle, profile_id, owner_address, display_name, bio, avatar, metadata,
is_primary, created_at) VALUES (?, ?, ?, ?, '', '', '', ?, ?)"""
_KEY = """INSERT INTO signing_keys (address, public_key, authorization_message, authorization_signature,
registered_at, expires_at, name) VALUES (?, ?, ?, ?, ?, ?, '')"""
_OPERATION = """INSERT INTO operations (address, handle, sequence, position, op, ts, message, digest,
signature, signing_key, previous_digest, entry_digest, received_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_PROJECTED = (
    """INSERT INTO edges (address, handle, following, since, position, sequence, ts, digest, entry_digest)
    SELECT address, handle, 1, received_at, position, sequence, ts, digest, entry_digest FROM operations""",
    "INSERT OR REPLACE INTO follower_counts SELECT handle, count(*) FROM edges GROUP BY handle",
    "INSERT INTO following_counts SELECT address, count(*) FROM edges GROUP BY address",
)


@dataclass(frozen=True, slots=True)
class Graph:
    """What a database was filled with.

    Attributes:
        file: Where it is.
        people: How many people follow, each `FOLLOWS` handles.
    """

    file: Path
    people: int

    @property
    def edges(self) -> int:
        """How many edges there are, which is also the last position of the log."""
        return self.people * FOLLOWS


def countersign(*words: str, url: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of Countersign's, on the database at a URL."""
    return subprocess.run(
        [sys.executable, "-m", "webapp.cli", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def build(file: Path, edges: int, writers: int, pool: Executor) -> Graph:
    """Make a database of so many edges, and register so many writers who follow nobody yet."""
    graph = Graph(file, edges // FOLLOWS)
    migrated = countersign("migrate", url=f"sqlite:///{file}")
    if migrated.returncode:
        raise RuntimeError(migrated.stderr)
    at = now_ms() - DAY_MS
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        connection.executemany(_PROFILE, _profiles(at))
        for start in range(0, writers, _CHUNK):
            numbers = range(start, min(start + _CHUNK, writers))
            connection.executemany(_KEY, pool.submit(writer_keys, numbers, at).result())
        for keys, operations in _filled(graph, at, pool):
            connection.executemany(_KEY, keys)
            connection.executemany(_OPERATION, operations)
        for statement in _PROJECTED:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    return graph


def _profiles(at: int) -> Iterator[tuple[str, int, str, str, bool, int]]:
    owners: set[str] = set()
    for number, handle in enumerate(HANDLES):
        owner = filler(number % 16).address
        yield handle, number + 1, owner, handle.title(), owner not in owners, at
        owners.add(owner)


def _filled(graph: Graph, at: int, pool: Executor) -> Iterator[tuple[list[KeyRow], list[OperationRow]]]:
    chunks = [range(start, min(start + _CHUNK, graph.people)) for start in range(0, graph.people, _CHUNK)]
    under_way = []
    for chunk in chunks:
        under_way.append(pool.submit(filled, chunk, FOLLOWS, at))
        if len(under_way) > 8:
            yield under_way.pop(0).result()
    for each in under_way:
        yield each.result()
