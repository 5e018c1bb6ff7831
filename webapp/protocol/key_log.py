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
    """One accepted operation on a signing key.

    Attributes:
        address: Whose key it is.
        sequence: 1, 2, 3 ... within the address.
        message: The exact text that was signed.
        digest: SHA-256 of the message, 64 lower-case hex digits, as every digest here.
        signature: Of the authorising key (`0x` and 128 lower-case hex digits) or of the wallet (130).
        authorized_by: The key that signed, base64 of its SPKI; empty where the wallet did.
        previous_digest: The digest of the entry before; 64 zeros for the first.
        entry_digest: The digest of this entry, as `key_entry_digest` makes it.
    """

    address: Address
    sequence: int
    message: str
    digest: str
    signature: str
    authorized_by: str
    previous_digest: str
    entry_digest: str

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
        """Make the entry that follows `previous`.

        Args:
            previous: Where the address's log stands.
            message: What was asked for.
            signature: In lower case.
            authorized_by: The key that signed, or `BY_WALLET`.
            authorization: The wallet's authorisation of that key; None where the wallet itself signed.
        """
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
