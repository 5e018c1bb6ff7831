"""How much work something is, the same on any machine; and work that many do at once."""

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

import psycopg
import pytest
from sqlalchemy import Connection

from webapp.storage.database import Database, driver_of
from webapp.storage.urls import is_postgresql

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
    with _overheard(database, asked.append):
        work()
    return [statement for statement in asked if statement.startswith(("SELECT", "WITH"))]


def steps_of(database: Database, work: Callable[[], object]) -> int:
    """What a piece of work takes in a database that nobody else uses: SQLite's instructions, or rows read."""
    if is_postgresql(database.url):
        statements = statements_of(database, work)
        with database.read() as connection:
            _as_for_long_tables(connection)
            return sum(
                _rows_read(step)
                for text in statements
                for step in plan_of(connection, text, "ANALYZE, TIMING off, SUMMARY off,")
            )
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    driver = _driver(database)
    driver.set_progress_handler(count, 1)
    try:
        work()
    finally:
        driver.set_progress_handler(None, 1)
    return steps


def looks_through(connection: Connection, statement: str) -> list[str]:
    """What a statement goes through in the database instead of looking it up in an index."""
    if connection.dialect.name == "postgresql":
        _as_for_long_tables(connection)
        rows = "SELECT relname FROM pg_class WHERE reltuples > 1"
        long = set(connection.exec_driver_sql(rows).scalars())
        return [
            f"{step['Node Type']} {step['Relation Name']}"
            for step in plan_of(connection, statement)
            if step["Node Type"] in {"Seq Scan", "Index Scan", "Index Only Scan"}
            and "Index Cond" not in step
            and step["Relation Name"] in long
        ]
    steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    return [step for step in steps if not _is_looked_up(step) and not step.startswith(_OF_WHAT_WAS_FOUND)]


def looked_up(connection: Connection, statement: str) -> list[str]:
    """By which conditions a statement looks something up in an index."""
    if connection.dialect.name == "postgresql":
        _as_for_long_tables(connection)
        return [step["Index Cond"] for step in plan_of(connection, statement) if "Index Cond" in step]
    steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    return [step for step in steps if _is_looked_up(step)]


def plan_of(connection: Connection, statement: str, options: str = "") -> Iterator[dict[str, Any]]:
    """Each step of PostgreSQL's plan."""
    explained = driver_of(connection).execute(f"EXPLAIN ({options} FORMAT JSON) {statement}")
    [[[found]]] = explained.fetchall()
    waiting = [found["Plan"]]
    while waiting:
        step = waiting.pop()
        waiting += step.get("Plans", ())
        yield step


def _as_for_long_tables(connection: Connection) -> None:
    """Have PostgreSQL plan as where tables are long: it would rather read short ones whole, and sort."""
    if not connection.info.setdefault("analyzed", False):
        connection.exec_driver_sql("ANALYZE")
        connection.info["analyzed"] = True
    for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    for row in ("cpu_tuple_cost", "cpu_index_tuple_cost"):
        connection.exec_driver_sql(f"SET LOCAL {row} = 100")


_OF_WHAT_WAS_FOUND = (
    "CO-ROUTINE",
    "MATERIALIZE",
    "RECURSIVE STEP",
    "SETUP",
    "SCALAR SUBQUERY",
    "LIST SUBQUERY",
    "CORRELATED SCALAR SUBQUERY",
    "SCAN CONSTANT ROW",
    "SCAN anon_",
    "SCAN json_each",
    "USE TEMP B-TREE",
)


def _is_looked_up(step: str) -> bool:
    return step.startswith("SEARCH ") and " INDEX " in step


def _rows_read(step: dict[str, Any]) -> int:
    if "Relation Name" not in step:
        return 0
    removed = step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Index Recheck", 0)
    return int((step["Actual Rows"] + removed) * step["Actual Loops"])


@contextmanager
def _overheard(database: Database, told: Callable[[str], None]) -> Iterator[None]:
    if not is_postgresql(database.url):
        driver = _driver(database)
        driver.set_trace_callback(told)
        try:
            yield
        finally:
            driver.set_trace_callback(None)
        return
    execute = psycopg.Cursor.execute

    def overheard(cursor: Any, query: Any, params: Any = None, **named: Any) -> Any:
        told(psycopg.ClientCursor(cursor.connection).mogrify(query, params).strip())
        return execute(cursor, query, params, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", overheard)
        yield


def _driver(database: Database) -> sqlite3.Connection:
    """The connection that a database uses whose connections nobody else does."""
    with database.snapshot() as snapshot:
        assert isinstance(snapshot.driver, sqlite3.Connection)
        return snapshot.driver
