"""Statements for hot paths: written in SQLAlchemy Core, compiled once, executed through the driver.

Building and compiling a statement on each call costs more than the call.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Select, bindparam, func
from sqlalchemy.dialects import sqlite

_DIALECT = sqlite.dialect(paramstyle="named")
_PARAMETER = re.compile(r":(\w+)")


class Prepared:
    """A statement whose parameters are all given by name at the call.

    The driver gets them by their places: it would look for each name in each row.
    """

    __slots__ = ("_places", "sql")

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        sql = compiled.string
        for name, value in compiled.params.items():
            if isinstance(value, int):  # a constant, such as the OFFSET 0 that comes with every LIMIT
                sql = re.sub(rf":{name}\b", str(value), sql)
            elif value is not None:
                raise TypeError(f"{name}: expected whole numbers as constants")
        self.sql = _PARAMETER.sub("?", sql)
        self._places = _PARAMETER.findall(sql)

    def _values(self, given: Mapping[str, object]) -> list[object]:
        return [given[name] for name in self._places]

    def run_each(self, driver: sqlite3.Connection, given: Iterable[Mapping[str, object]]) -> None:
        """Execute it once for each of these."""
        driver.executemany(self.sql, map(self._values, given))

    def run(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> int:
        """Execute it; returns how many rows it changed."""
        return driver.execute(self.sql, self._values(given)).rowcount

    def first(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> tuple[Any, ...] | None:
        """Give its first row, as the driver has it: truth values are 0 and 1."""
        row: tuple[Any, ...] | None = driver.execute(self.sql, self._values(given)).fetchone()
        return row

    def all(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Give its rows, as `first` does."""
        return driver.execute(self.sql, self._values(given)).fetchall()

    def scalar(self, driver: sqlite3.Connection, given: Mapping[str, object]) -> Any:  # noqa: ANN401 (a column's)
        """Give the first column of its first row; None where there is none."""
        row = self.first(driver, given)
        return None if row is None else row[0]


class Lookup:
    """Finds rows by a key: those of one, or with one statement those of many."""

    __slots__ = ("_many", "_one")

    def __init__(self, statement: Callable[[ColumnElement[Any]], Select[*tuple[Any, ...]]]) -> None:
        """Prepare both.

        Args:
            statement: Compares an indexed column with the key that it is given, and has the key in its rows.
        """
        self._one = Prepared(statement(bindparam("key")))
        self._many = Prepared(statement(func.json_each(bindparam("keys")).table_valued("value").c.value))

    def of(self, keys: Collection[object]) -> tuple[Prepared, dict[str, object]]:
        """The statement for so many keys, and what is to be given to it; a key is a text or a number."""
        if len(keys) == 1:
            return self._one, {"key": next(iter(keys))}
        return self._many, {"keys": json.dumps(list(keys))}
