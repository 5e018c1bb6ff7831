"""What a document may cost, measured on its syntax alone, in time that grows with its length and not faster.

This runs before validation, because validation itself is what an attacker would make expensive: comparing
fields that share a name takes quadratic time, and fragments multiply whatever they hold.
"""

from collections import Counter
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

# Validation compares each two fields of one response name, and each two fragments: 7 microseconds a pair.
MAX_COMPARISONS = 5_000

_SPREAD = "..."

_INTROSPECTION = frozenset({"__schema", "__type"})


class LimitError(ValueError):
    """A document over a limit; the text names the limit and is meant for the client."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a selection amounts to with its fragments written out."""

    depth: int
    aliases: int


@dataclass(slots=True)
class Measure:
    """The limits, applied to one document.

    Attributes:
        max_depth: How many fields may nest.
        max_aliases: How many aliases an operation may have, those of a fragment counted at each use.
    """

    max_depth: int
    max_aliases: int
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    _extents: dict[str, Extent | None] = field(default_factory=dict)

    def check(self, document: DocumentNode) -> None:
        """Refuse a document that asks for too much. What is wrong with it otherwise is left to validation.

        Raises:
            LimitError: A limit is exceeded, or fragments contain one another.
        """
        self._check_comparisons(document)
        definitions = document.definitions
        self._fragments = {
            node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
        }
        for operation in definitions:
            if not isinstance(operation, OperationDefinitionNode):
                continue
            extent = self._extent(operation.selection_set)
            if extent.depth > self.max_depth:
                raise LimitError(
                    f"The query nests {extent.depth} fields; at most {self.max_depth} are answered."
                )
            if extent.aliases > self.max_aliases:
                raise LimitError(
                    f"The query has {extent.aliases} aliases; at most {self.max_aliases} are answered."
                )
            if (
                operation.operation is OperationType.MUTATION
                and len(self._root_names(operation.selection_set)) > 1
            ):
                raise LimitError("One mutation a request, please: send the others by themselves.")

    def _check_comparisons(self, document: DocumentNode) -> None:
        names: Counter[str] = Counter()
        pending = [node.selection_set for node in document.definitions if hasattr(node, "selection_set")]
        while pending:
            for node in pending.pop().selections:
                if isinstance(node, FragmentSpreadNode):
                    names[_SPREAD] += 1
                    continue
                if isinstance(node, FieldNode):
                    names[(node.alias or node.name).value] += 1
                if node.selection_set:
                    pending.append(node.selection_set)
        if sum(count * (count - 1) // 2 for count in names.values()) > MAX_COMPARISONS:
            raise LimitError("The query repeats field names or fragments too often.")

    def _extent(self, selections: SelectionSetNode) -> Extent:
        depth = aliases = 0
        for node in selections.selections:
            if isinstance(node, FragmentSpreadNode):
                inner, own, alias = self._fragment_extent(node.name.value), 0, 0
            elif isinstance(node, InlineFragmentNode):
                inner, own, alias = self._extent(node.selection_set), 0, 0
            elif isinstance(node, FieldNode) and node.name.value not in _INTROSPECTION:
                inner = self._extent(node.selection_set) if node.selection_set else Extent(0, 0)
                own, alias = 1, int(node.alias is not None)
            else:
                continue
            depth = max(depth, own + inner.depth)
            aliases += alias + inner.aliases
        return Extent(depth, aliases)

    def _fragment_extent(self, name: str) -> Extent:
        fragment = self._fragments.get(name)
        if fragment is None:
            return Extent(0, 0)
        if name not in self._extents:
            self._extents[name] = None
            self._extents[name] = self._extent(fragment.selection_set)
        known = self._extents[name]
        if known is None:
            raise LimitError(f"The fragment {name} contains itself.")
        return known

    def _root_names(self, selections: SelectionSetNode) -> set[str]:
        """Response names of an operation's root fields; the extents were measured, so there is no cycle."""
        names: set[str] = set()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if not node.name.value.startswith("__"):
                    names.add((node.alias or node.name).value)
            elif isinstance(node, InlineFragmentNode):
                names |= self._root_names(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
                names |= self._root_names(self._fragments[node.name.value].selection_set)
        return names
