"""What a request gives to a plan: variables as they were sent, and arguments made of them.

Both are read as GraphQL's executor reads them where they are plainly right; everything else is left to it,
by a `NoPlanError`. The section numbers are those of https://spec.graphql.org/September2025/
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    ArgumentNode,
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    ObjectFieldNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    coerce_input_literal,
    get_nullable_type,
    is_input_type,
    type_from_ast,
)

_TEXTS = frozenset({"String", "AddressEVM"})

Values: TypeAlias = Mapping[str, Any]
"""Variables by name: as they were sent, or coerced."""
_Read: TypeAlias = Callable[[Any], Any]
"""Coerces a value that was sent."""


class NoPlanError(Exception):
    """The executor is to answer: the document has no plan, or these variables do not fit the one it has."""


@dataclass(frozen=True, slots=True)
class Variables:
    """Reads variables as an operation declares them (section 6.1.2)."""

    defaults: dict[str, Any]
    readers: tuple[tuple[str, _Read], ...]
    required: frozenset[str]

    @classmethod
    def prepare(cls, schema: GraphQLSchema, nodes: tuple[VariableDefinitionNode, ...]) -> "Variables":
        defaults, readers, required = {}, [], set()
        for node in nodes:
            name, kind = node.variable.name.value, type_from_ast(schema, node.type)
            if node.directives or kind is None or not is_input_type(kind):
                raise NoPlanError
            readers.append((name, _reader(kind)))
            if node.default_value:
                defaults[name] = _constant(node.default_value, kind)
            elif isinstance(kind, GraphQLNonNull):
                required.add(name)
        return cls(defaults, tuple(readers), frozenset(required))

    def read(self, given: Values) -> dict[str, Any]:
        if not self.required <= given.keys():
            raise NoPlanError
        values = dict(self.defaults)
        for name, read in self.readers:
            if name in given:
                values[name] = read(given[name])
        return values


@dataclass(frozen=True, slots=True)
class Arguments:
    """Gives the arguments of a field, or the members of an object in a document's text (section 6.4.1).

    Attributes:
        constants: What is known without variables.
        references: The others: name, the variable's name, what stands in for a variable that was not sent
            (`Undefined`: nothing; where there must be something, validation has seen to the variable), and
            whether it may be null.
        objects: Members that are objects with variables inside.
    """

    constants: dict[str, Any]
    references: tuple[tuple[str, str, Any, bool], ...]
    objects: tuple[tuple[str, "Arguments"], ...]

    @classmethod
    def prepare(
        cls,
        definitions: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField],
        given: Iterable[ArgumentNode | ObjectFieldNode],
    ) -> "Arguments":
        nodes = {each.name.value: each.value for each in given}
        constants, references, objects = {}, [], []
        for name, definition in definitions.items():
            key, kind, node = definition.out_name or name, definition.type, nodes.get(name)
            if isinstance(node, VariableNode):
                nullable = not isinstance(kind, GraphQLNonNull)
                references.append((key, node.name.value, _default(definition), nullable))
            elif node is None:
                default = _default(definition)
                if default is not Undefined:
                    constants[key] = default
            elif isinstance(node, ObjectValueNode) and _has_variables(node):
                inner = get_nullable_type(kind)
                if not isinstance(inner, GraphQLInputObjectType) or inner.is_one_of:
                    raise NoPlanError
                objects.append((key, cls.prepare(inner.fields, node.fields)))
            else:
                constants[key] = _constant(node, kind)
        return cls(constants, tuple(references), tuple(objects))

    def read(self, variables: Values) -> dict[str, Any]:
        values = dict(self.constants)
        for key, name, default, nullable in self.references:
            value = variables.get(name, default)
            if value is Undefined:
                continue
            if value is None and not nullable:
                raise NoPlanError
            values[key] = value
        for key, members in self.objects:
            values[key] = members.read(variables)
        return values


def _default(definition: GraphQLArgument | GraphQLInputField) -> Any:  # noqa: ANN401 (whatever the SDL says)
    if definition.default is None or definition.default.literal is None:
        return Undefined
    return _constant(definition.default.literal, definition.type)


def _constant(node: ValueNode, kind: GraphQLInputType) -> Any:  # noqa: ANN401 (whatever the SDL says)
    if _has_variables(node):
        raise NoPlanError
    value = coerce_input_literal(node, kind)
    if value is Undefined:
        raise NoPlanError
    return value


def _has_variables(node: ValueNode) -> bool:
    pending: list[Any] = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, VariableNode):
            return True
        pending.extend(getattr(each, "values", ()))
        pending.extend(member.value for member in getattr(each, "fields", ()))
    return False


def _reader(kind: GraphQLInputType) -> _Read:
    """Coerce what was sent to a type, as `coerce_input_value` does: of that, what plain requests need."""
    if isinstance(kind, GraphQLNonNull):
        return _reader_of_something(kind.of_type)  # none of these takes a null
    inner = _reader_of_something(kind)
    return lambda value: None if value is None else inner(value)


def _reader_of_something(kind: Any) -> _Read:  # noqa: ANN401 (the library's type is a union that mypy cannot narrow)
    if isinstance(kind, GraphQLList):
        return _list_reader(_reader(kind.of_type))
    if isinstance(kind, GraphQLInputObjectType):
        return _object_reader(kind)
    if isinstance(kind, GraphQLScalarType) and kind.name in _TEXTS:
        return _text
    return _leaf_reader(kind.coerce_input_value)


def _text(value: Any) -> str:  # noqa: ANN401 (whatever JSON can say)
    if not isinstance(value, str):
        raise NoPlanError
    return value


def _leaf_reader(coerce: _Read) -> _Read:
    def read(value: Any) -> Any:  # noqa: ANN401 (whatever JSON can say)
        try:
            return coerce(value)
        except Exception:  # noqa: BLE001 (as the library does)
            raise NoPlanError from None

    return read


def _list_reader(entry: _Read) -> _Read:
    def read(value: Any) -> list[Any]:  # noqa: ANN401 (whatever JSON can say)
        if not isinstance(value, list):
            raise NoPlanError
        return [entry(each) for each in value]

    return read


def _object_reader(kind: GraphQLInputObjectType) -> _Read:
    if kind.is_one_of:
        raise NoPlanError
    names = kind.fields.keys()
    members = [
        (
            name,
            member.out_name or name,
            _reader(member.type),
            _default(member),
            isinstance(member.type, GraphQLNonNull),
        )
        for name, member in kind.fields.items()
    ]

    def read(value: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever JSON can say)
        if not isinstance(value, dict) or not value.keys() <= names:
            raise NoPlanError
        found = {}
        for name, key, inner, default, never_null in members:
            if name in value:
                found[key] = inner(value[name])
            elif default is not Undefined:
                found[key] = default
            elif never_null:
                raise NoPlanError
        return found

    return read
