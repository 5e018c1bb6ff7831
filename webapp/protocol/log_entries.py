"""Entries of the logs: each holds the digest of the one before, so that none can be changed unseen."""

import hashlib
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.handle_message import LoggedMessage
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.signing_key import MessageSignature, SigningKey

BY_WALLET = ""
"""Stands in an entry about keys for the key that signed, where the wallet itself did."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where a log stands."""

    sequence: int  # of the last entry; 0 before the first
    entry_digest: str  # of the last entry; 64 zeros before the first

    EMPTY: ClassVar["ChainHead"]


ChainHead.EMPTY = ChainHead(sequence=0, entry_digest="0" * 64)


@dataclass(frozen=True, slots=True)
class OperationLogEntry:
    """An entry of the log of an (address, handle) pair; digests are SHA-256 in 64 lower-case hex digits."""

    address: Address
    handle: str
    sequence: int  # 1, 2, 3 ... within the pair
    message: str  # the exact text that was signed
    digest: str  # of the message
    signature: str  # the device's, `0x` and 128 hex digits
    signing_key: str  # base64 of the device key's SPKI
    authorization: SigningKeyAuthorization
    previous_digest: str  # of the entry before; 64 zeros for the first
    entry_digest: str

    @classmethod
    def append(
        cls,
        *,
        previous: ChainHead,
        message: LoggedMessage,
        signature: MessageSignature,
        signing_key: SigningKey,
        authorization: SigningKeyAuthorization,
    ) -> Self:
        entry = cls(
            address=message.address,
            handle=message.handle,
            sequence=previous.sequence + 1,
            message=message.text,
            digest=message.digest,
            signature=signature.text,
            signing_key=signing_key.text,
            authorization=authorization,
            previous_digest=previous.entry_digest,
            entry_digest="",
        )
        return replace(entry, entry_digest=entry.computed_digest())

    @property
    def head(self) -> ChainHead:
        return ChainHead(self.sequence, self.entry_digest)

    def computed_digest(self) -> str:
        """Digest nine lines of UTF-8, joined by line feeds, whatever `entry_digest` says."""
        return _digest(
            "countersign/operation/v1",
            self.address.checksummed,
            self.handle,
            str(self.sequence),
            self.previous_digest,
            self.digest,
            self.signature.lower(),
            self.signing_key,
            self.authorization.digest,
        )


@dataclass(frozen=True, slots=True)
class KeyLogEntry:
    """An entry of the log of what was done to an address's signing keys since their registration."""

    address: Address
    sequence: int  # 1, 2, 3 ... within the address
    message: str  # the exact text that was signed
    digest: str  # of the message
    signature: str  # of a device's key (`0x` and 128 hex digits) or of the wallet (130)
    authorized_by: str  # base64 of the SPKI of the key that signed, or BY_WALLET
    authorization: SigningKeyAuthorization | None  # of that key; None where the wallet itself signed
    previous_digest: str  # of the entry before; 64 zeros for the first
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
        entry = cls(
            address=message.address,
            sequence=previous.sequence + 1,
            message=message.text,
            digest=message.digest,
            signature=signature,
            authorized_by=authorized_by,
            authorization=authorization,
            previous_digest=previous.entry_digest,
            entry_digest="",
        )
        return replace(entry, entry_digest=entry.computed_digest())

    @property
    def head(self) -> ChainHead:
        return ChainHead(self.sequence, self.entry_digest)

    def computed_digest(self) -> str:
        """Digest eight lines of UTF-8, joined by line feeds, whatever `entry_digest` says."""
        return _digest(
            "countersign/key-operation/v1",
            self.address.checksummed,
            str(self.sequence),
            self.previous_digest,
            self.digest,
            self.signature.lower(),
            self.authorized_by,
            "" if self.authorization is None else self.authorization.digest,
        )


def _digest(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()
