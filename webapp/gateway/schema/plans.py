"""Prepared plans: what answers a document without GraphQL's executor, which would find out all anew.

A plan answers as the executor would, byte for byte, and knows when it would not. Variables that are not
plainly right, and whatever goes wrong in a query, are left to the executor, whose errors the client then
reads. A mutation's resolver is called once and never again: what it raises is told as the executor tells it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import ExecutionResult, FieldNode, located_error

from webapp.chain.errors import RpcError
from webapp.gateway.reads.reading import Reading
from webapp.gateway.schema.inputs import Arguments, NoPlanError, Values, Variables
from webapp.storage.errors import DatabaseFailure


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a plan; resolvers get it as their `info`.

    Attributes:
        context: What the request may see.
        variables: Coerced.
    """

    context: Reading
    variables: Values = field(default_factory=dict)


Part: TypeAlias = Callable[[Any, Run], Any]
"""Gives what the reply has for the object around a field, or for a field's value."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The plan of a query.

    Attributes:
        name: The operation's; empty where it has none.
    """

    name: str
    _variables: Variables
    _selection: Part

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
    _variables: Variables
    _arguments: Arguments
    _members: tuple[tuple[str, FieldNode, Part], ...]

    def arguments(self, given: Values) -> dict[str, Any] | None:
        """Read the field's arguments, by name; None: the executor is to answer."""
        try:
            return self._arguments.read(self._variables.read(given))
        except NoPlanError:
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
