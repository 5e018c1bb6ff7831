"""Proofs of key operations: entries of the log of an address's signing keys, as they are published."""

from dataclasses import dataclass
from typing import Self

from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.errors import ProofError
from webapp.protocol.key_log import BY_WALLET, KeyLogEntry
from webapp.protocol.proofs.members import read_digest, read_object, read_sequence, read_text
from webapp.protocol.proofs.proof import ClaimedAuthorization

KEY_PROOF_MEMBERS = frozenset(
    {
        "content",
        "digest",
        "signature",
        "authorizedBy",
        "signingKeyAuth",
        "sequence",
        "previousDigest",
        "entryDigest",
    }
)
"""What the proof of a key operation holds. `authorizedBy` tells it from every other proof."""


@dataclass(frozen=True, slots=True)
class ProofOfKeyOperation:
    """An entry of an address's log of key operations as it is published: claims, until they are verified.

    Attributes:
        content: The exact message.
        digest: Said to be its SHA-256, in lower-case hex.
        signature: Said to be that of the key or wallet that signed.
        authorized_by: Said to be the key that signed; empty where the wallet did.
        authorization: Said to be the wallet's authorisation of that key; None where the wallet signed.
        sequence: Its number within the address's log, from 1.
        previous_digest: Said to be the digest of the entry before.
        entry_digest: Said to be the digest of this entry.
    """

    content: str
    digest: str
    signature: str
    authorized_by: str
    authorization: ClaimedAuthorization | None
    sequence: int
    previous_digest: str
    entry_digest: str

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the API's `proof` object of a key operation, as JSON gives it.

        Raises:
            ProofError: A member is missing, unknown or of another type; a digest is not 64 lower-case hex
                digits; there is an authorisation where the wallet signed, or none where a key did.
        """
        proof = read_object("proof", value, KEY_PROOF_MEMBERS, "KeyProof")
        authorized_by = read_text(proof, "authorizedBy")
        return cls(
            content=read_text(proof, "content"),
            digest=read_digest(proof, "digest"),
            signature=read_text(proof, "signature"),
            authorized_by=authorized_by,
            authorization=_authorization(
                proof.get("signingKeyAuth", ""), by_wallet=authorized_by == BY_WALLET
            ),
            sequence=read_sequence(proof),
            previous_digest=read_digest(proof, "previousDigest"),
            entry_digest=read_digest(proof, "entryDigest"),
        )

    @classmethod
    def of(cls, entry: KeyLogEntry, authorization: SigningKeyAuthorization | None) -> Self:
        """Publish an entry of the log.

        Args:
            entry: The entry.
            authorization: The wallet's authorisation of the key that signed; None where the wallet signed.
        """
        return cls(
            content=entry.message,
            digest=entry.digest,
            signature=entry.signature,
            authorized_by=entry.authorized_by,
            authorization=None if authorization is None else ClaimedAuthorization.of(authorization),
            sequence=entry.sequence,
            previous_digest=entry.previous_digest,
            entry_digest=entry.entry_digest,
        )

    def to_json(self) -> dict[str, object]:
        """Write the API's `proof` object of a key operation."""
        return {
            "content": self.content,
            "digest": self.digest,
            "signature": self.signature,
            "authorizedBy": self.authorized_by,
            "signingKeyAuth": None if self.authorization is None else self.authorization.to_json(),
            "sequence": self.sequence,
            "previousDigest": self.previous_digest,
            "entryDigest": self.entry_digest,
        }


def _authorization(value: object, *, by_wallet: bool) -> ClaimedAuthorization | None:
    if by_wallet:
        if value is not None:
            raise ProofError("signingKeyAuth", "null, as the wallet itself signed")
        return None
    return ClaimedAuthorization.parse(value)
