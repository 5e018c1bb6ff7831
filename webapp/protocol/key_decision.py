"""Whether a signing key is revoked, named or prolonged: the only place that picks a status for it."""

from dataclasses import dataclass
from functools import partial

from webapp.protocol.address import Address
from webapp.protocol.authorization import WalletSignature
from webapp.protocol.checks import Floor, SignedByDevice, is_registered, signed_by_device
from webapp.protocol.display_text import is_visible
from webapp.protocol.facts import Answered, Policy, RegisteredKey
from webapp.protocol.key_log import BY_WALLET, KeyLogEntry
from webapp.protocol.key_message import KeyMessage, KeyOperation
from webapp.protocol.proofs.proof import ChainHead
from webapp.protocol.signing_key import MessageSignature
from webapp.protocol.status import SigningKeyStatus
from webapp.protocol.submissions import KeySubmission


@dataclass(frozen=True, slots=True)
class LastKeyOperation:
    """The accepted operations on the keys of an address.

    Attributes:
        sequence: The number of the last.
        entry_digest: The digest of its entry in the log.
        digest: The digest of its message.
        ts: The newest time of them all, in milliseconds since the epoch.
    """

    sequence: int
    entry_digest: str
    digest: str
    ts: int


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What the gateway knows about a submission's subject.

    Attributes:
        key: The registration of the key in question.
        name: Its name; empty where it has none.
        authorized_by: The registration of the key that signed.
        last: The operations on keys of this address that were accepted before.
        accepted_in_window: How many of them within the quota's window.
        answered: The newest message about keys of this address that was answered ALREADY_DONE.
    """

    key: RegisteredKey | None
    name: str
    authorized_by: RegisteredKey | None
    last: LastKeyOperation | None
    accepted_in_window: int
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class AcceptedKeyOperation:
    """What SUCCESS appends to the log, and does to the key."""

    message: KeyMessage
    entry: KeyLogEntry


@dataclass(frozen=True, slots=True)
class KeyDecision:
    """A status, with what belongs to it.

    Attributes:
        status: The answer.
        ts_in_server: A time that the next message may carry, in milliseconds since the epoch.
        accepted: What to append, with SUCCESS only.
        answered: What to keep beside the log before this leaves, with ALREADY_DONE only: the newest.
    """

    status: SigningKeyStatus
    ts_in_server: int
    accepted: AcceptedKeyOperation | None
    answered: Answered | None = None


def decide_key(submission: KeySubmission, facts: KeyFacts, policy: Policy, now: int) -> KeyDecision:
    """Decide an operation on a signing key; the first check that fails gives the status.

    A revocation has to be in the window, but not newer than what came before, and no quota holds it up:
    whoever has stolen a key must not keep its owner from revoking it. Sent twice, it does no harm.

    Args:
        submission: The fields, read.
        facts: What is known about them; whatever cannot be looked up is empty.
        policy: The operator's choices.
        now: Milliseconds since the epoch.
    """
    floor, operation = Floor.of(facts.last, facts.answered), submission.operation
    refused = partial(KeyDecision, ts_in_server=floor.next_ts(now), accepted=None)

    address, message, signing_key = submission.address, submission.message, submission.signing_key
    if address is None:
        return refused(SigningKeyStatus.INVALID_ADDRESS)
    if message is None or not (message.name is None or is_visible(message.name)):
        return refused(SigningKeyStatus.INVALID_MESSAGE)
    retry = floor.is_last_accepted(message)
    revokes = operation is KeyOperation.REVOKE
    if not (floor.admits(message, policy, now) or (revokes and floor.is_near(message, policy, now))):
        return refused(SigningKeyStatus.MESSAGE_EXPIRED)
    key = facts.key
    if signing_key is None or key is None or not is_registered(key, address, signing_key):
        return refused(SigningKeyStatus.INVALID_SIGNING_KEY)
    if not (revokes or key.revoked_at is None):
        return refused(SigningKeyStatus.INVALID_SIGNING_KEY)
    if operation is KeyOperation.RENEW and now >= key.expires_at:
        return refused(SigningKeyStatus.EXPIRED_SIGNING_KEY)
    signed = _signed(message, submission, address, facts, now, retry=retry)
    if isinstance(signed, SigningKeyStatus):
        return refused(signed)
    if floor.knows(message) or _is_done(message, key, facts.name):
        floor = floor.after(message)
        return KeyDecision(SigningKeyStatus.ALREADY_DONE, floor.next_ts(now), None, floor.answered)
    if facts.accepted_in_window >= policy.signer_quota and not revokes:
        return refused(SigningKeyStatus.RATE_LIMITED)
    accepted = AcceptedKeyOperation(message, signed)
    return KeyDecision(SigningKeyStatus.SUCCESS, floor.after(message).next_ts(now), accepted)


def _signed(
    message: KeyMessage,
    submission: KeySubmission,
    address: Address,
    facts: KeyFacts,
    now: int,
    *,
    retry: bool,
) -> KeyLogEntry | SigningKeyStatus:
    """Check who signed, and make the log's entry from it. Only the wallet prolongs what it authorised."""
    last = facts.last
    previous = ChainHead.EMPTY if last is None else ChainHead(last.sequence, last.entry_digest)
    signature = submission.signature
    if submission.by_wallet:
        if not (isinstance(signature, WalletSignature) and submission.is_genuine):
            return SigningKeyStatus.INVALID_SIGNATURE
        return KeyLogEntry.append(
            previous=previous,
            message=message,
            signature=signature.text,
            authorized_by=BY_WALLET,
            authorization=None,
        )
    if submission.operation is KeyOperation.RENEW:
        return SigningKeyStatus.INVALID_SIGNING_KEY
    device = signed_by_device(
        submission,
        address=address,
        signing_key=submission.authorized_by,
        signature=signature if isinstance(signature, MessageSignature) else None,
        key=facts.authorized_by,
        now=now,
        has_ended=retry,  # a device that signs itself off, and did not hear the answer
    )
    if not isinstance(device, SignedByDevice):
        return SigningKeyStatus(device.value)
    return KeyLogEntry.append(
        previous=previous,
        message=message,
        signature=device.signature.text,
        authorized_by=device.signing_key.text,
        authorization=device.key.authorization,
    )


def _is_done(message: KeyMessage, key: RegisteredKey, name: str) -> bool:
    if message.operation is KeyOperation.REVOKE:
        return key.revoked_at is not None
    return message.name == name  # which only a rename has
