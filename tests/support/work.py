"""How much work something is, the same on any machine; and work that many do at once."""

import sqlite3
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import TypeVar

from webapp.storage.database import Database

T = TypeVar("T")


def calls_of(work: Callable[[], T]) -> tuple[int, T]:
    """How many calls of functions a piece of work takes; and what came of it."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        result = work()
    finally:
        sys.setprofile(None)
    return calls, result


def at_once(times: int, work: Callable[[int], T]) -> list[T]:
    """What a piece of work comes to in as many threads, which begin together; each has its number."""
    start = threading.Barrier(times)

    def run(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def statements_of(database: Database, work: Callable[[], object]) -> list[str]:
    """Every query that a piece of work sends to a database that nobody else uses, with its values."""
    asked: list[str] = []
    _driver(database).set_trace_callback(asked.append)
    try:
        work()
    finally:
        _driver(database).set_trace_callback(None)
    return [statement for statement in asked if statement.startswith(("SELECT", "WITH"))]


def steps_of(database: Database, work: Callable[[], object]) -> int:
    """How many instructions a piece of work takes in a database that nobody else uses."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    _driver(database).set_progress_handler(count, 1)
    try:
        work()
    finally:
        _driver(database).set_progress_handler(None, 1)
    return steps


def _driver(database: Database) -> sqlite3.Connection:
    """The connection that a database uses whose connections nobody else does."""
    with database.snapshot() as snapshot:
        assert isinstance(snapshot.driver, sqlite3.Connection)
        return snapshot.driver
