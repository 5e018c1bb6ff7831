"""`docs/contract.md` says all that the schema has, and every code that the gateway answers with."""

import re

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
)

from tests.support.places import ROOT
from webapp.gateway.http.service import schema_text

PAGE = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
WORDS = frozenset(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", _FENCED.sub("", PAGE)))))
SCHEMA = build_schema(schema_text())
OWN = [definition for name, definition in SCHEMA.type_map.items() if not name.startswith("__")]
_CODE = re.compile(r'(?:"code": |Refusal\(\s*\d+, |Error\(\s*|code=)"([A-Z_]{6,})"')
CODES = frozenset(
    code
    for path in (ROOT / "webapp" / "gateway").rglob("*.py")
    for code in _CODE.findall(path.read_text(encoding="utf-8"))
)


@pytest.mark.parametrize(
    "definition", [one for one in OWN if isinstance(one, GraphQLObjectType | GraphQLInputObjectType)], ids=str
)
def test_every_field_and_argument_stands_on_the_page(
    definition: GraphQLObjectType | GraphQLInputObjectType,
) -> None:
    names = set(definition.fields)
    for field in definition.fields.values():
        names |= set(getattr(field, "args", {}))
    assert names <= WORDS, names - WORDS


@pytest.mark.parametrize("definition", [one for one in OWN if isinstance(one, GraphQLEnumType)], ids=str)
def test_every_status_stands_on_the_page(definition: GraphQLEnumType) -> None:
    names = set(definition.values)
    assert names <= WORDS, names - WORDS


def test_every_scalar_stands_on_the_page() -> None:
    own = {one.name for one in OWN if isinstance(one, GraphQLScalarType)} - {"Int", "ID", "String", "Boolean"}
    assert own <= WORDS, own - WORDS


def test_every_code_stands_on_the_page() -> None:
    assert len(CODES) > 15
    assert CODES <= WORDS, CODES - WORDS
