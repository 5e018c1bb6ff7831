"""Prepared plans: what GraphQL's executor finds out anew for every request, found out once for a document.

A plan answers as the executor would, byte for byte, and knows when it would not. Variables that are not
plainly right, and whatever goes wrong in a query, are left to the executor, whose errors the client then
reads. A mutation's resolver is called once and never again: what it raises is told as the executor tells it.

There is a plan for a document of one operation that has no fragments, asks for no field under one name twice,
and keeps variables out of lists; of mutations, for those of one field whose members are plain values. The
site's own documents, those of the original SDK and of its guides are such. The section numbers are those of
https://spec.graphql.org/September2025/
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLArgument,
    GraphQLIncludeDirective,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSkipDirective,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    coerce_input_literal,
    is_input_type,
    is_leaf_type,
    located_error,
    type_from_ast,
)

from webapp.chain.errors import RpcError
from webapp.gateway.reads.reading import Reading
from webapp.storage.errors import DatabaseFailure

Values: TypeAlias = Mapping[str, Any]
"""Variables by name: as they were sent, or coerced."""


class _NoPlanError(Exception):
    """The executor is to answer: the document has no plan, or these variables do not fit the one it has."""


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a plan; resolvers get it as their `info`.

    Attributes:
        context: What the request may see.
        variables: Coerced.
    """

    context: Reading
    variables: Values = field(default_factory=dict)


_Read: TypeAlias = Callable[[Any], Any]
"""Coerces a value that was sent."""
_Complete: TypeAlias = Callable[[Any, Run], Any]
"""Gives the reply's value for a field's: of an object, its selection; of a list, its entries."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The plan of a query.

    Attributes:
        name: The operation's; empty where it has none.
    """

    name: str
    _variables: "_Variables"
    _selection: _Complete

    def execute(self, context: Reading, given: Values) -> ExecutionResult | None:
        """Answer with these variables; None: the executor is to answer, with a reading of its own.

        Raises:
            DatabaseFailure: The database could not be asked.
            RpcError: A chain could not be asked.
        """
        try:
            return ExecutionResult(self._selection(None, Run(context, self._variables.read(given))))
        except (DatabaseFailure, RpcError):
            raise
        except Exception:  # noqa: BLE001 (a query can be asked twice; the executor knows what a fault makes of the reply)
            return None


@dataclass(frozen=True, slots=True)
class MutationPlan:
    """The plan of a mutation of one field, in two halves: whoever decides the mutation stands in between.

    Attributes:
        name: The operation's; empty where it has none.
        field: The field's name in the schema.
    """

    name: str
    field: str
    _key: str
    _node: FieldNode
    _resolve: Callable[..., Any]
    _variables: "_Variables"
    _arguments: "_Members"
    _members: tuple[tuple[str, FieldNode, "_Value"], ...]

    def arguments(self, given: Values) -> dict[str, Any] | None:
        """Read the field's arguments, by name; None: the executor is to answer."""
        try:
            return self._arguments.read(self._variables.read(given))
        except _NoPlanError:
            return None

    def respond(self, decision: object, run: Run) -> ExecutionResult:
        """Give the answer to what was decided."""
        if decision is None:
            return self.failed(TypeError(f"Cannot return null for non-nullable field Mutation.{self.field}."))
        answer: dict[str, Any] = {}
        for key, node, value in self._members:
            try:
                answer[key] = value(decision, run)
            except Exception as error:  # noqa: BLE001 (as the executor does)
                return ExecutionResult(None, [located_error(error, [node], [self._key, key])])
        return ExecutionResult({self._key: answer})

    def failed(self, error: Exception) -> ExecutionResult:
        """Give the answer where deciding raised something."""
        return ExecutionResult(None, [located_error(error, [self._node], [self._key])])

    def execute(self, context: Reading, given: Values) -> ExecutionResult | None:
        """Have it decided, and answer; None: the executor is to answer, and nothing has happened yet."""
        arguments = self.arguments(given)
        if arguments is None:
            return None
        run = Run(context)
        try:
            decision = self._resolve(None, run, **arguments)
        except Exception as error:  # noqa: BLE001 (as the executor does)
            return self.failed(error)
        return self.respond(decision, run)


Plan: TypeAlias = QueryPlan | MutationPlan
_Value: TypeAlias = Callable[[Any, Run], Any]
"""Resolves a field of an object, and completes what comes of it."""


def plan_of(schema: GraphQLSchema, document: DocumentNode) -> Plan | None:
    """Prepare a plan for a valid document; None where the executor is to answer it.

    Args:
        schema: With all of its resolvers.
        document: Valid, and within the limits.
    """
    [operation, *others] = document.definitions
    if others or not isinstance(operation, OperationDefinitionNode) or operation.directives:
        return None
    name = operation.name.value if operation.name else ""
    try:
        variables = _Variables.prepare(schema, operation.variable_definitions or ())
        if operation.operation is OperationType.MUTATION:
            return _mutation(schema, name, variables, operation.selection_set)
        if operation.operation is OperationType.QUERY and schema.query_type:
            return QueryPlan(name, variables, _selection(schema.query_type, operation.selection_set))
    except _NoPlanError:
        pass
    return None


