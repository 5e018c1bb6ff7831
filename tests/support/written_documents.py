"""Writes GraphQL documents for the schema, and variables for them: most of them fit, and some do not."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    is_leaf_type,
)
from hypothesis import strategies as st

from tests.support.people import Person, Wallet
from webapp.gateway.http.service import schema_text

SCHEMA = build_schema(schema_text())

JUNK: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [None, True, False, 0, 1, -1, 2**31, 1.0, 1.5, 1e300, "", "1", "shiyu", "\ud800", "FOLLOW"]
    ),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["address", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
TEXTS = {
    "handle": ["shiyu", "cyberconnect", "nobody", "Shiyu", ""],
    "address": [
        Person("alice").address,
        Person("bob").address.lower(),
        Wallet("owner of shiyu").address,
        "0x12",
    ],
    "prefix": ["sh", "", "%"],
    "search": ["sh", "", "%"],
    "after": ["", "x"],
    "entryDigest": ["0" * 64, "0x"],
}
TEXTS["handles"] = TEXTS["handle"]
TEXTS["me"] = TEXTS["addresses"] = TEXTS["address"]


@dataclass
class Writing:
    """Writes a document of one operation, and the variables for it."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    requests: list[dict[str, str]]
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)

    def some(self, *weighted: tuple[int, Any]) -> Any:
        """One of several things, each as often as its number says."""
        return self.draw(st.sampled_from([thing for often, thing in weighted for _ in range(often)]))

    def fitting(self, name: str, kind: Any) -> Any:
        """A value that the type has, and mostly one that means something."""
        if isinstance(kind, GraphQLNonNull):
            return self.fitting(name, kind.of_type)
        if isinstance(kind, GraphQLList):
            return [self.fitting(name, kind.of_type) for _ in range(self.some((1, 0), (3, 2)))]
        if isinstance(kind, GraphQLInputObjectType):
            known = self.draw(st.sampled_from(self.requests))
            given = {
                member: known[member] if member in known else self.fitting(member, of.type)
                for member, of in kind.fields.items()
                if isinstance(of.type, GraphQLNonNull) or self.some((1, True), (1, False))
            }
            if self.some((6, False), (1, True)):
                given[self.some((1, "x"), (3, next(iter(given))))] = self.draw(JUNK)
            return given
        if isinstance(kind, GraphQLEnumType):
            return self.draw(st.sampled_from(list(kind.values)))
        if kind.name == "Int":
            return self.some((3, 1), (2, 0), (2, 3), (1, -1), (1, 2.0))
        if kind.name == "ChainID":
            return self.some((1, 1), (1, "56"), (1, 97.0))
        if kind.name == "Boolean":
            return self.some((1, True), (1, False))
        return self.draw(st.sampled_from(TEXTS.get(name, ["x", "1"])))

    def value(self, name: str, kind: Any) -> str:
        """An argument's value: a variable, or written out, with variables inside or without."""
        how = self.some((5, "variable"), (3, "literal"))
        if how == "variable":
            return self.variable(name, kind)
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(inner, GraphQLInputObjectType):
            given = self.fitting(name, inner)
            members = []
            for member, of in inner.fields.items():
                if member in given:
                    inside = self.some((1, True), (1, False))
                    written = self.value(member, of.type) if inside else self.literal(given[member], of.type)
                    members.append(f"{member}: {written}")
            return "{" + " ".join(members) + "}"
        given = self.draw(JUNK) if self.some((15, False), (1, True)) else self.fitting(name, kind)
        return self.literal(given, kind)

    def literal(self, value: Any, kind: Any) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self.literal(value, kind.of_type)
        if isinstance(kind, GraphQLEnumType) and isinstance(value, str):
            return value or "NONE"
        if isinstance(value, dict):
            return "{" + " ".join(f"{name}: {self.literal(each, None)}" for name, each in value.items()) + "}"
        if isinstance(value, list):
            return "[" + " ".join(self.literal(each, None) for each in value) + "]"
        return json.dumps(value)

    def variable(self, name: str, kind: Any) -> str:
        called = f"v{len(self.declared)}"
        declared = str(kind)
        how = self.some((8, "as it is"), (1, "text"), (1, "nullable"), (2, "default"), (1, "null default"))
        if how == "text":
            declared = declared.replace("AddressEVM", "String")
        if how in {"nullable", "null default"}:
            declared = declared.rstrip("!")
        if how == "default":
            declared = f"{declared.rstrip('!')} = {self.literal(self.fitting(name, kind), kind)}"
        if how == "null default":
            declared += " = null"
        self.declared.append(f"${called}: {declared}")
        sent = self.some((12, "fitting"), (1, "junk"), (1, "null"), (1, "nothing"))
        if sent != "nothing":
            self.variables[called] = (
                None if sent == "null" else self.draw(JUNK) if sent == "junk" else self.fitting(name, kind)
            )
        return f"${called}"

    def selection(self, kind: GraphQLObjectType, depth: int) -> str:
        names = [name for name, of in kind.fields.items() if depth or is_leaf_type(_named(of.type))] or [
            "__typename"
        ]
        chosen = self.draw(
            st.lists(st.sampled_from([*names, "__typename"]), min_size=1, max_size=4, unique=True)
        )
        return "{ " + " ".join(self.selected(kind, name, depth) for name in chosen) + " }"

    def selected(self, kind: GraphQLObjectType, name: str, depth: int) -> str:
        alias = self.some((8, ""), (1, "a: "))
        directive = ""
        if self.some((10, False), (1, True)):
            how = self.some((1, "include"), (1, "skip"))
            directive = f" @{how}(if: {self.value('if', SCHEMA.get_directive('skip').args['if'].type)})"  # type: ignore[union-attr]
        if name == "__typename":
            return f"{alias}{name}{directive}"
        definition = kind.fields[name]
        arguments = ", ".join(
            f"{argument}: {self.value(argument, of.type)}"
            for argument, of in definition.args.items()
            if (isinstance(of.type, GraphQLNonNull) and not of.default) or self.some((1, True), (2, False))
        )
        inner = _named(definition.type)
        members = self.selection(inner, depth - 1) if isinstance(inner, GraphQLObjectType) else ""
        return f"{alias}{name}{f'({arguments})' if arguments else ''}{directive} {members}"

    def operation(self) -> dict[str, Any]:
        kind = self.some((3, "query"), (2, "mutation"))
        root = SCHEMA.query_type if kind == "query" else SCHEMA.mutation_type
        assert root is not None
        if kind == "query":
            selection = self.selection(root, 5)
        else:
            selection = "{ " + self.selected(root, self.draw(st.sampled_from(list(root.fields))), 1) + " }"
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return {"query": f"{kind} q{declared} {selection}", "variables": self.variables}


def _named(kind: Any) -> Any:
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind
