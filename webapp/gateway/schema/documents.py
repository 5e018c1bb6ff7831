"""GraphQL documents: from text to something that may be executed, remembered by text."""

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLSyntaxError,
    ListTypeNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    TypeNode,
    ValidationContext,
    VariableDefinitionNode,
    VariablesInAllowedPositionRule,
    Visitor,
    get_named_type,
    parse,
    print_ast,
    specified_rules,
    validate,
    visit,
)

from webapp.gateway.config import GatewayConfig
from webapp.gateway.schema.document_limits import LimitError, Measure
from webapp.gateway.schema.planning import plan_of
from webapp.gateway.schema.plans import Plan
from webapp.gateway.schema.weights import Scale

MAX_DOCUMENTS = 512
# A parsed document takes up to 300 times the memory of its text: all of them together stay below 80 MB.
MAX_CACHED_TEXT = 262_144
MAX_ERRORS = 10

_TEXT_TYPES = frozenset({"String", "AddressEVM"})
_NAME = re.compile(r"\w+")


class DocumentError(Exception):
    """A document that will not be executed.

    Attributes:
        code: PARSE_FAILED, VALIDATION_FAILED or LIMIT_EXCEEDED.
        errors: What is wrong, for the client.
    """

    def __init__(self, code: str, errors: list[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed and valid document, within the limits.

    Attributes:
        node: The document.
        operations: Its operations by name; the one without a name under the empty one.
        heaviest: What the heaviest of them weighs, with all pages as long as they can be.
        plan: How its only operation is answered without GraphQL's executor; None where it cannot be.
    """

    node: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    heaviest: float
    plan: Plan | None = None

    def operation(self, name: str | None) -> OperationType | None:
        """Type of the operation that would be executed; None where the name selects none."""
        found = self._selected(name)
        return None if found is None else found.operation

    def plan_for(self, name: str | None) -> Plan | None:
        """The plan of the operation that would be executed; None where the executor is to answer."""
        return self.plan if self.plan is not None and name in {None, self.plan.name} else None

    def check_weight(self, name: str | None, variables: Mapping[str, Any], most: float) -> None:
        """Refuse to execute an operation that takes too much with these variables.

        Raises:
            DocumentError: It weighs more than `most`.
        """
        found = self._selected(name)
        if found is None or self.heaviest <= most:
            return
        weight = Scale.of(self.node, variables).weigh(found)
        if weight > most:
            told = f"The query weighs {weight:.0f}; at most {most:.0f} is answered. Ask for less."
            raise DocumentError("LIMIT_EXCEEDED", [GraphQLError(told)])

    def _selected(self, name: str | None) -> OperationDefinitionNode | None:
        if name is not None:
            return self.operations.get(name)
        return next(iter(self.operations.values())) if len(self.operations) == 1 else None


class Documents:
    """Parses and validates each text once, as long as it is among the recently used."""

    def __init__(self, schema: GraphQLSchema, config: GatewayConfig) -> None:
        self.schema = schema
        self._config = config
        self._rules = [
            _AddressesAreText if rule is VariablesInAllowedPositionRule else rule for rule in specified_rules
        ]
        if not config.introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._known: OrderedDict[str, Document] = OrderedDict()
        self.size = 0  # of all remembered texts together, in characters
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    def known(self, text: str) -> Document | None:
        """Give the document of this text where it is remembered."""
        with self._lock:
            known = self._known.get(text)
            if known is not None:
                self._known.move_to_end(text)
            return known

    def get(self, text: str) -> Document:
        """Give the document of this text.

        Raises:
            DocumentError: It does not parse, asks for too much, or does not fit the schema.
        """
        known = self.known(text)
        if known is not None:
            return known
        document = self._prepare(text)
        self._remember(text, document)
        return document

    def _remember(self, text: str, document: Document) -> None:
        if len(text) > MAX_CACHED_TEXT // 8:
            return
        with self._lock:
            if text not in self._known:
                self._known[text] = document
                self.size += len(text)
            while self.size > MAX_CACHED_TEXT or len(self._known) > MAX_DOCUMENTS:
                oldest, _ = self._known.popitem(last=False)
                self.size -= len(oldest)

    def _prepare(self, text: str) -> Document:
        try:
            node = parse(text, max_tokens=self._config.max_tokens, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            raise DocumentError("PARSE_FAILED", [error]) from error
        try:
            Measure(self._config.max_depth, self._config.max_aliases).check(node)
        except LimitError as error:
            raise DocumentError("LIMIT_EXCEEDED", [GraphQLError(str(error))]) from error
        if "edges" in text:  # no other way leads to a follow, and the visit takes as long as validation
            type_info = TypeInfo(self.schema)
            node = visit(node, TypeInfoVisitor(type_info, _FollowerUnderItsOldName(type_info)))
        errors = validate(
            self.schema,
            node,
            self._rules,
            max_errors=MAX_ERRORS,
            hide_suggestions=not self._config.introspection,
        )
        if errors:
            raise DocumentError("VALIDATION_FAILED", errors)
        operations = {
            definition.name.value if definition.name else "": definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        scale = Scale.of(node, None)
        heaviest = max((scale.weigh(operation) for operation in operations.values()), default=0)
        return Document(node, operations, heaviest, plan_of(self.schema, node))


class _FollowerUnderItsOldName(Visitor):
    """Answers `Follow.address { ... }` from `Follow.follower`.

    The original API gave the follower's address as text at first and as an object later, under one name.
    Documents of both ages are about; the selection set tells them apart.
    """

    def __init__(self, type_info: TypeInfo) -> None:
        super().__init__()
        self._type_info = type_info

    def enter_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        parent = self._type_info.get_parent_type()
        if (
            parent is None
            or parent.name != "Follow"
            or node.name.value != "address"
            or node.selection_set is None
        ):
            return None
        renamed = NameNode(value="follower", loc=node.name.loc)
        return FieldNode(
            alias=node.alias or node.name,
            name=renamed,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=node.selection_set,
            loc=node.loc,
        )


class _AddressesAreText(VariablesInAllowedPositionRule):
    """Takes a variable of type String where AddressEVM is expected, and the other way round.

    Both take any string, and documents written for the original API disagree on which input has which.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._expected: dict[int, GraphQLInputType | None] = {}

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: object) -> None:
        usages = self.context.get_recursive_variable_usages(operation)
        self._expected = {id(usage.node): usage.type for usage in usages}
        super().leave_operation_definition(operation)

    def report_error(self, error: GraphQLError) -> None:
        nodes = error.nodes or ()
        if len(nodes) == 2 and isinstance(nodes[0], VariableDefinitionNode):  # noqa: PLR2004 (definition and usage)
            expected = self._expected.get(id(nodes[1]))
            if _TEXT_TYPES.issuperset({_named(nodes[0].type), str(get_named_type(expected))}):
                declared, wanted = (_NAME.sub("", text) for text in (print_ast(nodes[0].type), str(expected)))
                if declared in {wanted, wanted + "!"}:
                    return
        super().report_error(error)


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return node.name.value if isinstance(node, NamedTypeNode) else ""
