"""The operation log of one (address, handle) pair: entries that chain by digest, and proofs of them."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Self

from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.handle_message import LoggedMessage
from webapp.protocol.proofs.members import read_digest, read_object, read_sequence, read_text
from webapp.protocol.signing_key import MessageSignature, SigningKey

FORMAT = "countersign/operation/v1"
"""The first of the lines whose SHA-256 is an entry's digest."""

PROOF_MEMBERS = frozenset(
    {
        "content",
        "digest",
        "signature",
        "signingKey",
        "signingKeyAuth",
        "arweaveTxHash",
        "sequence",
        "previousDigest",
        "entryDigest",
    }
)
"""What the API's `proof` object holds."""
_AUTHORIZATION_MEMBERS = frozenset({"address", "message", "signature"})


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
        address: Who signed.
        handle: Whom they follow, or what they own.
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
        message: LoggedMessage,
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


@dataclass(frozen=True, slots=True)
class ClaimedAuthorization:
    """A wallet's authorisation of a signing key, as a proof claims it: nothing of it is checked yet.

    Attributes:
        address: Whose wallet is said to have authorised the key.
        message: The text that it is said to have signed.
        signature: Said to be the wallet's signature.
    """

    address: str
    message: str
    signature: str

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the API's `signingKeyAuth` object, as JSON gives it.

        Raises:
            ProofError: A member is missing, unknown or no text.
        """
        auth = read_object("signingKeyAuth", value, _AUTHORIZATION_MEMBERS, "SigningKeyAuth")
        return cls(read_text(auth, "address"), read_text(auth, "message"), read_text(auth, "signature"))

    @classmethod
    def of(cls, authorization: SigningKeyAuthorization) -> Self:
        """Publish an authorisation."""
        return cls(authorization.address.checksummed, authorization.message, authorization.signature)

    def to_json(self) -> dict[str, object]:
        """Write the API's `signingKeyAuth` object."""
        return {"address": self.address, "message": self.message, "signature": self.signature}


@dataclass(frozen=True, slots=True)
class ProofOfConnection:
    """An entry of the operation log as the gateway publishes it: claims, until `verify_proof` has seen them.

    Attributes:
        content: The exact message.
        digest: Said to be its SHA-256, in lower-case hex.
        signature: Said to be the device's signature of it.
        signing_key: Said to be the device's key.
        authorization: Said to be the wallet's authorisation of that key.
        arweave_tx_hash: Where the proof is anchored; empty where it is not.
        sequence: Its number within the pair's log, from 1.
        previous_digest: Said to be the digest of the entry before.
        entry_digest: Said to be the digest of this entry.
    """

    content: str
    digest: str
    signature: str
    signing_key: str
    authorization: ClaimedAuthorization
    arweave_tx_hash: str
    sequence: int
    previous_digest: str
    entry_digest: str

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the API's `proof` object, as JSON gives it.

        Raises:
            ProofError: A member is missing, unknown or of another type; a digest is not 64 lower-case hex
                digits.
        """
        proof = read_object("proof", value, PROOF_MEMBERS, "Proof")
        authorization = ClaimedAuthorization.parse(proof.get("signingKeyAuth"))
        return cls(
            content=read_text(proof, "content"),
            digest=read_digest(proof, "digest"),
            signature=read_text(proof, "signature"),
            signing_key=read_text(proof, "signingKey"),
            authorization=authorization,
            arweave_tx_hash=read_text(proof, "arweaveTxHash"),
            sequence=read_sequence(proof),
            previous_digest=read_digest(proof, "previousDigest"),
            entry_digest=read_digest(proof, "entryDigest"),
        )

    @classmethod
    def of(cls, entry: OperationLogEntry) -> Self:
        """Publish an entry of the log."""
        return cls(
            content=entry.message,
            digest=entry.digest,
            signature=entry.signature,
            signing_key=entry.signing_key,
            authorization=ClaimedAuthorization.of(entry.authorization),
            arweave_tx_hash="",
            sequence=entry.sequence,
            previous_digest=entry.previous_digest,
            entry_digest=entry.entry_digest,
        )

    def to_json(self) -> dict[str, object]:
        """Write the API's `proof` object."""
        return {
            "content": self.content,
            "digest": self.digest,
            "signature": self.signature,
            "signingKey": self.signing_key,
            "signingKeyAuth": self.authorization.to_json(),
            "arweaveTxHash": self.arweave_tx_hash,
            "sequence": self.sequence,
            "previousDigest": self.previous_digest,
            "entryDigest": self.entry_digest,
        }
