"""What SQLite and PostgreSQL say in different words, as expressions that are compiled to those of each."""

from typing import Any

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Integer, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def letters(length: int) -> TypeEngine[str]:
    """Text up to so many characters that is ordered by its bytes, whatever language a database is set to."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def big_serial() -> TypeEngine[int]:
    """A key that the database gives: SQLite gives it to this type alone."""
    return BigInteger().with_variant(Integer(), "sqlite")


class Each(FunctionElement[Any]):
    """A table of one column, `value`: the elements of an array, given as JSON: texts, or whole numbers."""

    inherit_cache = True
    name = "each"

    def __init__(self, array: BindParameter[str], type_: TypeEngine[Any]) -> None:
        super().__init__(array)
        self.of = type_


@compiles(Each, "sqlite")
def _each_sqlite(element: Each, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401 (SQLAlchemy's)
    return f"json_each({compiler.process(element.clauses, **named)})"


@compiles(Each, "postgresql")
def _each_postgresql(element: Each, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401
    array = compiler.process(element.clauses, **named)
    kind = "bigint" if isinstance(element.of, Integer) else "text"
    elements = f"SELECT json_array_elements_text(CAST({array} AS json))"
    return f"(SELECT unnest(CAST(ARRAY({elements}) AS {kind}[])) AS value)"


class GivenRows(FunctionElement[Any]):
    """A table of rows that are given as JSON, an array of arrays of texts, with names for their columns.

    Its column `number` counts from 0.
    """

    inherit_cache = True
    name = "given_rows"

    def __init__(self, rows: BindParameter[str], *names: str) -> None:
        super().__init__(rows)
        self.names = names


@compiles(GivenRows, "sqlite")
def _given_sqlite(element: GivenRows, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401
    columns = [f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(element.names)]
    rows = compiler.process(element.clauses, **named)
    return f"(SELECT key AS number, {', '.join(columns)} FROM json_each({rows}))"  # noqa: S608 (texts of ours)


@compiles(GivenRows, "postgresql")
def _given_postgresql(element: GivenRows, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401
    columns = [f"value ->> {place} AS {name}" for place, name in enumerate(element.names)]
    rows = compiler.process(element.clauses, **named)
    table = f"json_array_elements(CAST({rows} AS json)) WITH ORDINALITY AS given(value, ordinality)"
    return f"(SELECT ordinality - 1 AS number, {', '.join(columns)} FROM {table})"  # noqa: S608 (texts of ours)


class RowsAsJson(FunctionElement[str]):
    """All rows in one text: a JSON array of arrays, of these columns."""

    inherit_cache = True
    type = Text()
    name = "rows_as_json"

    def __init__(self, *columns: ColumnElement[Any]) -> None:
        super().__init__(*columns)


@compiles(RowsAsJson, "sqlite")
def _json_sqlite(element: RowsAsJson, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401
    return f"json_group_array(json_array({compiler.process(element.clauses, **named)}))"


@compiles(RowsAsJson, "postgresql")
def _json_postgresql(element: RowsAsJson, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401
    return f"CAST(json_agg(json_build_array({compiler.process(element.clauses, **named)})) AS text)"


class NextPlace(FunctionElement[int]):
    """The next number of those that PostgreSQL gives to entries of the log; on SQLite who writes counts."""

    inherit_cache = True
    type = BigInteger()
    name = "next_place"


@compiles(NextPlace, "sqlite")
def _next_sqlite(*_: Any, **__: Any) -> str:  # noqa: ANN401
    return "NULL"


@compiles(NextPlace, "postgresql")
def _next_postgresql(*_: Any, **__: Any) -> str:  # noqa: ANN401
    return "nextval('log_places')"


class TenDigits(FunctionElement[str]):
    """A whole number below 10,000,000,000 as ten digits, so that texts stand in the order of the numbers."""

    inherit_cache = True
    type = Text()
    name = "ten_digits"


@compiles(TenDigits, "sqlite")
def _digits_sqlite(element: TenDigits, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401
    return f"printf('%010d', {compiler.process(element.clauses, **named)})"


@compiles(TenDigits, "postgresql")
def _digits_postgresql(element: TenDigits, compiler: SQLCompiler, **named: Any) -> str:  # noqa: ANN401
    return f"lpad(CAST({compiler.process(element.clauses, **named)} AS text), 10, '0')"
