"""Verifying proofs without asking, or trusting, the gateway that gave them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias

from webapp.protocol.proofs.key_proof import ProofOfKeyOperation
from webapp.protocol.proofs.key_steps import KeyLog, verified_key_operation
from webapp.protocol.proofs.pair_log import PairLog
from webapp.protocol.proofs.proof import ChainHead, ProofOfConnection
from webapp.protocol.proofs.steps import verified_entry
from webapp.protocol.proofs.verdicts import (
    ContractQuestion,
    ContractWalletUnproven,
    ProofFailure,
    ProofStep,
    StepFailedError,
    Verified,
    VerifiedChain,
    VerifiedKeyOperation,
    VerifiedProof,
)

if TYPE_CHECKING:
    from webapp.protocol.address import Address
    from webapp.protocol.handle import Handle

__all__ = [
    "AnyProof",
    "ContractQuestion",
    "ContractWalletUnproven",
    "LogVerifier",
    "ProofFailure",
    "ProofStep",
    "VerifiedChain",
    "VerifiedKeyOperation",
    "VerifiedProof",
    "verify_chain",
    "verify_key_proof",
    "verify_pages",
    "verify_proof",
]

AnyProof: TypeAlias = ProofOfConnection | ProofOfKeyOperation
"""A proof of either kind."""


def verify_proof(proof: ProofOfConnection) -> VerifiedProof | ProofFailure:
    """Verify one proof by itself; that it follows the entry before is for `verify_chain`."""
    try:
        return verified_entry(proof)
    except StepFailedError as failed:
        return failed.at(0)


def verify_key_proof(proof: ProofOfKeyOperation) -> VerifiedKeyOperation | ProofFailure:
    """Verify one proof of a key operation by itself."""
    try:
        return verified_key_operation(proof)
    except StepFailedError as failed:
        return failed.at(0)


def verify_chain(
    proofs: Iterable[ProofOfConnection], *, start: ChainHead = ChainHead.EMPTY
) -> VerifiedChain | ProofFailure:
    """Verify the proofs of one (address, handle) pair, oldest first, without gaps.

    Args:
        proofs: The proofs.
        start: Where the pair's log stood before the first of them; by default it was empty.
    """
    log = PairLog(start)
    verified: list[VerifiedProof] = []
    for index, proof in enumerate(proofs):
        try:
            this = verified_entry(proof)
            log.take(this, proof.previous_digest)
        except StepFailedError as failed:
            return failed.at(index)
        verified.append(this)
    if not verified:
        return ProofFailure(ProofStep.CHAIN, 0, "proof", "at least one proof")
    return VerifiedChain(tuple(verified))


class LogVerifier:
    """Verifies any number of logs, entry by entry, each log's oldest first and without gaps.

    Of each log it keeps the last entry only, so that logs of any length can be read past it; of those of
    keys, which keys are revoked and what they are called, too.
    """

    def __init__(self, *, begins: Literal["first", "anywhere"] = "first") -> None:
        """Begin.

        Args:
            begins: Whether each log has to begin with its first entry, or may with any other.
        """
        self._from_first = begins == "first"
        self._pairs: dict[tuple[Address, Handle], PairLog] = {}
        self._keys: dict[Address, KeyLog] = {}

    def take(self, proof: AnyProof) -> Verified | ProofFailure:
        """Verify the next entry; whoever has the others knows its place among them."""
        try:
            return self._take(proof)
        except StepFailedError as failed:
            return failed.at(0)

    def _take(self, proof: AnyProof) -> Verified:
        start = ChainHead.EMPTY if self._from_first else ChainHead(proof.sequence - 1, proof.previous_digest)
        if isinstance(proof, ProofOfConnection):
            this = verified_entry(proof)
            pair = (this.address, this.handle)
            self._pairs.setdefault(pair, PairLog(start)).take(this, proof.previous_digest)
            return this
        done = verified_key_operation(proof)
        self._keys.setdefault(done.address, KeyLog(start)).take(done, proof.previous_digest)
        return done


def verify_pages(listed: Iterable[tuple[int, str, Verified]]) -> ProofFailure | None:
    """Find what contradicts what between pages, each of which was verified by itself.

    Neighbours have to link, wherever they stand; and between entries that are apart, time runs forward and
    revoked keys stay revoked.

    Args:
        listed: The entries of any number of logs, no two of one number, in any order: place in the file, the
            digest that its proof names as that of the entry before, and what it was found to prove.
    """
    pairs: dict[tuple[Address, Handle], PairLog] = {}
    keys: dict[Address, KeyLog] = {}
    for index, previous_digest, this in sorted(listed, key=lambda entry: entry[2].head.sequence):
        before = ChainHead(this.head.sequence - 1, previous_digest)
        try:
            if isinstance(this, VerifiedProof):
                pair = pairs.setdefault((this.address, this.handle), PairLog(before))
                pair.go_on_at(before)
                pair.take(this, previous_digest)
            else:
                log = keys.setdefault(this.address, KeyLog(before))
                log.go_on_at(before)
                log.take(this, previous_digest)
        except StepFailedError as failed:
            return failed.at(index)
    return None
