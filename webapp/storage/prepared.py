"""Statements for hot paths: written in SQLAlchemy Core, compiled once, executed through the driver.

Building and compiling a statement on each call costs more than the call.
"""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import sqlite

_DIALECT = sqlite.dialect(paramstyle="named")


class Prepared:
    """A statement whose parameters are all given by name at the call."""

    __slots__ = ("sql",)

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = compiled.string
        for name, value in compiled.params.items():
            if isinstance(value, int):  # a constant, such as the OFFSET 0 that comes with every LIMIT
                self.sql = re.sub(rf":{name}\b", str(value), self.sql)
            elif value is not None:
                raise TypeError(f"{name}: expected whole numbers as constants")

    def run_each(self, driver: sqlite3.Connection, given: Iterable[Mapping[str, object]]) -> None:
        """Execute it once for each of these."""
        driver.executemany(self.sql, given)

    def run(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> int:
        """Execute it; returns how many rows it changed."""
        return driver.execute(self.sql, given).rowcount

    def first(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> tuple[Any, ...] | None:
        """Give its first row, as the driver has it: truth values are 0 and 1."""
        row: tuple[Any, ...] | None = driver.execute(self.sql, given).fetchone()
        return row

    def all(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Give its rows, as `first` does."""
        return driver.execute(self.sql, given).fetchall()

    def scalar(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> Any:  # noqa: ANN401 (a column's)
        """Give the first column of its first row; None where there is none."""
        row = driver.execute(self.sql, given).fetchone()
        return None if row is None else row[0]
