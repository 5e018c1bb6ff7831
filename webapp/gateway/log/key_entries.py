"""Entries of the logs of key operations, read with what their proofs need."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from webapp.gateway.tables import key_operations, signing_keys
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.log_entries import KeyLogEntry

keys_logged = select(
    key_operations,
    signing_keys.c.authorization_message,
    signing_keys.c.authorization_signature,
).select_from(
    key_operations.outerjoin(
        signing_keys,
        (signing_keys.c.address == key_operations.c.address)
        & (signing_keys.c.public_key == key_operations.c.authorized_by),
    )
)
"""All that `read_key_entry` needs of a key operation."""


@dataclass(frozen=True, slots=True)
class LoggedKeyOperation:
    """An entry of the log of an address's key operations, with what the database says beside it."""

    entry: KeyLogEntry
    op: str
    signing_key: str  # which key it is about
    ts: int  # the message's time, in ms since the epoch
    received_at: int  # when the gateway accepted it, in the same measure

    @property
    def sequence(self) -> int:
        """Its number within the address's log, from 1."""
        return self.entry.sequence


def read_key_entry(row: Row[*tuple[Any, ...]]) -> LoggedKeyOperation:
    address = Address(row.address)
    authorization = None
    if row.authorization_message is not None:
        authorization = SigningKeyAuthorization(
            address, row.authorization_message, row.authorization_signature
        )
    entry = KeyLogEntry(
        address=address,
        sequence=row.sequence,
        message=row.message,
        digest=row.digest,
        signature=row.signature,
        authorized_by=row.authorized_by,
        authorization=authorization,
        previous_digest=row.previous_digest,
        entry_digest=row.entry_digest,
    )
    return LoggedKeyOperation(entry, row.op, row.signing_key, row.ts, row.received_at)
