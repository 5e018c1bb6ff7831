"""What verifying proofs comes to: what they prove, or the first check that failed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from webapp.protocol.address import Address
from webapp.protocol.handle import Handle
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.message import Operation
from webapp.protocol.proofs.proof import ChainHead
from webapp.protocol.signing_key import SigningKey


class ProofStep(StrEnum):
    """What is checked of each proof, in this order."""

    AUTHORIZATION = "authorisation"
    """The address's wallet signed the text that names the signing key."""
    SIGNATURE = "signature"
    """The signing key signed the content's exact bytes."""
    MESSAGE = "message"
    """The content is a message of that address, and its digest is right."""
    CHAIN = "chain"
    """The entry's digest is right, and it follows the entry before."""


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """What a proof proves.

    Attributes:
        address: Who signed.
        handle: Whom they followed or unfollowed, or which handle of their own it is about.
        operation: What they did.
        ts: When, by the signer's clock, in milliseconds since the epoch.
        entity: For whom the wallet authorised the key.
        signing_key: The device's key.
        head: Where the pair's log stood after this.
    """

    address: Address
    handle: Handle
    operation: Operation | HandleOperation
    ts: int
    entity: str
    signing_key: SigningKey
    head: ChainHead


@dataclass(frozen=True, slots=True)
class VerifiedKeyOperation:
    """What the proof of a key operation proves.

    Attributes:
        address: Whose key it is.
        key: The key that was revoked, renamed or renewed.
        operation: What was done to it.
        name: With a new name, that name.
        ts: When, by the signer's clock, in milliseconds since the epoch.
        entity: For whom the wallet authorised the key that signed; None where the wallet itself signed.
        signing_key: The key that signed; None where the wallet did.
        head: Where the address's log of key operations stood after this.
    """

    address: Address
    key: SigningKey
    operation: KeyOperation
    name: str | None
    ts: int
    entity: str | None
    signing_key: SigningKey | None
    head: ChainHead


Verified: TypeAlias = VerifiedProof | VerifiedKeyOperation
"""What a proof of either kind proves."""


@dataclass(frozen=True, slots=True)
class VerifiedChain:
    """What an unbroken run of proofs of one pair proves; oldest first, at least one."""

    proofs: tuple[VerifiedProof, ...]

    @property
    def head(self) -> ChainHead:
        """Where the pair's log stood after the last of them."""
        return self.proofs[-1].head

    @property
    def following(self) -> bool:
        """Whether the address followed the handle after the last of them, as far as these can tell."""
        follows = (
            proof.operation for proof in reversed(self.proofs) if isinstance(proof.operation, Operation)
        )
        return next(follows, Operation.UNFOLLOW) is Operation.FOLLOW


@dataclass(frozen=True, slots=True)
class ProofFailure:
    """The first check that failed.

    Attributes:
        step: Which check.
        index: Of which proof, counted from 0.
        field: The field at fault, as the wire spells it.
        expected: What would have been right, in words.
    """

    step: ProofStep
    index: int
    field: str
    expected: str

    def __str__(self) -> str:
        return f"proof {self.index + 1}, {self.step}: {self.field}: expected {self.expected}"


@dataclass(frozen=True, slots=True)
class ContractQuestion:
    """What only a chain can answer: does the contract at `address` vouch for this signature of `digest`?"""

    address: Address
    digest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ContractWalletUnproven(ProofFailure):
    """The address's own key did not authorise the signing key; a contract wallet may have.

    Nothing in a file can show that, so that the proof counts as failed for whoever does not ask the chain.
    """

    question: ContractQuestion


class StepFailedError(Exception):
    """A check that failed, on its way to whoever knows which proof it was."""

    def __init__(
        self, step: ProofStep, field: str, expected: str, question: ContractQuestion | None = None
    ) -> None:
        super().__init__(step, field, expected)
        self.step, self.field, self.expected = step, field, expected
        self.question = question

    def at(self, index: int) -> ProofFailure:
        """Give the failure of the proof at this place."""
        if self.question is None:
            return ProofFailure(self.step, index, self.field, self.expected)
        return ContractWalletUnproven(self.step, index, self.field, self.expected, self.question)


def require(step: ProofStep, field: str, expected: str, *, holds: bool) -> None:
    """Insist on a check.

    Raises:
        StepFailedError: It does not hold.
    """
    if not holds:
        raise StepFailedError(step, field, expected)