def _mutation(
    schema: GraphQLSchema, name: str, variables: "_Variables", selections: SelectionSetNode
) -> MutationPlan:
    [node, *others] = selections.selections
    root = schema.mutation_type
    if others or root is None or not isinstance(node, FieldNode) or node.directives:
        raise _NoPlanError
    definition = root.fields.get(node.name.value)
    if definition is None or definition.resolve is None or node.selection_set is None:
        raise _NoPlanError
    kind = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else None
    if not isinstance(kind, GraphQLObjectType):
        raise _NoPlanError
    members = []
    for key, member in _by_key(node.selection_set).items():
        # A null where none may be makes the whole answer null: then no order of errors has to be kept.
        if member.selection_set or member.directives or not _never_null(kind, member.name.value):
            raise _NoPlanError
        members.append((key, member, _value(kind, member)))
    arguments = _Members.prepare(definition.args, _arguments_of(node))
    key = (node.alias or node.name).value
    return MutationPlan(
        name, node.name.value, key, node, definition.resolve, variables, arguments, tuple(members)
    )


# --- what was sent ---


@dataclass(frozen=True, slots=True)
class _Variables:
    """Reads variables as an operation declares them (section 6.1.2)."""

    defaults: dict[str, Any]
    readers: tuple[tuple[str, _Read], ...]
    required: frozenset[str]

    @classmethod
    def prepare(cls, schema: GraphQLSchema, nodes: tuple[VariableDefinitionNode, ...]) -> "_Variables":
        defaults, readers, required = {}, [], set()
        for node in nodes:
            name, kind = node.variable.name.value, type_from_ast(schema, node.type)
            if node.directives or kind is None or not is_input_type(kind):
                raise _NoPlanError
            readers.append((name, _reader(kind)))
            if node.default_value:
                defaults[name] = _constant(node.default_value, kind)
            elif isinstance(kind, GraphQLNonNull):
                required.add(name)
        return cls(defaults, tuple(readers), frozenset(required))

    def read(self, given: Values) -> dict[str, Any]:
        if not self.required <= given.keys():
            raise _NoPlanError
        values = dict(self.defaults)
        for name, read in self.readers:
            if name in given:
                values[name] = read(given[name])
        return values


@dataclass(frozen=True, slots=True)
class _Members:
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
    objects: tuple[tuple[str, "_Members"], ...]

    @classmethod
    def prepare(
        cls,
        definitions: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField],
        nodes: Mapping[str, ValueNode],
    ) -> "_Members":
        constants, references, objects = {}, [], []
        for name, definition in definitions.items():
            key, kind, node = definition.out_name or name, definition.type, nodes.get(name)
            never_null = isinstance(kind, GraphQLNonNull)
            if isinstance(node, VariableNode):
                references.append((key, node.name.value, _default(definition), not never_null))
            elif node is None:
                default = _default(definition)
                if default is not Undefined:
                    constants[key] = default
            elif isinstance(node, ObjectValueNode) and _has_variables(node):
                inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
                if not isinstance(inner, GraphQLInputObjectType) or inner.is_one_of:
                    raise _NoPlanError
                given = {each.name.value: each.value for each in node.fields}
                objects.append((key, cls.prepare(inner.fields, given)))
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
                raise _NoPlanError
            values[key] = value
        for key, members in self.objects:
            values[key] = members.read(variables)
        return values


def _arguments_of(node: Any) -> dict[str, ValueNode]:  # noqa: ANN401 (a field or a directive)
    return {argument.name.value: argument.value for argument in node.arguments or ()}


def _default(definition: GraphQLArgument | GraphQLInputField) -> Any:  # noqa: ANN401 (whatever the SDL says)
    if definition.default is None or definition.default.literal is None:
        return Undefined
    return _constant(definition.default.literal, definition.type)


def _constant(node: ValueNode, kind: GraphQLInputType) -> Any:  # noqa: ANN401 (whatever the SDL says)
    if _has_variables(node):
        raise _NoPlanError
    value = coerce_input_literal(node, kind)
    if value is Undefined:
        raise _NoPlanError
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


_TEXTS = frozenset({"String", "AddressEVM"})


def _text(value: Any) -> str:  # noqa: ANN401 (whatever JSON can say)
    if not isinstance(value, str):
        raise _NoPlanError
    return value


def _leaf_reader(coerce: _Read) -> _Read:
    def read(value: Any) -> Any:  # noqa: ANN401 (whatever JSON can say)
        try:
            return coerce(value)
        except Exception:  # noqa: BLE001 (as the library does)
            raise _NoPlanError from None

    return read


