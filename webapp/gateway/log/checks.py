"""Whether the rows of the logs are what they say: columns beside a message repeat it, and entries chain.

What was signed is the message. Everything beside it is for the database's own use, and is believed only as
far as it can be computed anew. Signatures are not verified here: whoever alters a message makes them wrong,
which `countersign export` and `countersign verify` tell.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row

from webapp.gateway.log.entries import read_entry, read_key_entry
from webapp.protocol.errors import ProtocolError
from webapp.protocol.handle_message import LoggedMessage, parse_logged_message
from webapp.protocol.key_log import BY_WALLET, key_entry_digest
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.proofs.proof import ChainHead, entry_digest

AnyRow = Row[*tuple[Any, ...]]


class BrokenLogError(Exception):
    """The log itself is not one: nothing can be made of it, and nothing was changed.

    Attributes:
        table: The table at fault.
        row: Which row of it, in words.
        column: The column at fault.
        expected: What would have been right, in words.
    """

    def __init__(self, table: str, row: str, column: str, expected: str) -> None:
        super().__init__(f"{table}, {row}: {column}: expected {expected}")
        self.table, self.row, self.column, self.expected = table, row, column, expected


class PairChecker:
    """Checks the rows of `operations`, joined to their keys, pair by pair, each pair's oldest first."""

    def __init__(self) -> None:
        self._before: AnyRow | None = None

    def take(self, row: AnyRow) -> LoggedMessage:
        """Check that a row follows the one before it, and says what its message says; gives the message.

        Raises:
            BrokenLogError: It does not.
        """
        before = self._before
        if before is not None and (before.address, before.handle) != (row.address, row.handle):
            before = None
        name = f"number {row.sequence} of {row.address} and {row.handle}"
        head = ChainHead.EMPTY if before is None else ChainHead(before.sequence, before.entry_digest)
        _compare("operations", name, row, _follows(head))
        if before is not None and row.position <= before.position:
            raise BrokenLogError("operations", name, "position", f"more than {before.position}")
        try:
            message = parse_logged_message(row.message)
        except ProtocolError as error:
            raise BrokenLogError(
                "operations", name, "message", f"{error.expected} as {error.field}"
            ) from None
        if row.authorization_message is None:
            raise BrokenLogError("operations", name, "signing_key", "one registered for this address")
        entry = read_entry(row)
        repeated = (
            ("address", message.address.checksummed),
            ("handle", message.handle),
            ("op", message.operation.value),
            ("ts", message.ts),
            ("digest", message.digest),
            (
                "entry_digest",
                entry_digest(
                    address=entry.address,
                    handle=entry.handle,
                    sequence=entry.sequence,
                    previous_digest=entry.previous_digest,
                    digest=entry.digest,
                    signature=entry.signature,
                    signing_key=entry.signing_key,
                    authorization=entry.authorization,
                ),
            ),
        )
        _compare("operations", name, row, repeated)
        self._before = row
        return message


class KeyChecker:
    """Checks the rows of `key_operations`, joined to the keys that signed, address by address, in order."""

    def __init__(self) -> None:
        self._before: AnyRow | None = None

    def take(self, row: AnyRow) -> KeyMessage:
        """Check that a row follows the one before it, and says what its message says; gives the message.

        Raises:
            BrokenLogError: It does not.
        """
        before = self._before
        if before is not None and before.address != row.address:
            before = None
        name = f"number {row.sequence} of {row.address}"
        head = ChainHead.EMPTY if before is None else ChainHead(before.sequence, before.entry_digest)
        _compare("key_operations", name, row, _follows(head))
        try:
            message = KeyMessage.parse(row.message)
        except ProtocolError as error:
            expected = f"{error.expected} as {error.field}"
            raise BrokenLogError("key_operations", name, "message", expected) from None
        if row.authorized_by != BY_WALLET and row.authorization_message is None:
            raise BrokenLogError("key_operations", name, "authorized_by", "a key registered for this address")
        read = read_key_entry(row)
        entry = read.entry
        repeated = (
            ("address", message.address.checksummed),
            ("signing_key", message.signing_key),
            ("op", message.operation.value),
            ("ts", message.ts),
            ("digest", message.digest),
            (
                "entry_digest",
                key_entry_digest(
                    address=entry.address,
                    sequence=entry.sequence,
                    previous_digest=entry.previous_digest,
                    digest=entry.digest,
                    signature=entry.signature,
                    authorized_by=entry.authorized_by,
                    authorization=read.authorization,
                ),
            ),
        )
        _compare("key_operations", name, row, repeated)
        self._before = row
        return message


def checked_operations(rows: Iterable[AnyRow]) -> Iterator[AnyRow]:
    """Pass on the rows of `operations`, each after it was checked.

    Raises:
        BrokenLogError: One does not follow the one before it, or says otherwise than its message.
    """
    checker = PairChecker()
    for row in rows:
        checker.take(row)
        yield row


def _follows(head: ChainHead) -> tuple[tuple[str, object], ...]:
    return ("sequence", head.sequence + 1), ("previous_digest", head.entry_digest)


def _compare(table: str, name: str, row: AnyRow, expected: Iterable[tuple[str, object]]) -> None:
    for column, right in expected:
        if getattr(row, column) != right:
            raise BrokenLogError(table, name, column, str(right))
