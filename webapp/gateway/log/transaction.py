"""One transaction of the writer: each submission of a batch is decided, and what is accepted is appended.

Nobody else writes about the same meanwhile, so there is nothing to check again and no lost race.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import Connection

from webapp.gateway.log.append import (
    Appends,
    append_key_operation,
    carry_block,
    keep_answered,
    keep_key,
)
from webapp.gateway.log.facts import (
    ABOUT_KEYS,
    NO_HANDLE,
    NO_KEY,
    NO_REGISTRATION,
    NOTHING_KNOWN,
    Pair,
    handle_facts,
    highest_position,
    key_facts,
    may_be_spent,
    placed_facts,
    registration_facts,
    retry_after,
)
from webapp.gateway.log.profile_projection import ProfileProjection
from webapp.gateway.tables import profiles
from webapp.protocol.address import Address
from webapp.protocol.decision import decide, decide_registration
from webapp.protocol.facts import Accepted, Answered, Decision, Edge, Policy, RegistrationDecision
from webapp.protocol.handle import Handle
from webapp.protocol.handle_decision import HandleDecision, HandleFacts, decide_handle
from webapp.protocol.handle_message import HandleMessage
from webapp.protocol.key_decision import KeyDecision, decide_key
from webapp.protocol.projections import KeyState
from webapp.protocol.status import HandleStatus, SigningKeyStatus, Status
from webapp.protocol.submissions import (
    AnySubmission,
    HandleSubmission,
    KeySubmission,
    Registration,
    Submission,
)
from webapp.storage.database import driver_of

AnyDecision: TypeAlias = Decision | HandleDecision | KeyDecision | RegistrationDecision

_profiles = ProfileProjection(profiles)


def decide_unknown(submission: AnySubmission, policy: Policy, now: int) -> AnyDecision:
    """Decide what nothing is known about, because what it names cannot be looked up."""
    if isinstance(submission, Submission):
        return decide(submission, NOTHING_KNOWN, policy, now)
    if isinstance(submission, HandleSubmission):
        return decide_handle(submission, NO_HANDLE, policy, now)
    if isinstance(submission, KeySubmission):
        return decide_key(submission, NO_KEY, policy, now)
    return decide_registration(submission, NO_REGISTRATION, policy, now)


class Transaction:
    """Decides submissions one after the other; each sees what those before it have done."""

    def __init__(
        self, connection: Connection, policy: Policy, lifetime_ms: int, *, now: int, size: int
    ) -> None:
        """Begin where the log ends.

        Args:
            connection: The right to write.
            policy: The operator's choices.
            lifetime_ms: How long keys sign after they were registered or renewed.
            now: Milliseconds since the Unix epoch: the time of all that is appended, read with that right.
            size: How many submissions are to be taken at most.
        """
        self._connection = connection
        self._driver = driver_of(connection)
        self._appends = Appends(self._driver)
        self._policy = policy
        self._lifetime_ms = lifetime_ms
        self._now = now
        self._position = highest_position(self._driver)
        counts = may_be_spent(self._driver, size, policy, now)
        self._counting = policy if counts else replace(policy, signer_quota=0)

    def take(self, submissions: Sequence[AnySubmission]) -> list[AnyDecision]:
        """Decide submissions in this order, and append those with SUCCESS."""
        decisions = self._taken(submissions)
        self._appends.write_all()
        return decisions

    def _taken(self, submissions: Sequence[AnySubmission]) -> list[AnyDecision]:
        decisions: list[AnyDecision] = []
        follows: dict[Address, tuple[Submission, Pair]] = {}
        for submission in submissions:
            follow = _follow(submission)
            # What is known of an address's follow depends on no other address's: they are looked up together
            # and written together.
            if follow is None or follow[1][0] in follows:
                decisions += self._follows(list(follows.values()))
                follows = {}
            if follow is None:
                decisions.append(self._other(submission))
            else:
                follows[follow[1][0]] = follow
        return decisions + self._follows(list(follows.values()))

    def _follows(self, follows: Sequence[tuple[Submission, Pair]]) -> list[AnyDecision]:
        if not follows:
            return []
        decisions: list[AnyDecision] = []
        self._appends.write()
        pairs = [pair for _, pair in follows]
        known = placed_facts(self._driver, pairs, policy=self._counting, now=self._now)
        for (submission, (address, handle, _)), (facts, place) in zip(follows, known, strict=True):
            decision = decide(submission, facts, self._policy, self._now)
            if decision.accepted is not None:
                self._append(decision.accepted, facts.last, place)
            else:
                self._keep(address, handle, decision.answered, facts.answered)
            if decision.status is Status.RATE_LIMITED:
                decision = replace(decision, retry_after=self._retry_after(address))
            decisions.append(decision)
        return decisions

    def _other(self, submission: AnySubmission) -> AnyDecision:
        self._appends.write_all()
        if isinstance(submission, HandleSubmission):
            return self._handle(submission)
        if isinstance(submission, KeySubmission):
            return self._key(submission)
        if isinstance(submission, Registration):
            return self._registration(submission)
        return decide_unknown(submission, self._policy, self._now)

    def _handle(self, submission: HandleSubmission) -> HandleDecision:
        facts, place = handle_facts(self._driver, submission, self._counting, self._now)
        decision = decide_handle(submission, facts, self._policy, self._now)
        accepted = decision.accepted
        if accepted is not None:
            self._append(accepted, facts.pair.last, place)
            if isinstance(accepted.message, HandleMessage):
                self._carry(accepted.message, facts)
        else:
            self._keep(submission.address, submission.handle, decision.answered, facts.answered)
        if decision.status is HandleStatus.RATE_LIMITED:
            return replace(decision, retry_after=self._retry_after(submission.address))
        return decision

    def _carry(self, message: HandleMessage, facts: HandleFacts) -> None:
        """Carry an entry that was appended last into what is projected besides its pair's edge."""
        if facts.follower is None:
            self._appends.write()
            _profiles.take(self._connection, message, self._position, self._now)
            return
        self._appends.end_follow(message, facts.follower.last, position=self._position, now=self._now)
        self._appends.write()
        carry_block(self._driver, message, facts.follower.blocked, position=self._position)

    def _key(self, submission: KeySubmission) -> KeyDecision:
        facts = key_facts(self._driver, submission, self._policy, self._now)
        decision = decide_key(submission, facts, self._policy, self._now)
        if decision.accepted is not None and facts.key is not None:
            before = KeyState(facts.name, facts.key.expires_at, facts.key.revoked_at)
            append_key_operation(
                self._driver, decision.accepted, before, now=self._now, lifetime_ms=self._lifetime_ms
            )
        else:
            self._keep(submission.address, ABOUT_KEYS, decision.answered, facts.answered)
        if decision.status is SigningKeyStatus.RATE_LIMITED:
            return replace(decision, retry_after=self._retry_after(submission.address, about_keys=True))
        return decision

    def _registration(self, registration: Registration) -> RegistrationDecision:
        facts = registration_facts(self._driver, registration, self._now)
        decision = decide_registration(registration, facts, self._policy, self._now)
        if decision.accepted is not None and decision.signing_key is not None and not decision.already:
            ends_at = self._now + self._lifetime_ms
            keep_key(self._driver, decision.accepted, decision.signing_key, now=self._now, expires_at=ends_at)
        return decision

    def _retry_after(self, address: Address | None, *, about_keys: bool = False) -> int | None:
        if address is None:
            return None
        return retry_after(self._driver, address, self._policy, self._now, about_keys=about_keys)

    def _append(self, accepted: Accepted, last: Edge | None, place: int | None) -> None:
        self._position = self._position + 1 if place is None else place
        self._appends.add(accepted, last, position=self._position, now=self._now)

    def _keep(
        self,
        address: Address | None,
        about: Handle | str | None,
        newest: Answered | None,
        known: Answered | None,
    ) -> None:
        """Keep what was answered ALREADY_DONE on disk, before that answer leaves."""
        if address is not None and about is not None and newest is not None and newest != known:
            oldest = self._now - self._policy.past_ms
            keep_answered(self._driver, address, about, newest, before=oldest)


def _follow(submission: AnySubmission) -> tuple[Submission, Pair] | None:
    """Give a follow or unfollow whose pair can be looked up, and the pair; None: it is something else."""
    if (
        isinstance(submission, Submission)
        and submission.address is not None
        and submission.handle is not None
    ):
        return submission, (submission.address, submission.handle, submission.signing_key)
    return None