def _list_reader(entry: _Read) -> _Read:
    def read(value: Any) -> list[Any]:  # noqa: ANN401 (whatever JSON can say)
        if not isinstance(value, list):
            raise _NoPlanError
        return [entry(each) for each in value]

    return read


def _object_reader(kind: GraphQLInputObjectType) -> _Read:
    if kind.is_one_of:
        raise _NoPlanError
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
            raise _NoPlanError
        found = {}
        for name, key, inner, default, never_null in members:
            if name in value:
                found[key] = inner(value[name])
            elif default is not Undefined:
                found[key] = default
            elif never_null:
                raise _NoPlanError
        return found

    return read


# --- what is answered ---


def _by_key(selections: SelectionSetNode) -> dict[str, FieldNode]:
    """The fields of a selection by the names that they have in the reply, each once."""
    fields: dict[str, FieldNode] = {}
    for node in selections.selections:
        if not isinstance(node, FieldNode):
            raise _NoPlanError
        key = (node.alias or node.name).value
        if key in fields:
            raise _NoPlanError
        fields[key] = node
    return fields


def _selection(kind: GraphQLObjectType, selections: SelectionSetNode) -> _Complete:
    nodes = _by_key(selections)
    fields = [(key, _value(kind, node)) for key, node in nodes.items()]
    conditions = {key: _condition(node) for key, node in nodes.items() if node.directives}
    if not conditions:
        return lambda source, run: {key: value(source, run) for key, value in fields}

    def complete(source: Any, run: Run) -> dict[str, Any]:  # noqa: ANN401 (whatever the SDL says)
        return {
            key: value(source, run)
            for key, value in fields
            if key not in conditions or conditions[key](run.variables)
        }

    return complete


def _condition(node: FieldNode) -> Callable[[Values], bool]:
    """Whether a field is to be answered (sections 3.13.1 and 3.13.2)."""
    known = {
        GraphQLSkipDirective.name: GraphQLSkipDirective,
        GraphQLIncludeDirective.name: GraphQLIncludeDirective,
    }
    directives = node.directives or ()
    if any(each.name.value not in known for each in directives):
        raise _NoPlanError
    conditions = [
        (
            _Members.prepare(known[each.name.value].args, _arguments_of(each)),
            each.name.value == GraphQLIncludeDirective.name,
        )
        for each in directives
    ]
    return lambda variables: all(members.read(variables)["if"] is wanted for members, wanted in conditions)


def _value(kind: GraphQLObjectType, node: FieldNode) -> _Value:
    """Resolve one field of an object."""
    name = node.name.value
    if name == "__typename":
        return lambda _source, _run: kind.name
    definition = kind.fields.get(name)
    if definition is None or definition.resolve is None:
        raise _NoPlanError
    resolve = definition.resolve
    complete = _completion(definition.type, node, f"{kind.name}.{name}")
    arguments = _Members.prepare(definition.args, _arguments_of(node))
    if not definition.args:
        plain = _PLAIN.get(str(definition.type))

        def value(source: Any, run: Run) -> Any:  # noqa: ANN401 (whatever the SDL says)
            found = resolve(source, run)
            return found if type(found) is plain else complete(found, run)

        return value
    return lambda source, run: complete(resolve(source, run, **arguments.read(run.variables)), run)


_PLAIN = {"String!": str, "ID!": str, "AddressEVM!": str, "Boolean!": bool, "Timestamp!": int}
"""Values that are in the reply what they are here, by type."""


def _completion(kind: GraphQLOutputType, node: FieldNode, place: str) -> _Complete:
    """Complete a field's value (section 6.4.3)."""
    if not isinstance(kind, GraphQLNonNull):
        inner = _completion_of_something(kind, node, place)
        return lambda value, run: None if value is None else inner(value, run)
    inner = _completion_of_something(kind.of_type, node, place)

    def never_null(value: Any, run: Run) -> Any:  # noqa: ANN401 (whatever the SDL says)
        if value is None:
            raise TypeError(f"Cannot return null for non-nullable field {place}.")
        return inner(value, run)

    return never_null


def _completion_of_something(kind: Any, node: FieldNode, place: str) -> _Complete:  # noqa: ANN401 (a union that mypy cannot narrow)
    if isinstance(kind, GraphQLList):
        entry = _completion(kind.of_type, node, place)
        return lambda values, run: [entry(value, run) for value in values]
    if isinstance(kind, GraphQLObjectType) and node.selection_set:
        return _selection(kind, node.selection_set)
    if not is_leaf_type(kind):
        raise _NoPlanError
    serialize = kind.coerce_output_value
    return lambda value, _run: serialize(value)


def _never_null(kind: GraphQLObjectType, name: str) -> bool:
    return name == "__typename" or (
        name in kind.fields and isinstance(kind.fields[name].type, GraphQLNonNull)
    )
