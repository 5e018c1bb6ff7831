"""What the gateway answers, and why: the only place that picks a status."""

from functools import partial

from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.checks import Floor, SignedByDevice, accept, signed_by_device
from webapp.protocol.facts import (
    Decision,
    Edge,
    Facts,
    Policy,
    RegistrationDecision,
    RegistrationFacts,
)
from webapp.protocol.message import FollowMessage, Operation
from webapp.protocol.status import RegistrationStatus, Status
from webapp.protocol.submissions import Registration, Submission


def decide(submission: Submission, facts: Facts, policy: Policy, now: int) -> Decision:
    """Decide a mutation: the checks stand in the contract's order, and the first that fails gives the status.

    Cheap checks come before the signature's, so that a refusal costs little. Never raises for any content of
    the submission.

    `facts` are empty where something cannot be looked up; `now` is in milliseconds since the Unix epoch.
    """
    last, floor = facts.last, Floor.of(facts.last, facts.answered)
    refused = partial(Decision, ts_in_server=floor.next_ts(now), accepted=None)

    address, message = submission.address, submission.message
    if address is None:
        return refused(Status.INVALID_ADDRESS)
    if submission.handle is None or not _can_be_found(submission.operation, facts):
        return refused(Status.HANDLE_NOT_FOUND)
    if message is None or (submission.operation is Operation.FOLLOW and facts.owner == address):
        return refused(Status.INVALID_MESSAGE)
    if not floor.admits(message, policy, now):
        return refused(Status.MESSAGE_EXPIRED)
    device = signed_by_device(submission, address, facts.key, now)
    if not isinstance(device, SignedByDevice):
        return refused(device)
    if floor.knows(message) or _is_so(message, last):
        floor = floor.after(message)
        return Decision(Status.ALREADY_DONE, floor.next_ts(now), accepted=None, answered=floor.answered)
    if facts.accepted_in_window >= policy.quota_of(facts.quota):
        return refused(Status.RATE_LIMITED)
    # The pair's last operation is now this one, so the next must come after it.
    return Decision(Status.SUCCESS, max(now, message.ts + 1), accept(message, device, last))


def _can_be_found(operation: Operation, facts: Facts) -> bool:
    """A profile, which blocks nobody from taking a follow back; or a connection that outlived it.

    Nothing is unremovable.
    """
    if operation is Operation.FOLLOW:
        return facts.profile_exists and not facts.blocked
    return facts.profile_exists or (facts.last is not None and facts.last.following)


def _is_so(message: FollowMessage, last: Edge | None) -> bool:
    """The connection is already as the message wants it."""
    following = last is not None and last.following
    return following is (message.operation is Operation.FOLLOW)


def decide_registration(
    registration: Registration, facts: RegistrationFacts, policy: Policy, now: int
) -> RegistrationDecision:
    """Decide a registration, as `decide` does a mutation."""
    address, text, signing_key = registration.address, registration.text, registration.signing_key
    if address is None or registration.bearer not in (None, address):
        return _refused(RegistrationStatus.INVALID_ADDRESS)
    if text is None or not (policy.entities is None or text.entity in policy.entities):
        return _refused(RegistrationStatus.INVALID_MESSAGE)
    if signing_key is None or not _may_be_registered(facts, policy, now):
        return _refused(RegistrationStatus.INVALID_SIGNING_KEY)
    signature = registration.accepted_signature
    if signature is None:
        return _refused(RegistrationStatus.INVALID_SIGNATURE)
    if facts.existing is not None:
        return RegistrationDecision(
            RegistrationStatus.SUCCESS, facts.existing.authorization, signing_key, already=True
        )
    authorization = SigningKeyAuthorization(address, text.text, signature)
    return RegistrationDecision(RegistrationStatus.SUCCESS, authorization, signing_key, already=False)


def _refused(status: RegistrationStatus) -> RegistrationDecision:
    return RegistrationDecision(status, None, None, already=False)


def _may_be_registered(facts: RegistrationFacts, policy: Policy, now: int) -> bool:
    """A live pair may come again; an expired or revoked one never; a new one while there is room."""
    if facts.existing is None:
        return facts.live_keys < policy.max_live_keys
    return facts.existing.revoked_at is None and now < facts.existing.expires_at
