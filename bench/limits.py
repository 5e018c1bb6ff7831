"""Limits of the machine: what signatures and commits alone would allow, measured without any of our code."""

import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
ENTRY_BYTES = 900
"""About what an entry of the operation log is long: message, signature, key, digests."""
GROWN_ROWS = 8_000
"""With so many the write-ahead log is longer than it ever gets before it begins anew."""


def verifications(pool: Executor, seconds: float) -> float:
    """Measure V: P-256 verifications a second, on each core in a process of the pool."""
    return sum(pool.map(_verify_for, [seconds] * CORES))


def _verify_for(seconds: float) -> float:
    key, message = ec.generate_private_key(ec.SECP256R1()), b"m" * 110
    signature, public = key.sign(message, ec.ECDSA(SHA256())), key.public_key()
    algorithm = ec.ECDSA(SHA256())
    count, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        for _ in range(50):
            public.verify(signature, message, algorithm)
        count += 50
    return count / took


def commits(folder: Path, rows: int, seconds: float) -> tuple[float, float]:
    """Measure durable commits of so many rows each, by one writer: SQLite, WAL, `synchronous = FULL`.

    A row is as long as an entry of the log and has a number for its key; there is no other index.

    Args:
        folder: In the file system in question.
        rows: How many rows a commit has.
        seconds: How long to go on.

    Returns:
        Rows a second; seconds that the median commit took.
    """
    with _table(folder) as connection:
        batch = [("m" * ENTRY_BYTES,)] * rows
        took: list[float] = []
        began = time.perf_counter()
        while (now := time.perf_counter()) - began < seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO log (entry) VALUES (?)", batch)
            connection.execute("COMMIT")
            took.append(time.perf_counter() - now)
        return len(took) * rows / (now - began), sorted(took)[len(took) // 2]


@contextmanager
def _table(parent: Path) -> Iterator[sqlite3.Connection]:
    with (
        TemporaryDirectory(dir=parent) as folder,
        closing(sqlite3.connect(Path(folder) / "raw.sqlite3", isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE log (position INTEGER PRIMARY KEY, entry TEXT NOT NULL)")
        # A write-ahead log that grows costs the file system more than one that has come to its length, as a
        # server's has after its first thousand pages.
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO log (entry) VALUES (?)", [("m" * ENTRY_BYTES,)] * GROWN_ROWS)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        yield connection
