"""What may follow what in the logs of pairs of address and handle."""

from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.message import Operation
from webapp.protocol.proofs.proof import ChainHead
from webapp.protocol.proofs.steps import check_next
from webapp.protocol.proofs.verdicts import ProofStep, VerifiedProof, require


class PairLog:
    """How far the log of one pair has been verified."""

    __slots__ = ("_following", "_head", "_owning", "last")

    def __init__(self, start: ChainHead) -> None:
        self._head = start
        # None: not known yet. A profile can be older than its handle's log; a follow cannot.
        self._following = None if start.sequence else False
        self._owning: bool | None = None
        self.last: VerifiedProof | None = None

    def take(self, this: VerifiedProof, previous_digest: str) -> None:
        """Check that an entry, verified by itself, comes next.

        Args:
            this: What its proof proves.
            previous_digest: The digest of the entry before, as its proof names it.

        Raises:
            StepFailedError: It does not.
        """
        before = self.last
        check_next(self._head, sequence=this.head.sequence, previous_digest=previous_digest)
        if before is not None:
            same = (this.address, this.handle) == (before.address, before.handle)
            pair = f"the same pair, {before.address} and {before.handle}"
            require(ProofStep.CHAIN, "content", pair, holds=same)
            require(ProofStep.CHAIN, "content.ts", f"a time after {before.ts}", holds=this.ts > before.ts)
        self._take_turn(this.operation)
        self._head, self.last = this.head, this

    def go_on_at(self, head: ChainHead) -> None:
        """Leave a gap, if this is further on: what was done in between is not known."""
        if head.sequence > self._head.sequence:
            self._head, self._following, self._owning = head, None, None

    def _take_turn(self, operation: Operation | HandleOperation) -> None:
        """What is so already is never appended: follow and unfollow take turns, claim and release too."""
        if isinstance(operation, Operation):
            follows = operation is Operation.FOLLOW
            turn = Operation.UNFOLLOW if self._following else Operation.FOLLOW
            require(ProofStep.CHAIN, "content.op", f'"{turn}"', holds=self._following is not follows)
            self._following = follows
            return
        claims = operation is HandleOperation.CLAIM
        turns = '"release" or "profile"' if self._owning else '"claim"'
        require(ProofStep.CHAIN, "content.op", turns, holds=self._owning is not claims)
        self._owning = operation is not HandleOperation.RELEASE
