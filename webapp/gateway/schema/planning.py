"""How a document becomes a plan: what GraphQL's executor finds out anew for every request, found out once.

There is a plan for a document of one operation that has no fragments, asks for no field under one name twice,
and keeps variables out of lists; of mutations, for those of one field whose members are plain values. The
site's own documents, those of the original SDK and of its guides are such. The section numbers are those of
https://spec.graphql.org/September2025/
"""

from collections.abc import Callable
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLIncludeDirective,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    is_leaf_type,
)

from webapp.gateway.schema.inputs import Arguments, NoPlanError, Values, Variables
from webapp.gateway.schema.plans import MutationPlan, Part, Plan, QueryPlan, Run


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
        variables = Variables.prepare(schema, operation.variable_definitions or ())
        if operation.operation is OperationType.MUTATION:
            return _mutation(schema, name, variables, operation.selection_set)
        if operation.operation is OperationType.QUERY and schema.query_type:
            return QueryPlan(name, variables, _selection(schema.query_type, operation.selection_set))
    except NoPlanError:
        pass
    return None


def _mutation(
    schema: GraphQLSchema, name: str, variables: Variables, selections: SelectionSetNode
) -> MutationPlan:
    [node, *others] = selections.selections
    root = schema.mutation_type
    if others or root is None or not isinstance(node, FieldNode) or node.directives:
        raise NoPlanError
    definition = root.fields.get(node.name.value)
    if definition is None or definition.resolve is None or node.selection_set is None:
        raise NoPlanError
    kind = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else None
    if not isinstance(kind, GraphQLObjectType):
        raise NoPlanError
    members = []
    for key, member in _by_key(node.selection_set).items():
        told = schema.get_field(kind, member.name.value)
        # A null where none may be makes the whole answer null: then no order of errors has to be kept.
        never_null = told is not None and isinstance(told.type, GraphQLNonNull)
        if member.selection_set or member.directives or not never_null:
            raise NoPlanError
        members.append((key, member, _value(kind, member)))
    arguments = Arguments.prepare(definition.args, node.arguments or ())
    key = (node.alias or node.name).value
    return MutationPlan(
        name, node.name.value, key, node, definition.resolve, variables, arguments, tuple(members)
    )


def _by_key(selections: SelectionSetNode) -> dict[str, FieldNode]:
    """The fields of a selection by the names that they have in the reply, each once."""
    fields: dict[str, FieldNode] = {}
    for node in selections.selections:
        if not isinstance(node, FieldNode):
            raise NoPlanError
        key = (node.alias or node.name).value
        if key in fields:
            raise NoPlanError
        fields[key] = node
    return fields


def _selection(kind: GraphQLObjectType, selections: SelectionSetNode) -> Part:
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
    conditions = []
    for each in node.directives or ():
        directive = _CONDITIONS.get(each.name.value)
        if directive is None:
            raise NoPlanError
        arguments = Arguments.prepare(directive.args, each.arguments or ())
        conditions.append((arguments, directive is GraphQLIncludeDirective))
    return lambda variables: all(members.read(variables)["if"] is wanted for members, wanted in conditions)


_CONDITIONS = {each.name: each for each in (GraphQLSkipDirective, GraphQLIncludeDirective)}


def _value(kind: GraphQLObjectType, node: FieldNode) -> Part:
    """Resolve one field of an object."""
    name = node.name.value
    if name == "__typename":
        return lambda _source, _run: kind.name
    definition = kind.fields.get(name)
    if definition is None or definition.resolve is None:
        raise NoPlanError
    resolve = definition.resolve
    complete = _completion(definition.type, node, f"{kind.name}.{name}")
    if not definition.args:
        plain = _PLAIN.get(str(definition.type))

        def value(source: Any, run: Run) -> Any:  # noqa: ANN401 (whatever the SDL says)
            found = resolve(source, run)
            return found if type(found) is plain else complete(found, run)

        return value
    arguments = Arguments.prepare(definition.args, node.arguments or ())
    return lambda source, run: complete(resolve(source, run, **arguments.read(run.variables)), run)


_PLAIN = {"String!": str, "ID!": str, "AddressEVM!": str, "Boolean!": bool, "Timestamp!": int}
"""Values that are in the reply what they are here, by type."""


def _completion(kind: GraphQLOutputType, node: FieldNode, place: str) -> Part:
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


def _completion_of_something(kind: Any, node: FieldNode, place: str) -> Part:  # noqa: ANN401 (a union that mypy cannot narrow)
    if isinstance(kind, GraphQLList):
        entry = _completion(kind.of_type, node, place)
        return lambda values, run: [entry(value, run) for value in values]
    if isinstance(kind, GraphQLObjectType) and node.selection_set:
        return _selection(kind, node.selection_set)
    if not is_leaf_type(kind):
        raise NoPlanError
    serialize = kind.coerce_output_value
    return lambda value, _run: serialize(value)
