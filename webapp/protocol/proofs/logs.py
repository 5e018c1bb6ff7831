"""What may follow what in a log, and how long a key may have signed."""

from typing import TYPE_CHECKING, Literal

from webapp.protocol.facts import Policy
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.log_entries import ChainHead
from webapp.protocol.message import Operation
from webapp.protocol.proofs.verdicts import (
    ProofFailure,
    ProofStep,
    Verified,
    VerifiedKeyOperation,
    VerifiedProof,
    require,
)

if TYPE_CHECKING:
    from webapp.protocol.address import Address
    from webapp.protocol.handle import Handle

WINDOW_MS = Policy().past_ms + Policy().future_ms
"""How much later than its revocation a key may have dated what it signed, in milliseconds.

It was accepted before the revocation was; but it may have been dated ahead of the gateway's clock, and the
revocation behind it, by default no more than this together.
"""


class Logs:
    """Any number of logs, verified entry by entry, each log's oldest first.

    Of each log it keeps only what the next entry depends on, so that logs of any length can be read past it.
    """

    def __init__(self, *, begins: Literal["first", "anywhere"], gaps: bool = False) -> None:
        """Choose whether a log has to begin with its first entry, and whether entries may be left out."""
        self._from_first = begins == "first"
        self._gaps = gaps
        self._pairs: dict[tuple[Address, Handle], _PairLog] = {}
        self._keys: dict[Address, _KeyLog] = {}

    def take(self, this: Verified, previous_digest: str) -> None:
        """Check that an entry, verified by itself, comes next in its log, or raise a `StepFailedError`.

        `previous_digest` is the digest of the entry before, as the entry's proof names it.
        """
        start = ChainHead.EMPTY if self._from_first else ChainHead(this.head.sequence - 1, previous_digest)
        if isinstance(this, VerifiedProof):
            pair = self._pairs.setdefault((this.address, this.handle), _PairLog(start))
            self._link(pair, this, previous_digest)
            pair.check_turn(this)
        else:
            keys = self._keys.setdefault(this.address, _KeyLog(start))
            self._link(keys, this, previous_digest)
            keys.check_keys(this)

    def _link(self, log: "_PairLog | _KeyLog", this: Verified, previous_digest: str) -> None:
        """Check number, digest and time of the next entry."""
        if self._gaps and this.head.sequence > log.head.sequence + 1:
            log.skip_to(ChainHead(this.head.sequence - 1, previous_digest))
        following, before = log.head.sequence + 1, log.head.entry_digest
        require(ProofStep.CHAIN, "sequence", str(following), holds=this.head.sequence == following)
        require(ProofStep.CHAIN, "previousDigest", before, holds=previous_digest == before)
        # Nothing holds a revocation up, not even an operation that was dated later.
        if log.newest is not None and this.operation is not KeyOperation.REVOKE:
            require(ProofStep.CHAIN, "content.ts", f"a time after {log.newest}", holds=this.ts > log.newest)
        log.newest = this.ts if log.newest is None else max(this.ts, log.newest)
        log.head = this.head


class _PairLog:
    """How far the log of one pair has been verified."""

    __slots__ = ("_blocked", "_following", "_owning", "_unnamed", "head", "newest")

    def __init__(self, start: ChainHead) -> None:
        self.head = start
        self.newest: int | None = None
        # None: not known yet. A profile can be older than its handle's log; a follow cannot.
        self._following = None if start.sequence else False
        self._owning: bool | None = None
        # Whether a block of each follower stands, and of those who were not named yet.
        self._blocked: dict[Address, bool] = {}
        self._unnamed = self._following

    def skip_to(self, head: ChainHead) -> None:
        """Leave a gap: what was done in between is not known."""
        self.head, self._following, self._owning, self._unnamed, self._blocked = head, None, None, None, {}

    def check_turn(self, this: VerifiedProof) -> None:
        """What is so already is never appended: claim and release take turns, block and unblock too.

        A follow may come after a follow, which the handle's owner may have ended; that is in the owner's log.
        """
        operation = this.operation
        if isinstance(operation, Operation):
            follows = operation is Operation.FOLLOW
            out_of_turn = self._following is False and not follows
            require(ProofStep.CHAIN, "content.op", f'"{Operation.FOLLOW}"', holds=not out_of_turn)
            self._following = follows
            return
        claims = operation is HandleOperation.CLAIM
        turns = 'another than "claim"' if self._owning else '"claim"'
        require(ProofStep.CHAIN, "content.op", turns, holds=self._owning is not claims)
        self._owning = operation is not HandleOperation.RELEASE
        if this.follower is not None:
            blocked = self._blocked.get(this.follower, self._unnamed)
            ends = operation is HandleOperation.UNBLOCK
            turns = '"unblock"' if blocked else '"remove" or "block"'
            require(ProofStep.CHAIN, "content.op", turns, holds=blocked in (None, ends))
            self._blocked[this.follower] = operation is HandleOperation.BLOCK


class _KeyLog:
    """How far the log of an address's key operations has been verified."""

    __slots__ = ("_names", "_revoked", "head", "newest")

    def __init__(self, start: ChainHead) -> None:
        self.head = start
        self.newest: int | None = None
        # What keys are called; one that is not there has no name yet, unless the log was taken up later.
        self._names: dict[str, str] | None = None if start.sequence else {}
        self._revoked: set[str] = set()

    def skip_to(self, head: ChainHead) -> None:
        """Leave a gap: what keys were called in between is not known."""
        self.head, self._names = head, None

    def check_keys(self, this: VerifiedKeyOperation) -> None:
        """A revoked key signs nothing and stays as it is, and a new name is another."""
        step, key, signer = ProofStep.CHAIN, this.key.text, this.signing_key and this.signing_key.text
        require(step, "content.signingKey", "a key that is not revoked", holds=key not in self._revoked)
        require(step, "authorizedBy", "a key that is not revoked", holds=signer not in self._revoked)
        if this.name is not None and self._names is not None:
            known = self._names.get(key, "")
            require(step, "content.name", "another name than the key has", holds=this.name != known)
            self._names[key] = this.name
        if this.operation is KeyOperation.REVOKE:
            self._revoked.add(key)


class KeyUses:
    """The newest use of each key, and its revocation; keeps no more than there are keys."""

    def __init__(self) -> None:
        # By address and key: time and place in the file; time.
        self._newest: dict[tuple[str, str], tuple[int, int]] = {}
        self._revoked: dict[tuple[str, str], int] = {}

    def take(self, verified: Verified, index: int) -> ProofFailure | None:
        """Take a proof of this place in the file, in any order; find what a revoked key signed much later."""
        address, failure = verified.address.checksummed, None
        if verified.signing_key is not None:
            signer = address, verified.signing_key.text
            use = verified.ts, index
            self._newest[signer] = max(use, self._newest.get(signer, use))
            failure = self._late(signer)
        if verified.operation is KeyOperation.REVOKE:
            self._revoked.setdefault(verified.subject, verified.ts)
            failure = failure or self._late(verified.subject)
        return failure

    def _late(self, key: tuple[str, str]) -> ProofFailure | None:
        revoked, newest = self._revoked.get(key), self._newest.get(key)
        if revoked is None or newest is None or newest[0] <= revoked + WINDOW_MS:
            return None
        expected = f"at most {revoked + WINDOW_MS}, as the key that signed was revoked at {revoked}"
        return ProofFailure(ProofStep.CHAIN, newest[1], "content.ts", expected)
