"""Entries of the logs of key operations, read with what their proofs need."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from webapp.gateway.tables import key_operations, signing_keys
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.key_log import KeyLogEntry
from webapp.protocol.proofs.key_proof import ProofOfKeyOperation

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
    """An entry of the log of an address's key operations, with what the database says beside it.

    Attributes:
        entry: The entry.
        authorization: The wallet's authorisation of the key that signed; None where the wallet signed.
        op: What was done.
        signing_key: To which key.
        ts: The message's time, in milliseconds since the Unix epoch.
        received_at: When the gateway accepted it, in the same measure.
    """

    entry: KeyLogEntry
    authorization: SigningKeyAuthorization | None
    op: str
    signing_key: str
    ts: int
    received_at: int

    @property
    def sequence(self) -> int:
        """Its number within the address's log, from 1."""
        return self.entry.sequence

    @property
    def proof(self) -> ProofOfKeyOperation:
        """The entry as it is published."""
        return ProofOfKeyOperation.of(self.entry, self.authorization)


def read_key_entry(row: Row[*tuple[Any, ...]]) -> LoggedKeyOperation:
    """Read a row of `keys_logged`."""
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
        previous_digest=row.previous_digest,
        entry_digest=row.entry_digest,
    )
    return LoggedKeyOperation(entry, authorization, row.op, row.signing_key, row.ts, row.received_at)
