"""What answering a document takes, known from its text and variables: nothing has been looked up yet.

The unit is a field whose value is at hand and short. What has to be looked up first, and what is long, weighs
more, and a list multiplies what is asked of each entry by as many as its page may have. Texts whose length
somebody else chose are counted when they are read (`Reading.text`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from webapp.gateway.reads.paging import DEFAULT_PAGE, LARGEST_PAGE

BYTES = 64

LOOK_UP = 5
"""One statement in the database."""

SEARCH = 200
"""Looking for what no index finds at once: a millisecond or two, where there are a million entries."""
SEARCHED = frozenset({"entryDigest", "search"})
"""The arguments that say what is looked for so."""

FIELDS = {
    **dict.fromkeys(
        (
            "blocked",
            "createFollowTypedMessage",
            "followers",
            "followings",
            "followingCount",
            "followsHandleOf",
            "isFollowedByMe",
            "keyOperations",
            "operations",
            "primaryProfile",
            "profileByHandle",
            "profiles",
            "profilesByHandles",
            "profilesByPrefix",
            "signingKeys",
            "totalCount",
        ),
        LOOK_UP,
    ),
    # A page of them takes one statement, in which each is found and read.
    "proof": 4,
    "profile": 3,
    # Found for all keys of an address at once, which takes what a search takes.
    "lastUsedAt": 10,
    # Texts, by their usual length.
    "avatar": 2,
    "bio": 4,
    "chainID": 2,
    "content": 3,
    "description": 2,
    "digest": 2,
    "entryDigest": 2,
    "message": 4,
    "previousDigest": 2,
    "signature": 3,
    "signingKey": 3,
}
"""The fields that weigh more than 1."""

PAGES = frozenset({"blocked", "followers", "followings", "keyOperations", "operations", "profiles"})
"""The fields whose `edges` are as many as `first` or `limit` says."""

LISTS: dict[str, float] = {
    "profilesByPrefix": 20,
    "signingKeys": 20,
    # The schema itself, by what its types have on average; few types are of another.
    "types": 64,
    "fields": 4,
    "args": 1,
    "inputFields": 1,
    "enumValues": 2,
    "interfaces": 1,
    "possibleTypes": 1,
    "directives": 5,
    "locations": 5,
    "ofType": 0.4,
}
"""The other lists, and how long they are taken to be."""

BATCHES = {"batchGetAddresses": "addresses", "profilesByHandles": "handles"}
"""The lists that are as long as an argument."""

_EDGES = "edges"


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection weighs, and how much more for every entry of the page that it is of."""

    once: float = 0
    each: float = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(self.once + other.once, self.each + other.each)


@dataclass(slots=True)
class Scale:
    """Weighs operations of one valid document: one with its variables, or all with none; each fragment once.

    Attributes:
        fragments: The document's fragments, by name.
        variables: Values of variables by name; None where they are not known: then pages count as full.
    """

    fragments: dict[str, FragmentDefinitionNode]
    variables: Mapping[str, Any] | None
    _defaults: dict[str, ValueNode | None] = field(default_factory=dict)
    _known: dict[str, Weight] = field(default_factory=dict)

    @classmethod
    def of(cls, document: DocumentNode, variables: Mapping[str, Any] | None) -> "Scale":
        """Prepare for a document that has been validated."""
        nodes = (node for node in document.definitions if isinstance(node, FragmentDefinitionNode))
        return cls({node.name.value: node for node in nodes}, variables)

    def weigh(self, operation: OperationDefinitionNode) -> float:
        """Weigh one of the document's operations."""
        given = operation.variable_definitions or ()
        self._defaults = {each.variable.name.value: each.default_value for each in given}
        return self._selection(operation.selection_set).once

    def _selection(self, selections: SelectionSetNode) -> Weight:
        total = Weight()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total += self._field(node)
            elif isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                total += self._selection(node.selection_set)
        return total

    def _fragment(self, name: str) -> Weight:
        if name not in self._known:
            self._known[name] = self._selection(self.fragments[name].selection_set)
        return self._known[name]

    def _field(self, node: FieldNode) -> Weight:
        name = node.name.value
        own = FIELDS.get(name, 1) + len((node.alias or node.name).value) // BYTES
        if any(argument.name.value in SEARCHED for argument in node.arguments or ()):
            own += SEARCH
        inner = self._selection(node.selection_set) if node.selection_set else Weight()
        if name == _EDGES:
            return Weight(own, inner.once)
        if name in PAGES:
            return Weight(own + inner.once + inner.each * self._page(node))
        times = self._batch(node, BATCHES[name]) if name in BATCHES else LISTS.get(name, 1)
        return Weight(own + inner.once * times)

    def _page(self, node: FieldNode) -> int:
        sizes = (self._argument(node, name) for name in ("first", "limit"))
        size = next((size for size in sizes if size is not None), DEFAULT_PAGE)
        # What is no number is refused when it is executed.
        return min(max(int(size), 0), LARGEST_PAGE) if isinstance(size, int | float) else LARGEST_PAGE

    def _batch(self, node: FieldNode, argument: str) -> int:
        asked = self._argument(node, argument)
        if asked is _UNKNOWN:
            return LARGEST_PAGE
        return min(len(asked), LARGEST_PAGE) if isinstance(asked, list | tuple) else 1

    def _argument(self, node: FieldNode, name: str) -> Any:  # noqa: ANN401 (whatever JSON and GraphQL can say)
        """What an argument says, as far as sizes need it; None where it says nothing."""
        value = next((each.value for each in node.arguments or () if each.name.value == name), None)
        if isinstance(value, VariableNode):
            variable = value.name.value
            if self.variables is None:
                return _UNKNOWN
            if variable in self.variables:
                return self.variables[variable]
            value = self._defaults.get(variable)
        if isinstance(value, IntValueNode):
            return int(value.value)
        if isinstance(value, ListValueNode):
            return value.values
        return None if value is None or isinstance(value, NullValueNode) else _UNKNOWN


_UNKNOWN = object()
"""A value that is not known, or that says nothing about a size."""
