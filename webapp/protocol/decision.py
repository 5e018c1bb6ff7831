"""What the gateway answers, and why: the only place that picks a status."""

from functools import partial

from webapp.protocol.address import Address
from webapp.protocol.authorization import AuthorizationText, SigningKeyAuthorization
from webapp.protocol.checks import (
    Floor,
    SignedByDevice,
    accept,
    read,
    signed_by_device,
    signed_by_wallet,
)
from webapp.protocol.facts import (
    Accepted,
    Decision,
    Facts,
    HandleSubmission,
    LastOperation,
    Policy,
    RegisteredKey,
    Registration,
    RegistrationDecision,
    RegistrationFacts,
    Subject,
    Submission,
)
from webapp.protocol.handle import Handle, parse_handle
from webapp.protocol.message import FollowMessage, Operation
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.status import RegistrationStatus, Status

__all__ = [
    "Accepted",
    "Decision",
    "Facts",
    "LastOperation",
    "Policy",
    "RegisteredKey",
    "Registration",
    "RegistrationDecision",
    "RegistrationFacts",
    "Subject",
    "Submission",
    "decide",
    "decide_registration",
    "registration_subject",
    "subject",
]


def subject(submission: Submission | HandleSubmission) -> Subject:
    """Read what the submission is about; what cannot be read is None, and `decide` will say so."""
    return Subject(
        address=read(Address.parse, submission.address),
        handle=read(parse_handle, submission.handle),
        signing_key=read(SigningKey.parse, submission.signing_key),
    )


def decide(submission: Submission, facts: Facts, policy: Policy, now: int) -> Decision:
    """Decide a mutation: the checks stand in the contract's order, and the first that fails gives the status.

    Cheap checks come before the signature's, so that a refusal costs little. Never raises for any content of
    the submission.

    Args:
        submission: The five fields as sent.
        facts: What is known about `subject(submission)`; whatever cannot be looked up is empty.
        policy: The operator's choices.
        now: Milliseconds since the epoch.
    """
    last, floor = facts.last, Floor.of(facts.last, facts.answered)
    refused = partial(Decision, ts_in_server=floor.next_ts(now), accepted=None)

    address = read(Address.parse, submission.address)
    if address is None:
        return refused(Status.INVALID_ADDRESS)
    handle = read(parse_handle, submission.handle)
    if handle is None or not _can_be_found(submission.operation, facts):
        return refused(Status.HANDLE_NOT_FOUND)
    message = read(FollowMessage.parse, submission.message)
    if message is None or not _says(message, submission.operation, address, handle, facts.owner):
        return refused(Status.INVALID_MESSAGE)
    if not floor.admits(message, policy, now):
        return refused(Status.MESSAGE_EXPIRED)
    device = signed_by_device(
        message.payload,
        address=address,
        signing_key=submission.signing_key,
        signature=submission.signature,
        key=facts.key,
        now=now,
    )
    if not isinstance(device, SignedByDevice):
        return refused(device)
    if floor.knows(message) or _is_so(message, last):
        floor = floor.after(message)
        return Decision(Status.ALREADY_DONE, floor.next_ts(now), accepted=None, answered=floor.answered)
    if facts.accepted_in_window >= policy.signer_quota:
        return refused(Status.RATE_LIMITED)
    # The pair's last operation is now this one, so the next must come after it.
    return Decision(Status.SUCCESS, max(now, message.ts + 1), accept(message, device, last))


def _can_be_found(operation: Operation, facts: Facts) -> bool:
    """A profile, or, for an unfollow, a connection that outlived it: nothing is unremovable."""
    still_followed = facts.last is not None and facts.last.following
    return facts.profile_exists or (operation is Operation.UNFOLLOW and still_followed)


def _says(
    message: FollowMessage, operation: Operation, address: Address, handle: Handle, owner: Address | None
) -> bool:
    """The message says what the request says, and does not follow a handle of one's own."""
    same = message.operation is operation and message.address == address and message.handle == handle
    return same and not (operation is Operation.FOLLOW and owner == address)


def _is_so(message: FollowMessage, last: LastOperation | None) -> bool:
    """The connection is already as the message wants it."""
    following = last is not None and last.following
    return following is (message.operation is Operation.FOLLOW)


def registration_subject(registration: Registration) -> tuple[Address | None, SigningKey | None]:
    """Read which pair is to be registered; what cannot be read is None."""
    text = read(AuthorizationText.parse, registration.message)
    key = None if text is None else read(SigningKey.parse, text.signing_key)
    return read(Address.parse, registration.address), key


def decide_registration(
    registration: Registration, facts: RegistrationFacts, policy: Policy, now: int
) -> RegistrationDecision:
    """Decide a registration, as `decide` does a mutation.

    Args:
        registration: The fields as sent.
        facts: What is known about `registration_subject(registration)`.
        policy: The operator's choices.
        now: Milliseconds since the epoch.
    """
    address = read(Address.parse, registration.address)
    if address is None or registration.bearer not in (None, address):
        return _refused(RegistrationStatus.INVALID_ADDRESS)
    text = read(AuthorizationText.parse, registration.message)
    if text is None or not (policy.entities is None or text.entity in policy.entities):
        return _refused(RegistrationStatus.INVALID_MESSAGE)
    signing_key = read(SigningKey.parse, text.signing_key)
    if signing_key is None or not _may_be_registered(facts, policy, now):
        return _refused(RegistrationStatus.INVALID_SIGNING_KEY)
    signature = signed_by_wallet(
        text.text,
        address=address,
        signature=registration.signature,
        contract_wallet=facts.contract_wallet,
    )
    if signature is None:
        return _refused(RegistrationStatus.INVALID_SIGNATURE)
    if facts.existing is not None:
        return RegistrationDecision(
            RegistrationStatus.SUCCESS, facts.existing.authorization, signing_key, already=True
        )
    authorization = SigningKeyAuthorization(address, text.text, signature.text)
    return RegistrationDecision(RegistrationStatus.SUCCESS, authorization, signing_key, already=False)


def _refused(status: RegistrationStatus) -> RegistrationDecision:
    return RegistrationDecision(status, None, None, already=False)


def _may_be_registered(facts: RegistrationFacts, policy: Policy, now: int) -> bool:
    """A live pair may come again; an expired or revoked one never; a new one while there is room."""
    if facts.existing is None:
        return facts.live_keys < policy.max_live_keys
    return facts.existing.revoked_at is None and now < facts.existing.expires_at
