"""Whether the rows of the logs are what they say: columns beside a message repeat it, and entries chain.

Only what was signed is believed. Signatures are not verified here: `countersign export` and `verify` do that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

from sqlalchemy import Row

from webapp.gateway.log.entries import read_entry, read_key_entry
from webapp.protocol.errors import ProtocolError
from webapp.protocol.handle_message import parse_logged_message
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.log_entries import BY_WALLET, ChainHead

AnyRow = Row[*tuple[Any, ...]]
_T = TypeVar("_T")


class BrokenLogError(Exception):
    """The log itself is not one: nothing can be made of it, and nothing was changed."""

    def __init__(self, table: str, row: str, column: str, expected: str) -> None:
        super().__init__(f"{table}, {row}: {column}: expected {expected}")
        self.table, self.row, self.column, self.expected = table, row, column, expected


def checked_operations(rows: Iterable[AnyRow]) -> Iterator[AnyRow]:
    """Pass on rows of `operations`, joined to their keys, pair by pair, each pair's oldest first.

    Raises `BrokenLogError` where one does not follow the one before it, or says otherwise than its message.
    """
    before: AnyRow | None = None
    for row in rows:
        if before is not None and (before.address, before.handle) != (row.address, row.handle):
            before = None
        check = _RowCheck("operations", f"number {row.sequence} of {row.address} and {row.handle}", row)
        check.follows(before)
        if before is not None and row.position <= before.position:
            check.fail("position", f"more than {before.position}")
        message = check.message(parse_logged_message)
        if row.authorization_message is None:
            check.fail("signing_key", "one registered for this address")
        check.equals(
            {
                "address": message.address.checksummed,
                "handle": message.handle,
                "op": message.operation.value,
                "ts": message.ts,
                "digest": message.digest,
                "entry_digest": read_entry(row).computed_digest(),
            }
        )
        before = row
        yield row


def checked_key_operations(rows: Iterable[AnyRow]) -> Iterator[tuple[AnyRow, KeyMessage]]:
    """Pass on rows of `key_operations`, joined to the keys that signed, address by address, in order.

    Raises `BrokenLogError` where one does not follow the one before it, or says otherwise than its message.
    """
    before: AnyRow | None = None
    for row in rows:
        if before is not None and before.address != row.address:
            before = None
        check = _RowCheck("key_operations", f"number {row.sequence} of {row.address}", row)
        check.follows(before)
        message = check.message(KeyMessage.parse)
        if row.authorized_by != BY_WALLET and row.authorization_message is None:
            check.fail("authorized_by", "a key registered for this address")
        check.equals(
            {
                "address": message.address.checksummed,
                "signing_key": message.signing_key,
                "op": message.operation.value,
                "ts": message.ts,
                "digest": message.digest,
                "entry_digest": read_key_entry(row).entry.computed_digest(),
            }
        )
        before = row
        yield row, message


class _RowCheck:
    """Checks columns of one row; whatever is wrong is a `BrokenLogError` that names it."""

    def __init__(self, table: str, name: str, row: AnyRow) -> None:
        self._table, self._name, self._row = table, name, row

    def fail(self, column: str, expected: str) -> NoReturn:
        raise BrokenLogError(self._table, self._name, column, expected)

    def equals(self, expected: Mapping[str, object]) -> None:
        for column, right in expected.items():
            if getattr(self._row, column) != right:
                self.fail(column, str(right))

    def follows(self, before: AnyRow | None) -> None:
        head = ChainHead.EMPTY if before is None else ChainHead(before.sequence, before.entry_digest)
        self.equals({"sequence": head.sequence + 1, "previous_digest": head.entry_digest})

    def message(self, parse: Callable[[object], _T]) -> _T:
        try:
            return parse(self._row.message)
        except ProtocolError as error:
            self.fail("message", f"{error.expected} as {error.field}")
