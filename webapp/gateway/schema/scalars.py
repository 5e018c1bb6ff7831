"""The scalars of the schema: how their values come in and go out."""

import re

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema

_CHAIN_ID = re.compile(r"[1-9][0-9]{0,77}")
_LARGEST_CHAIN_ID = 2**256
_LARGEST_EXACT_FLOAT = 2**53
"""Beyond, a float can be what another number was rounded to."""


def install_scalars(schema: GraphQLSchema) -> None:
    """Give the schema's own scalars their conversions; the SDL knows only their names."""
    for name, read in (
        ("AddressEVM", _read_address),
        ("ChainID", _read_chain_id),
        ("Timestamp", _read_timestamp),
    ):
        scalar = schema.type_map[name]
        if not isinstance(scalar, GraphQLScalarType):
            raise TypeError(f"{name}: expected a scalar in the SDL")
        scalar.coerce_input_value = read


def _read_address(value: object) -> str:
    if isinstance(value, str):
        return value
    raise GraphQLError("AddressEVM: expected a string")


def _read_chain_id(value: object) -> int:
    if isinstance(value, str) and _CHAIN_ID.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer() and value <= _LARGEST_EXACT_FLOAT:
        value = int(value)  # JSON has one kind of numbers, and GraphQL's own Int takes 1.0, too
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_CHAIN_ID:
        return value
    raise GraphQLError("ChainID: expected a positive integer")


def _read_timestamp(_: object) -> int:
    raise GraphQLError("Timestamp: expected in replies only")
