"""Entries of the logs, read with what their proofs need: of operations, and of key operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp.gateway.tables import key_operations, operations, signing_keys
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.log_entries import KeyLogEntry, OperationLogEntry

_authorized = (signing_keys.c.authorization_message, signing_keys.c.authorization_signature)

logged = select(operations, *_authorized).select_from(
    operations.outerjoin(
        signing_keys,
        (signing_keys.c.address == operations.c.address)
        & (signing_keys.c.public_key == operations.c.signing_key),
    )
)
"""All that `read_entry` needs of an operation."""
keys_logged = select(key_operations, *_authorized).select_from(
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


def read_entry(row: Sequence[Any]) -> OperationLogEntry:
    text, handle, sequence, _, _, _, message, digest, signature, key, previous, entry_digest, _, *signed = row
    address = Address(text)
    return OperationLogEntry(
        address=address,
        handle=handle,
        sequence=sequence,
        message=message,
        digest=digest,
        signature=signature,
        signing_key=key,
        authorization=SigningKeyAuthorization(address, *signed),
        previous_digest=previous,
        entry_digest=entry_digest,
    )


def read_key_entry(row: Sequence[Any]) -> LoggedKeyOperation:
    text, sequence, op, key, ts, message, digest, signature, by, previous, entry_digest, received, *signed = (
        row
    )
    address = Address(text)
    entry = KeyLogEntry(
        address=address,
        sequence=sequence,
        message=message,
        digest=digest,
        signature=signature,
        authorized_by=by,
        authorization=None if signed[0] is None else SigningKeyAuthorization(address, *signed),
        previous_digest=previous,
        entry_digest=entry_digest,
    )
    return LoggedKeyOperation(entry, op, key, ts, received)
