"""The checks that several decisions share: each rule has its one home."""

from dataclasses import dataclass
from typing import Self

from webapp.protocol.address import Address
from webapp.protocol.facts import Accepted, Answered, Edge, LastKeyOperation, Policy, RegisteredKey
from webapp.protocol.handle_message import LoggedMessage
from webapp.protocol.log_entries import ChainHead, OperationLogEntry
from webapp.protocol.signed_text import SignedMessage
from webapp.protocol.signing_key import MessageSignature, SigningKey
from webapp.protocol.status import Status
from webapp.protocol.submissions import HandleSubmission, KeySubmission, Submission


@dataclass(frozen=True, slots=True)
class Floor:
    """What a message has to come after: whatever was accepted, or verified and answered ALREADY_DONE.

    So the newest intent holds, though an older message that says the contrary may arrive after it.
    """

    accepted: Edge | LastKeyOperation | None
    answered: Answered | None  # the newest that was answered ALREADY_DONE, where it is newer than that

    @classmethod
    def of(cls, accepted: Edge | LastKeyOperation | None, answered: Answered | None) -> Self:
        """Build it from what is known; what was answered before the last acceptance counts no more."""
        passed = accepted is not None and answered is not None and answered.ts <= accepted.ts
        return cls(accepted, None if passed else answered)

    @property
    def ts(self) -> int | None:
        """Its time, in milliseconds since the Unix epoch; None where nothing came before."""
        newest = self.answered or self.accepted
        return None if newest is None else newest.ts

    def next_ts(self, now: int) -> int:
        """Return a `ts` that the next message may carry: now, or just after what came before."""
        return now if self.ts is None else max(now, self.ts + 1)

    def is_last_accepted(self, message: SignedMessage) -> bool:
        """The message is the one that was accepted last, sent again after a lost reply."""
        return self.accepted is not None and message.digest == self.accepted.digest

    def knows(self, message: SignedMessage) -> bool:
        """The message is one of the two, sent again."""
        answered = self.answered is not None and message.digest == self.answered.digest
        return answered or self.is_last_accepted(message)

    def admits(self, message: SignedMessage, policy: Policy, now: int) -> bool:
        """In the window and newer than what came before; or one of the two again.

        What was accepted last may come again whatever its age; what was answered, within the window.
        """
        if self.is_last_accepted(message):
            return True
        newer = self.ts is None or message.ts > self.ts
        return self.is_near(message, policy, now) and (newer or self.knows(message))

    def is_near(self, message: SignedMessage, policy: Policy, now: int) -> bool:
        """In the window, both ends included.

        Its future end is never before the next time, so that a clock that was set back locks nobody out.
        """
        latest = max(now + policy.future_ms, self.next_ts(now))
        return message.ts >= 0 and now - policy.past_ms <= message.ts <= latest

    def after(self, message: SignedMessage) -> Self:
        if self.ts is not None and message.ts <= self.ts:
            return self
        return type(self)(self.accepted, Answered(message.ts, message.digest))


@dataclass(frozen=True, slots=True)
class SignedByDevice:
    """A signature that verifies, by a key that is registered and live."""

    signing_key: SigningKey
    signature: MessageSignature
    key: RegisteredKey


def signed_by_device(
    submission: Submission | HandleSubmission | KeySubmission,
    address: Address,
    key: RegisteredKey | None,
    now: int,
    *,
    has_ended: bool = False,
) -> SignedByDevice | Status:
    """Check key and signature in the contract's order; the signature, which costs most, comes last.

    `key` is what is known of the key that signed. Where it `has_ended`, it may be revoked or expired: what it
    signed was accepted before.
    """
    signing_key, signature = submission.signing_key, submission.signature
    if isinstance(submission, KeySubmission):
        signing_key = submission.authorized_by
    if signing_key is None or key is None or not is_registered(key, address, signing_key):
        return Status.INVALID_SIGNING_KEY
    if key.revoked_at is not None and not has_ended:
        return Status.INVALID_SIGNING_KEY
    if now >= key.expires_at and not has_ended:
        return Status.EXPIRED_SIGNING_KEY
    if not isinstance(signature, MessageSignature) or not submission.is_genuine:
        return Status.INVALID_SIGNATURE
    return SignedByDevice(signing_key, signature, key)


def is_registered(key: RegisteredKey, address: Address, signing_key: SigningKey) -> bool:
    """Registered for this address and no other, revoked or not."""
    authorization = key.authorization
    return authorization.address == address and authorization.message.endswith("\n" + signing_key.text)


def accept(message: LoggedMessage, device: SignedByDevice, last: Edge | None) -> Accepted:
    entry = OperationLogEntry.append(
        previous=ChainHead.EMPTY if last is None else ChainHead(last.sequence, last.entry_digest),
        message=message,
        signature=device.signature,
        signing_key=device.signing_key,
        authorization=device.key.authorization,
    )
    return Accepted(message, entry)
