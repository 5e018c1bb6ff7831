"""What one request may see: a single snapshot of the database, opened when first needed, and a budget."""

from contextlib import ExitStack
from json.encoder import encode_basestring_ascii
from typing import Self

from graphql import GraphQLError
from sqlalchemy import Connection

from webapp.gateway.callers import Caller
from webapp.gateway.config import GatewayConfig
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseUnavailable


class Reading:
    """The read side of one request.

    Every answer of a request comes from the same state of the graph, and together they cost a bounded amount:
    lists within lists multiply, which no limit on the document's text can see.
    """

    __slots__ = ("_budget", "_config", "_connection", "_database", "_stack", "_text", "caller")

    def __init__(self, database: Database, config: GatewayConfig, caller: Caller) -> None:
        self.caller = caller
        self._database = database
        self._config = config
        self._budget = config.max_rows
        self._text = config.max_text
        self._connection: Connection | None = None
        self._stack: ExitStack | None = None

    def __enter__(self) -> Self:
        """Begin; nothing is opened yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the snapshot, where there is one."""
        if self._stack is not None:
            self._stack.close()

    def connection(self, cost: int = 1) -> Connection:
        """Give the open transaction, for a look-up that costs so much.

        Raises:
            GraphQLError: The request has used up its budget.
            DatabaseUnavailable: The database cannot be read now.
        """
        self.spend(cost)
        if self._connection is None:
            if self._stack is not None:
                # It failed once, after a wait; the request's other fields need not wait for the same again.
                raise DatabaseUnavailable("FAILED_BEFORE")
            self._stack = ExitStack()
            self._connection = self._stack.enter_context(self._database.read())
        return self._connection

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


def _over(what: str) -> GraphQLError:
    return GraphQLError(
        f"The query reads {what}; ask for shorter pages.", extensions={"code": "LIMIT_EXCEEDED"}
    )
