"""What one request may see: a single snapshot of the database, and a budget."""

from collections.abc import Callable, Collection, Hashable
from json.encoder import encode_basestring_ascii
from typing import Any, Generic, TypeVar

from graphql import GraphQLError

from webapp.gateway.callers import Caller
from webapp.gateway.config import GatewayConfig
from webapp.storage.database import Snapshot
from webapp.storage.prepared import Lookup, Prepared

M = TypeVar("M")
T = TypeVar("T")


class Reading:
    """The read side of one request.

    Every answer of a request comes from the same state of the graph, and together they cost a bounded amount:
    lists within lists multiply, which no limit on the document's text can see. Statements raise a
    GraphQLError where the budget is used up, and DatabaseUnavailable where the database cannot be read.

    Attributes:
        retry_after: In how many seconds what was refused may be sent again, where a status came with that.
    """

    __slots__ = ("_budget", "_config", "_text", "caller", "retry_after", "snapshot")

    def __init__(self, snapshot: Snapshot, config: GatewayConfig, caller: Caller) -> None:
        self.snapshot = snapshot
        self.caller = caller
        self.retry_after: int | None = None
        self._config = config
        self._budget = config.max_rows
        self._text = config.max_text

    def rows(self, statement: Prepared, **given: object) -> list[Any]:
        """All rows of a statement. It costs as many and one more."""
        self.spend(1)
        rows = self.snapshot.rows(statement, given)
        self.spend(len(rows))
        return rows

    def look_up(self, lookup: Lookup, keys: Collection[object], **given: object) -> list[Any]:
        """The rows of these keys. It costs as much as there are keys, whatever is found."""
        self.spend(len(keys))
        statement, of_keys = lookup.of(keys)
        return self.snapshot.rows(statement, {**of_keys, **given})

    def spend(self, cost: int) -> None:
        """Take from the budget.

        Raises:
            GraphQLError: There is not so much left.
        """
        self._budget -= cost
        if self._budget < 0:
            raise _over(f"more than {self._config.max_rows} rows")

    def text(self, text: str) -> str:
        """Give a text that somebody chose the length of, and count the bytes that it has in a reply.

        Raises:
            GraphQLError: The reply has too many of them already.
        """
        self._text -= len(encode_basestring_ascii(text))
        if self._text < 0:
            raise _over(f"more than {self._config.max_text} bytes of texts")
        return text


class Siblings(Generic[M]):
    """What is answered side by side: what has to be looked up for one of them is looked up for all at once.

    Attributes:
        chain_id: The chain named in the question.
    """

    __slots__ = ("_found", "_members", "chain_id")

    def __init__(self, chain_id: int, members: Collection[M]) -> None:
        self.chain_id = chain_id
        self._members = members
        self._found: dict[Hashable, Any] = {}

    def all(self, what: Hashable, load: Callable[[Collection[M]], T]) -> T:
        """Give what was found for all of them, loaded when it is first asked for.

        Args:
            what: Tells it from everything else that is looked up for them.
            load: Looks it up.
        """
        if what not in self._found:
            self._found[what] = load(self._members)
        found: T = self._found[what]
        return found


def _over(what: str) -> GraphQLError:
    return GraphQLError(
        f"The query reads {what}; ask for shorter pages.", extensions={"code": "LIMIT_EXCEEDED"}
    )
