"""What verifying proofs comes to: what they prove, or the first check that failed."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from webapp.protocol.address import Address
from webapp.protocol.handle import Handle
from webapp.protocol.handle_message import ENDS_FOLLOW, HandleOperation
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.log_entries import ChainHead
from webapp.protocol.message import Operation
from webapp.protocol.signing_key import SigningKey


class ProofStep(StrEnum):
    """What is checked of each proof, in this order."""

    AUTHORIZATION = "authorisation"  # the address's wallet signed the text that names the signing key
    SIGNATURE = "signature"  # the signing key signed the content's exact bytes
    MESSAGE = "message"  # the content is a message of that address, and its digest is right
    CHAIN = "chain"  # the entry's digest is right, and it follows the entry before


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """What a proof proves about an address and a handle."""

    address: Address
    handle: Handle
    operation: Operation | HandleOperation
    ts: int  # by the signer's clock, in ms since the epoch
    entity: str  # for whom the wallet authorised the key
    signing_key: SigningKey
    head: ChainHead  # where the pair's log stood after this
    follower: Address | None = None  # with `remove`, `block` and `unblock`, whom that is done to

    @property
    def log(self) -> tuple[str, str]:
        """Which log the entry is of."""
        return self.address.checksummed, self.handle

    @property
    def ends(self) -> tuple[str, str] | None:
        """The log whose follow, where there was one, this ended, as the handle's owner; None: none."""
        if self.follower is None or self.operation not in ENDS_FOLLOW:
            return None
        return self.follower.checksummed, self.handle

    @property
    def subject(self) -> tuple[str, str]:
        """Whose handle or key was acted on."""
        return self.log


@dataclass(frozen=True, slots=True)
class VerifiedKeyOperation:
    """What the proof of a key operation proves."""

    address: Address
    key: SigningKey  # that was revoked, renamed or renewed
    operation: KeyOperation
    name: str | None  # the new one, with a new name
    ts: int  # by the signer's clock, in ms since the epoch
    entity: str | None  # for whom the wallet authorised the key that signed; None where the wallet signed
    signing_key: SigningKey | None  # the key that signed; None where the wallet did
    head: ChainHead  # where the address's log of key operations stood after this

    @property
    def log(self) -> tuple[str, str]:
        """Which log the entry is of."""
        return self.address.checksummed, ""

    @property
    def subject(self) -> tuple[str, str]:
        """Whose handle or key was acted on."""
        return self.address.checksummed, self.key.text


Verified: TypeAlias = VerifiedProof | VerifiedKeyOperation


@dataclass(frozen=True, slots=True)
class ProofFailure:
    """The first check that failed."""

    step: ProofStep
    index: int  # of which proof, counted from 0
    field: str  # as the wire spells it
    expected: str  # in words

    def __str__(self) -> str:
        return f"proof {self.index + 1}, {self.step}: {self.field}: expected {self.expected}"


@dataclass(frozen=True, slots=True)
class ContractWalletCheck:
    """What only a chain can answer: does the contract at `address` accept this signature of `digest`?"""

    address: Address
    digest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ContractWalletUnproven(ProofFailure):
    """The address's own key did not authorise the signing key; a contract wallet may have.

    Nothing in a file can show that, so that the proof counts as failed for whoever does not ask the chain.
    """

    question: ContractWalletCheck


class StepFailedError(Exception):
    """A check that failed, on its way to where it is known which proof it was."""

    def __init__(self, failure: ProofFailure) -> None:
        super().__init__(failure)
        self.failure = failure

    def at(self, index: int) -> ProofFailure:
        return replace(self.failure, index=index)


def require(step: ProofStep, field: str, expected: str, *, holds: bool) -> None:
    """Raise a `StepFailedError` unless a check holds."""
    if not holds:
        raise StepFailedError(ProofFailure(step, 0, field, expected))
