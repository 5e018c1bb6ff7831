"""Proofs: entries of the logs as the API publishes them. All they say are claims, until they are verified.

What cannot be read is a `ProofError`: a member is missing, unknown or of another type, or a digest is not 64
lower-case hex digits.
"""

from dataclasses import dataclass, fields
from typing import Self, TypeAlias

from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.errors import ProofError
from webapp.protocol.log_entries import BY_WALLET, KeyLogEntry, OperationLogEntry
from webapp.protocol.proofs.members import read_digest, read_object, read_sequence, read_text

_WIRE_NAMES = {
    "content": "content",
    "digest": "digest",
    "signature": "signature",
    "signing_key": "signingKey",
    "authorized_by": "authorizedBy",
    "authorization": "signingKeyAuth",
    "arweave_tx_hash": "arweaveTxHash",
    "sequence": "sequence",
    "previous_digest": "previousDigest",
    "entry_digest": "entryDigest",
}
"""The members of proofs, by their fields."""
PROOF_MEMBERS = frozenset(_WIRE_NAMES.values()) - {"authorizedBy"}
KEY_PROOF_MEMBERS = frozenset(_WIRE_NAMES.values()) - {"signingKey", "arweaveTxHash"}
"""What the proof of a key operation holds. `authorizedBy` tells it from every other proof."""
_AUTHORIZATION_MEMBERS = frozenset({"address", "message", "signature"})


@dataclass(frozen=True, slots=True)
class ClaimedAuthorization:
    """A wallet's authorisation of a signing key, as a proof claims it."""

    address: str
    message: str
    signature: str

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the API's `signingKeyAuth` object, as JSON gives it."""
        auth = read_object("signingKeyAuth", value, _AUTHORIZATION_MEMBERS, "SigningKeyAuth")
        return cls(read_text(auth, "address"), read_text(auth, "message"), read_text(auth, "signature"))

    @classmethod
    def of(cls, authorization: SigningKeyAuthorization) -> Self:
        return cls(authorization.address.checksummed, authorization.message, authorization.signature)

    def to_json(self) -> dict[str, object]:
        return {"address": self.address, "message": self.message, "signature": self.signature}


@dataclass(frozen=True, slots=True)
class ProofOfConnection:
    """An entry of the log of an (address, handle) pair, published."""

    content: str  # the exact message
    digest: str
    signature: str
    signing_key: str
    authorization: ClaimedAuthorization
    arweave_tx_hash: str  # where the proof is anchored; empty where it is not
    sequence: int
    previous_digest: str
    entry_digest: str

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the API's `proof` object, as JSON gives it."""
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
        return _to_json(self)


@dataclass(frozen=True, slots=True)
class ProofOfKeyOperation:
    """An entry of the log of an address's signing keys, published."""

    content: str  # the exact message
    digest: str
    signature: str
    authorized_by: str  # the key that signed; empty where the wallet did
    authorization: ClaimedAuthorization | None  # of that key; None where the wallet signed
    sequence: int
    previous_digest: str
    entry_digest: str

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the API's `proof` object of a key operation; the wallet needs no authorisation, a key does."""
        proof = read_object("proof", value, KEY_PROOF_MEMBERS, "KeyProof")
        authorized_by = read_text(proof, "authorizedBy")
        authorization = None
        if authorized_by != BY_WALLET:
            authorization = ClaimedAuthorization.parse(proof.get("signingKeyAuth"))
        elif proof.get("signingKeyAuth", "") is not None:
            raise ProofError("signingKeyAuth", "null, as the wallet itself signed")
        return cls(
            content=read_text(proof, "content"),
            digest=read_digest(proof, "digest"),
            signature=read_text(proof, "signature"),
            authorized_by=authorized_by,
            authorization=authorization,
            sequence=read_sequence(proof),
            previous_digest=read_digest(proof, "previousDigest"),
            entry_digest=read_digest(proof, "entryDigest"),
        )

    @classmethod
    def of(cls, entry: KeyLogEntry) -> Self:
        auth = entry.authorization
        return cls(
            content=entry.message,
            digest=entry.digest,
            signature=entry.signature,
            authorized_by=entry.authorized_by,
            authorization=None if auth is None else ClaimedAuthorization.of(auth),
            sequence=entry.sequence,
            previous_digest=entry.previous_digest,
            entry_digest=entry.entry_digest,
        )

    def to_json(self) -> dict[str, object]:
        return _to_json(self)


AnyProof: TypeAlias = ProofOfConnection | ProofOfKeyOperation


def parse_proof(value: object) -> AnyProof:
    """Read a proof of either kind."""
    if isinstance(value, dict) and "authorizedBy" in value:
        return ProofOfKeyOperation.parse(value)
    return ProofOfConnection.parse(value)


def _to_json(proof: AnyProof) -> dict[str, object]:
    auth = proof.authorization
    members = {_WIRE_NAMES[field.name]: getattr(proof, field.name) for field in fields(proof)}
    return members | {"signingKeyAuth": None if auth is None else auth.to_json()}
