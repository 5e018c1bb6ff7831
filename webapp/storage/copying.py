"""Rows of a database taken into a PostgreSQL one, many at a time, by its COPY."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Select, Table

from webapp.storage.database import Database
from webapp.storage.postgresql import PostgresqlConnection, driver_of_postgresql

MOST = 10_000
"""Rows in a transaction, where the next run may go on after it."""

Rows = Iterable[Sequence[Any]]


def rows_of(source: Connection, wanted: Select[Any]) -> Rows:
    """Read the rows wanted, as many as memory need hold at a time."""
    return source.execute(wanted.execution_options(yield_per=MOST))


def append(target: Database, table: Table, rows: Rows, copied: Callable[[int], None]) -> None:
    """Append rows, of all of the table's columns, in their order to one of a PostgreSQL database.

    They go in transactions of their own, and an interruption keeps a beginning of them. `copied` is told
    after each how many more are there.
    """
    left = iter(rows)
    while some := list(islice(left, MOST)):
        with target.write() as connection:
            _copy(driver_of_postgresql(connection), table, some)
        copied(len(some))


def replace(target: Connection, table: Table, rows: Rows) -> None:
    """Have these rows in a table, and no others."""
    driver = driver_of_postgresql(target)
    driver.execute(SQL("DELETE FROM {}").format(Identifier(table.name)))
    _copy(driver, table, rows)


def _copy(driver: PostgresqlConnection, table: Table, rows: Rows) -> None:
    columns = SQL(", ").join(Identifier(column.name) for column in table.columns)
    statement = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), columns)
    with driver.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
