"""The operation log of one (address, handle) pair: entries that chain by digest, and proofs of them."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Self

from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.message import FollowMessage
from webapp.protocol.signing_key import MessageSignature, SigningKey

FORMAT = "countersign/operation/v1"
"""The first of the lines whose SHA-256 is an entry's digest."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where a pair's log stands.

    Attributes:
        sequence: The number of the last entry; 0 before the first.
        entry_digest: The digest of the last entry; 64 zeros before the first.
    """

    sequence: int
    entry_digest: str

    EMPTY: ClassVar["ChainHead"]


ChainHead.EMPTY = ChainHead(sequence=0, entry_digest="0" * 64)


@dataclass(frozen=True, slots=True)
class OperationLogEntry:
    """One accepted operation, as the log keeps it.

    Attributes:
        address: Who follows.
        handle: Whom.
        sequence: 1, 2, 3 ... within the pair.
        message: The exact text that was signed.
        digest: SHA-256 of the message, 64 lower-case hex digits, as every digest here.
        signature: The device's signature, `0x` and 128 lower-case hex digits.
        signing_key: The device's key, base64 of its SPKI.
        authorization: The wallet's authorisation of that key.
        previous_digest: The digest of the entry before; 64 zeros for the first.
        entry_digest: The digest of this entry.
    """

    address: Address
    handle: str
    sequence: int
    message: str
    digest: str
    signature: str
    signing_key: str
    authorization: SigningKeyAuthorization
    previous_digest: str
    entry_digest: str

    @classmethod
    def append(
        cls,
        *,
        previous: ChainHead,
        message: FollowMessage,
        signature: MessageSignature,
        signing_key: SigningKey,
        authorization: SigningKeyAuthorization,
    ) -> Self:
        """Make the entry that follows `previous`."""
        sequence = previous.sequence + 1
        return cls(
            address=message.address,
            handle=message.handle,
            sequence=sequence,
            message=message.text,
            digest=message.digest,
            signature=signature.text,
            signing_key=signing_key.text,
            authorization=authorization,
            previous_digest=previous.entry_digest,
            entry_digest=entry_digest(
                address=message.address,
                handle=message.handle,
                sequence=sequence,
                previous_digest=previous.entry_digest,
                digest=message.digest,
                signature=signature.text,
                signing_key=signing_key.text,
                authorization=authorization,
            ),
        )

    @property
    def head(self) -> ChainHead:
        """Where the log stands after this entry."""
        return ChainHead(self.sequence, self.entry_digest)


def entry_digest(
    *,
    address: Address,
    handle: str,
    sequence: int,
    previous_digest: str,
    digest: str,
    signature: str,
    signing_key: str,
    authorization: SigningKeyAuthorization,
) -> str:
    """Digest an entry: SHA-256 of nine lines of UTF-8, joined by line feeds, in lower-case hex."""
    lines = (
        FORMAT,
        address.checksummed,
        handle,
        str(sequence),
        previous_digest,
        digest,
        signature.lower(),
        signing_key,
        authorization.digest,
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()
