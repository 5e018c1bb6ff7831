"""Statements for hot paths: written in SQLAlchemy Core, compiled once, executed through the driver.

Building and compiling a statement on each call costs more than the call.
"""

import functools
import json
import re
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import (
    JSON,
    ClauseElement,
    ColumnElement,
    Dialect,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import Insert, insert, psycopg
from sqlalchemy.types import TypeEngine

from webapp.storage.sql import Each

if TYPE_CHECKING:
    from webapp.storage.postgresql import PostgresqlConnection

Driver: TypeAlias = "sqlite3.Connection | PostgresqlConnection"
"""A driver's own connection, in a transaction."""

_SQLITE = sqlite.dialect(paramstyle="named")
_POSTGRESQL = psycopg.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # SQLAlchemy's
_PARAMETERS = {_SQLITE.name: re.compile(r":(\w+)"), _POSTGRESQL.name: re.compile(r"%\((\w+)\)s")}
_PLACES = {_SQLITE.name: "?", _POSTGRESQL.name: "%s"}


class Prepared:
    """A statement whose parameters are all given by name at the call.

    The driver gets them by their places: it would look for each name in each row.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement

    @cached_property
    def _for_sqlite(self) -> tuple[str, list[str]]:
        return _compiled(self._statement, _SQLITE)

    @cached_property
    def for_postgresql(self) -> tuple[str, list[str]]:
        """Its text, and what stands in its places."""
        return _compiled(self._statement, _POSTGRESQL)

    @property
    def sql(self) -> str:
        """Its text for SQLite."""
        return self._for_sqlite[0]

    def placed(self, given: Mapping[str, object]) -> list[object]:
        """Give SQLite's parameters by their places."""
        return [given[name] for name in self._for_sqlite[1]]

    def _executed(self, driver: Driver, given: Mapping[str, object]) -> Any:  # noqa: ANN401 (a cursor of either driver)
        if isinstance(driver, sqlite3.Connection):
            return driver.execute(self.sql, self.placed(given))
        sql, places = self.for_postgresql
        return driver.execute(sql, [given[name] for name in places], prepare=True)

    def run(self, driver: Driver, given: Mapping[str, object]) -> int:
        """Execute it; returns how many rows it changed."""
        changed: int = self._executed(driver, given).rowcount
        return changed

    def first(self, driver: Driver, given: Mapping[str, object]) -> tuple[Any, ...] | None:
        """Give its first row, as the driver has it: truth values may be 0 and 1."""
        row: tuple[Any, ...] | None = self._executed(driver, given).fetchone()
        return row

    def all(self, driver: Driver, given: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Give its rows, as `first` does."""
        rows: list[tuple[Any, ...]] = self._executed(driver, given).fetchall()
        return rows

    def scalar(self, driver: Driver, given: Mapping[str, object]) -> Any:  # noqa: ANN401 (a column's)
        """Give the first column of its first row; None where there is none."""
        row = self.first(driver, given)
        return None if row is None else row[0]


class Known(Enum):
    """What becomes of a row that is inserted where there is one with its key."""

    FAILS = 1
    CHANGES = 2  # the other columns take the values given
    ADDS = 3  # or have them added


class Rows:
    """Inserts rows into a table, many at once: SQLite is given each, PostgreSQL all as one JSON text."""

    def __init__(
        self, table: Table, *, columns: Sequence[str] | None = None, known: Known = Known.FAILS
    ) -> None:
        """Prepare the statement for rows that give these columns of the table; all, unless they are named.

        `known` says what becomes of a row whose key is there.
        """
        names = list(columns or (each.name for each in table.columns))
        values: dict[str, ColumnElement[Any]] = {name: bindparam(name) for name in names}
        self._one = Prepared(_where_known(insert(table).values(values), table, known))
        records = func.json_populate_recordset(
            literal_column(f"NULL::{table.name}"), cast(bindparam("rows", type_=Text), JSON)
        )
        all_of_them: Select[*tuple[Any, ...]] = select(*(column(name) for name in names)).select_from(records)
        self._all = Prepared(_where_known(insert(table).from_select(names, all_of_them), table, known))

    def run(self, driver: Driver, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert them, in this order."""
        insert_all(driver, (self, rows))

    def run_each(self, driver: sqlite3.Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert them into SQLite's table."""
        driver.executemany(self._one.sql, map(self._one.placed, rows))

    @property
    def for_postgresql(self) -> str:
        """The statement that inserts all rows of a JSON text, its one parameter."""
        return self._all.for_postgresql[0]


def insert_all(driver: Driver, *given: tuple[Rows, Sequence[Mapping[str, object]]]) -> None:
    """Insert rows into several tables, none of which needs what is inserted into another."""
    waiting = [(into, rows) for into, rows in given if rows]
    if isinstance(driver, sqlite3.Connection):
        for into, rows in waiting:
            into.run_each(driver, rows)
    elif waiting:
        statement = _inserting(tuple(into for into, _ in waiting))
        driver.execute(statement, [json.dumps(rows) for _, rows in waiting], prepare=True)


@functools.cache
def _inserting(into: tuple[Rows, ...]) -> str:
    """Write one statement, for one way there and back: PostgreSQL executes all of its parts."""
    *others, last = (rows.for_postgresql for rows in into)
    if not others:
        return last
    parts = (f"part_{number} AS ({one})" for number, one in enumerate(others))
    return f"WITH {', '.join(parts)} {last}"


class Lookup:
    """Finds rows by a key: those of one, or with one statement those of many."""

    __slots__ = ("_many", "_one")

    def __init__(
        self,
        statement: Callable[[ColumnElement[Any]], Select[*tuple[Any, ...]]],
        type_: TypeEngine[Any] | None = None,
    ) -> None:
        """Prepare both.

        `statement` compares an indexed column with the key that it is given, and has the key in its rows.
        Keys are of the type given, or texts.
        """
        type_ = type_ or Text()
        self._one = Prepared(statement(bindparam("key", type_=type_)))
        self._many = Prepared(statement(Each(bindparam("keys"), type_).table_valued("value").c.value))

    def of(self, keys: Collection[object]) -> tuple[Prepared, dict[str, object]]:
        """The statement for so many keys, and what is to be given to it; a key is a text or a number."""
        if len(keys) == 1:
            return self._one, {"key": next(iter(keys))}
        return self._many, {"keys": json.dumps(list(keys))}


# The insert is PostgreSQL's: SQLAlchemy compiles it for both databases, and SQLite's for that one alone.
def _where_known(statement: Insert, table: Table, known: Known) -> Insert:
    if known is Known.FAILS:
        return statement
    changed = {
        each.name: each + statement.excluded[each.name]
        if known is Known.ADDS
        else statement.excluded[each.name]
        for each in table.columns
        if not each.primary_key
    }
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


def _compiled(statement: ClauseElement, dialect: Dialect) -> tuple[str, list[str]]:
    """Give a statement's text, and what stands in its places."""
    parameter = _PARAMETERS[dialect.name]
    compiled = statement.compile(dialect=dialect)
    constants = {}
    for name, value in compiled.params.items():
        if isinstance(value, int):  # such as the OFFSET 0 that comes with every LIMIT
            constants[name] = str(value)
        elif value is not None:
            raise TypeError(f"{name}: expected whole numbers as constants")
    text = parameter.sub(lambda found: constants.get(found[1], found[0]), compiled.string)
    return parameter.sub(_PLACES[dialect.name], text), parameter.findall(text)
