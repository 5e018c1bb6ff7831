"""Who may own a handle, what its profile shows, and who may follow it: the only place that picks a status."""

from dataclasses import dataclass
from functools import partial

from webapp.protocol.address import Address
from webapp.protocol.checks import Floor, SignedByDevice, accept, signed_by_device
from webapp.protocol.display_text import is_visible
from webapp.protocol.facts import Accepted, Answered, Facts, Outcome, Policy
from webapp.protocol.handle import Handle
from webapp.protocol.handle_message import HandleMessage, HandleOperation, ProfileText
from webapp.protocol.status import HandleStatus
from webapp.protocol.submissions import HandleSubmission


@dataclass(frozen=True, slots=True)
class Release:
    """The last release of a handle that nobody owns since."""

    address: Address  # who gave it back
    released_at: int  # when, by the gateway's clock, in ms since the epoch


@dataclass(frozen=True, slots=True)
class HandleFacts:
    """What the gateway knows about a handle, and about the address that asks for it."""

    pair: Facts  # what is known of address, handle and key, as for a follow
    release: Release | None  # the handle's last release, where nobody owns it since
    has_followers: bool  # whether anybody follows the handle now
    owned: int  # how many handles the address owns
    shown: ProfileText | None  # what the handle's profile shows, where there is one
    follower: Facts | None = None  # what is known of the follower who is named, and the handle; where one is

    @property
    def answered(self) -> Answered | None:
        """The pair's newest message that was answered ALREADY_DONE."""
        return self.pair.answered


class HandleDecision(Outcome[HandleStatus, Accepted]):
    """The answer to a mutation about a handle of one's own."""

    __slots__ = ()


def decide_handle(
    submission: HandleSubmission, facts: HandleFacts, policy: Policy, now: int
) -> HandleDecision:
    """Decide what an owner, or who wants to be one, asks for; the first check that fails gives the status.

    The order is that of `decide`. Whether a handle is to be had is told after the signature, so that reserves
    and quarantines are not read off by the thousand without a key.
    """
    last, floor = facts.pair.last, Floor.of(facts.pair.last, facts.pair.answered)
    refused = partial(HandleDecision, ts_in_server=floor.next_ts(now), accepted=None)

    address, handle, message = submission.address, submission.handle, submission.message
    if address is None:
        return refused(HandleStatus.INVALID_ADDRESS)
    if handle is None or not _can_be_found(submission.operation, facts.pair):
        return refused(HandleStatus.HANDLE_NOT_FOUND)
    if message is None:
        return refused(HandleStatus.INVALID_MESSAGE)
    # Nobody follows a handle of their own, and who did before unfollows it.
    if message.follower == address or (message.shown is not None and not _is_visible(message.shown)):
        return refused(HandleStatus.INVALID_MESSAGE)
    if not floor.admits(message, policy, now):
        return refused(HandleStatus.MESSAGE_EXPIRED)
    device = signed_by_device(submission, address, facts.pair.key, now)
    if not isinstance(device, SignedByDevice):
        return refused(HandleStatus(device.value))
    if not _is_to_be_had(message, handle, facts, policy, now):
        return refused(HandleStatus.HANDLE_TAKEN)
    if floor.knows(message) or _is_done(message, address, facts):
        floor = floor.after(message)
        return HandleDecision(HandleStatus.ALREADY_DONE, floor.next_ts(now), None, floor.answered)
    if _is_over_a_limit(message.operation, facts, policy):
        return refused(HandleStatus.RATE_LIMITED)
    accepted = accept(message, device, last)
    return HandleDecision(HandleStatus.SUCCESS, max(now, message.ts + 1), accepted)


def _can_be_found(operation: HandleOperation, pair: Facts) -> bool:
    """A claim looks for nothing; a release was perhaps heard before, and took the profile away itself."""
    if operation is HandleOperation.RELEASE:
        return pair.profile_exists or pair.last is not None
    return operation is HandleOperation.CLAIM or pair.profile_exists


def _is_visible(shown: ProfileText) -> bool:
    """Nobody is shown by a name that looks like none, or like another's but for what is not seen."""
    return is_visible(shown.display_name) and is_visible(shown.bio)


def _is_to_be_had(
    message: HandleMessage, handle: Handle, facts: HandleFacts, policy: Policy, now: int
) -> bool:
    """One's own; or, for a claim, nobody's, and no name by which followers or readers know somebody else."""
    operation, address, owner = message.operation, message.address, facts.pair.owner
    if operation is HandleOperation.RELEASE or owner == address:
        return True
    if operation is not HandleOperation.CLAIM or owner is not None or handle in policy.reserved_handles:
        return False
    release = facts.release
    if release is not None and release.address == address:
        return True
    # Those who still follow it follow whoever had it: they are not handed over.
    if facts.has_followers:
        return False
    return release is None or now >= release.released_at + policy.quarantine_ms


def _is_done(message: HandleMessage, address: Address, facts: HandleFacts) -> bool:
    owns, operation, follower = facts.pair.owner == address, message.operation, facts.follower
    if operation is HandleOperation.CLAIM:
        return owns
    if operation is HandleOperation.RELEASE:
        return not owns
    if operation is HandleOperation.PROFILE:
        return message.shown == facts.shown
    if operation is HandleOperation.REMOVE:
        return follower is None or follower.last is None or not follower.last.following
    # Who is blocked does not follow: the block ended that, and no follow passes since.
    blocked = follower is not None and follower.blocked
    return blocked is (operation is HandleOperation.BLOCK)


def _is_over_a_limit(operation: HandleOperation, facts: HandleFacts, policy: Policy) -> bool:
    if facts.pair.accepted_in_window >= policy.quota_of(facts.pair.quota):
        return True
    return operation is HandleOperation.CLAIM and facts.owned >= policy.max_handles
