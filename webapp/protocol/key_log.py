"""The log of what was done to an address's signing keys since their registration: entries that chain."""

import hashlib
from dataclasses import dataclass
from typing import Self

from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.proofs.proof import ChainHead

FORMAT = "countersign/key-operation/v1"
"""The first of the lines whose SHA-256 is an entry's digest."""

BY_WALLET = ""
"""Stands in an entry for the authorising key where the wallet itself signed."""


@dataclass(frozen=True, slots=True)
class KeyLogEntry:
    """One accepted operation on a signing key."""

    address: Address  # whose key it is
    sequence: int  # 1, 2, 3 ... within the address
    message: str
    digest: str  # SHA-256 of the message, 64 hex digits, as every digest here
    signature: str  # of the authorising key (`0x` and 128 hex digits) or of the wallet (130)
    authorized_by: str  # the key that signed, base64 of its SPKI; empty where the wallet did
    previous_digest: str  # the digest of the entry before; 64 zeros for the first
    entry_digest: str  # the digest of this entry, as `key_entry_digest` makes it

    @classmethod
    def append(
        cls,
        *,
        previous: ChainHead,
        message: KeyMessage,
        signature: str,
        authorized_by: str,
        authorization: SigningKeyAuthorization | None,
    ) -> Self:
        """Make the entry that follows `previous`; `authorization` is None where the wallet itself signed."""
        sequence = previous.sequence + 1
        return cls(
            address=message.address,
            sequence=sequence,
            message=message.text,
            digest=message.digest,
            signature=signature,
            authorized_by=authorized_by,
            previous_digest=previous.entry_digest,
            entry_digest=key_entry_digest(
                address=message.address,
                sequence=sequence,
                previous_digest=previous.entry_digest,
                digest=message.digest,
                signature=signature,
                authorized_by=authorized_by,
                authorization=authorization,
            ),
        )


def key_entry_digest(
    *,
    address: Address,
    sequence: int,
    previous_digest: str,
    digest: str,
    signature: str,
    authorized_by: str,
    authorization: SigningKeyAuthorization | None,
) -> str:
    """Digest an entry: SHA-256 of eight lines of UTF-8, joined by line feeds, in lower-case hex.

    They are the format, the address in EIP-55, sequence, digest of the entry before, digest of the message,
    signature, the key that signed, and the digest of the wallet's authorisation of that key; the last two are
    empty where the wallet itself signed.
    """
    lines = (
        FORMAT,
        address.checksummed,
        str(sequence),
        previous_digest,
        digest,
        signature.lower(),
        authorized_by,
        "" if authorization is None else authorization.digest,
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()
