"""Which keys signed what, and until when they may have: the log of keys held against those of pairs."""

from webapp.protocol.facts import Policy
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.proofs.verdicts import ProofFailure, ProofStep, Verified, VerifiedKeyOperation

WINDOW_MS = Policy().past_ms + Policy().future_ms
"""How much later than its revocation a key may have dated what it signed, in milliseconds.

It was accepted before the revocation was; but it may have been dated ahead of the gateway's clock, and the
revocation behind it, by default no more than this together.
"""


class KeyUses:
    """The newest use of each key, and its revocation; keeps no more than there are keys."""

    def __init__(self) -> None:
        self._newest: dict[
            tuple[str, str], tuple[int, int]
        ] = {}  # by address and key: time, place in the file
        self._revoked: dict[tuple[str, str], int] = {}

    def take(self, verified: Verified, index: int) -> ProofFailure | None:
        """Take what a proof proves, in any order; find what a key signed that had been revoked long before.

        Args:
            verified: What it proves.
            index: Its place in the file, counted from 0.
        """
        address, failure = verified.address.checksummed, None
        if verified.signing_key is not None:
            signer = address, verified.signing_key.text
            use = verified.ts, index
            self._newest[signer] = max(use, self._newest.get(signer, use))
            failure = self._late(signer)
        if isinstance(verified, VerifiedKeyOperation) and verified.operation is KeyOperation.REVOKE:
            revoked = address, verified.key.text
            self._revoked.setdefault(revoked, verified.ts)
            failure = failure or self._late(revoked)
        return failure

    def _late(self, key: tuple[str, str]) -> ProofFailure | None:
        revoked, newest = self._revoked.get(key), self._newest.get(key)
        if revoked is None or newest is None or newest[0] <= revoked + WINDOW_MS:
            return None
        expected = f"at most {revoked + WINDOW_MS}, as the key that signed was revoked at {revoked}"
        return ProofFailure(ProofStep.CHAIN, newest[1], "content.ts", expected)
