"""Whether a signing key is revoked, named or prolonged: the only place that picks a status for it."""

from dataclasses import dataclass
from functools import partial

from webapp.protocol.address import Address
from webapp.protocol.authorization import WalletSignature
from webapp.protocol.checks import Floor, SignedByDevice, is_registered, signed_by_device
from webapp.protocol.display_text import is_visible
from webapp.protocol.facts import Answered, LastKeyOperation, Outcome, Policy, RegisteredKey
from webapp.protocol.key_message import KeyMessage, KeyOperation
from webapp.protocol.log_entries import BY_WALLET, ChainHead, KeyLogEntry
from webapp.protocol.status import SigningKeyStatus
from webapp.protocol.submissions import KeySubmission


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What the gateway knows about a submission's subject."""

    key: RegisteredKey | None  # the registration of the key in question
    name: str  # its name; empty where it has none
    authorized_by: RegisteredKey | None  # the registration of the key that signed
    last: LastKeyOperation | None  # the operations on keys of this address that were accepted before
    accepted_in_window: int  # how many of them within the quota's window
    # The newest message about keys of this address that was answered ALREADY_DONE
    answered: Answered | None = None
    quota: int | None = None  # the address's own quota, where that is not the policy's


@dataclass(frozen=True, slots=True)
class AcceptedKeyOperation:
    """What SUCCESS appends to the log, and does to the key."""

    message: KeyMessage
    entry: KeyLogEntry


class KeyDecision(Outcome[SigningKeyStatus, AcceptedKeyOperation]):
    """The answer to an operation on a signing key."""

    __slots__ = ()


def decide_key(submission: KeySubmission, facts: KeyFacts, policy: Policy, now: int) -> KeyDecision:
    """Decide an operation on a signing key; the first check that fails gives the status.

    A revocation has to be in the window, but not newer than what came before, and no quota holds it up:
    whoever has stolen a key must not keep its owner from revoking it. Sent twice, it does no harm. But of a
    signer whose quota is 0 nothing is accepted: its keys can do nothing that would have to be ended.
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
    quota = policy.quota_of(facts.quota)
    if facts.accepted_in_window >= quota and not (revokes and quota > 0):
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
    authorized_by, authorization = BY_WALLET, None
    if submission.by_wallet:
        if not (isinstance(submission.signature, WalletSignature) and submission.is_genuine):
            return SigningKeyStatus.INVALID_SIGNATURE
        signature = submission.signature.text
    elif submission.operation is KeyOperation.RENEW:
        return SigningKeyStatus.INVALID_SIGNING_KEY
    else:
        # A device that signs itself off, and did not hear the answer, may have ended.
        device = signed_by_device(submission, address, facts.authorized_by, now, has_ended=retry)
        if not isinstance(device, SignedByDevice):
            return SigningKeyStatus(device.value)
        signature, authorized_by = device.signature.text, device.signing_key.text
        authorization = device.key.authorization
    last = facts.last
    return KeyLogEntry.append(
        previous=ChainHead.EMPTY if last is None else ChainHead(last.sequence, last.entry_digest),
        message=message,
        signature=signature,
        authorized_by=authorized_by,
        authorization=authorization,
    )


def _is_done(message: KeyMessage, key: RegisteredKey, name: str) -> bool:
    if message.operation is KeyOperation.REVOKE:
        return key.revoked_at is not None
    return message.name == name  # which only a rename has
