"""The write path: operations are verified outside, decided and appended in a batch, committed, then answered.

One thread writes, or one process (`writer.py`). While it commits a batch, submissions wait for the next, so
that the busier a gateway is, the more operations share the cost of one durable commit.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol, TypeAlias, overload

from webapp.gateway.batches import Answered, Batches, Deliver
from webapp.gateway.log.locks import locks_of
from webapp.gateway.log.transaction import AnyDecision, Transaction, decide_unknown
from webapp.protocol.checks import Floor
from webapp.protocol.clock import Clock
from webapp.protocol.facts import Decision, Policy, RegistrationDecision
from webapp.protocol.handle_decision import HandleDecision
from webapp.protocol.key_decision import KeyDecision
from webapp.protocol.submissions import (
    AnySubmission,
    Fields,
    HandleSubmission,
    KeySubmission,
    Registration,
    Submission,
    submission_of,
)
from webapp.server.threads.interleaving import answer_to
from webapp.storage.database import Database
from webapp.storage.errors import Conflict, DatabaseFailure

MOST_WAITING = 1_024
"""Submissions that may wait; one more is refused at once."""
LARGEST_BATCH = 512
"""Submissions in a transaction: PostgreSQL has room for some thousands of locks, and each needs two."""
MOST_TRIES = 3
"""Of a batch, where PostgreSQL ends one of two transactions that wait for each other."""

Outcome: TypeAlias = AnyDecision | Exception
"""A decision, or why there is none: a `DatabaseFailure`, or what was never expected."""


class Decided(NamedTuple):
    """What is answered: a status, and a time that the next message may carry, in ms since the epoch.

    A registration has no time: 0. With RATE_LIMITED, `retry_after` is in how many seconds one more will be
    accepted, where waiting helps.
    """

    status: str
    ts_in_server: int
    retry_after: int | None = None


class Log(Protocol):
    """Where what was sent is decided and appended: in this process, or in another."""

    deliver: Deliver

    def take(self, mutation: str, fields: Fields, answered: Answered) -> None:
        """Have it decided without waiting; `answered` is told a `Decided`, or the exception in its place.

        Raises:
            Busy: Too many wait; nothing will be done, and `answered` not be called.
        """

    def take_and_wait(self, mutation: str, fields: Fields) -> Decided:
        """Have it decided; with SUCCESS it is appended, durably, when this returns.

        Raises:
            Busy: Too many wait; nothing was done.
            DatabaseUnavailable: Nothing was done.
            OutcomeUnknown: It was done, or it was not; the same may be sent again.
        """

    def close(self) -> None:
        """Take no more, and end when all that waits is answered."""


class Observer(Protocol):
    """What is told of the writer's work."""

    def queued(self, change: int) -> None:
        """So many more submissions wait, or fewer."""

    def committed(self, size: int, seconds: float) -> None:
        """A batch of so many was committed, and its COMMIT took so long."""


class Nobody:
    """An observer that does nothing."""

    def queued(self, change: int) -> None:
        """Nothing."""

    def committed(self, size: int, seconds: float) -> None:
        """Nothing."""


class OperationLog(Batches[AnySubmission]):
    """Takes submissions from any thread, and answers each when what was decided is on the disk."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        lifetime_ms: int,
        clock: Clock,
        *,
        observer: Observer | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """Start no thread yet.

        Args:
            database: Migrated to the newest revision.
            policy: The operator's choices.
            lifetime_ms: How long keys sign after they were registered or renewed.
            clock: Milliseconds since the Unix epoch.
            observer: Is told what waits and what was committed.
            most_waiting: How many submissions may wait.
        """
        super().__init__("writer", most_waiting=most_waiting)
        self._database = database
        self._policy = policy
        self._lifetime_ms = lifetime_ms
        self._clock = clock
        self._observer: Observer = observer or Nobody()

    def take(self, mutation: str, fields: Fields, answered: Answered) -> None:
        """Have what a mutation sent decided, as `Log` has it."""
        self.submit(submission_of(mutation, fields), lambda outcome: answered(decided(outcome)))

    def take_and_wait(self, mutation: str, fields: Fields) -> Decided:
        """Decide what a mutation sent, as `Log` has it."""
        outcome = decided(self._settled(submission_of(mutation, fields)))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def submit(self, submission: AnySubmission, answered: Answered) -> None:
        """Have a submission decided; never waits.

        What cannot be looked up is refused before this returns, by the calling thread. All else waits for the
        next batch, and is answered through `deliver`.

        Args:
            submission: What was sent.
            answered: Is called once with what came of it.

        Raises:
            Busy: Too many wait; `answered` will not be called.
        """
        refusal = self._at_once(submission)
        if refusal is not None:
            answered(refusal)
        else:
            self._put(submission, answered)
            self._observer.queued(1)

    @overload
    def submit_and_wait(self, submission: Submission) -> Decision: ...
    @overload
    def submit_and_wait(self, submission: HandleSubmission) -> HandleDecision: ...
    @overload
    def submit_and_wait(self, submission: KeySubmission) -> KeyDecision: ...
    @overload
    def submit_and_wait(self, submission: Registration) -> RegistrationDecision: ...
    def submit_and_wait(self, submission: AnySubmission) -> AnyDecision:
        """Decide a submission; with SUCCESS it is appended, durably, when this returns.

        Raises:
            Busy: Too many wait; nothing was appended.
            DatabaseUnavailable: The database could not be asked or written; nothing was appended.
            OutcomeUnknown: It was appended, or it was not; the same submission may come again.
        """
        outcome = self._settled(submission)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def settle(
        self, submissions: Sequence[AnySubmission], failure: DatabaseFailure | None = None
    ) -> Sequence[Outcome]:
        """Decide and append a batch in the calling thread, one submission after the other; raises nothing.

        With a `failure` that is the outcome for all that would have to be looked up, and nothing is tried.
        """
        refused = [self._at_once(submission) for submission in submissions]
        known = [one for one, refusal in zip(submissions, refused, strict=True) if refusal is None]
        found: Sequence[Outcome] = [failure] * len(known) if failure is not None else []
        if known and failure is None:
            self._verify(known)
            found = self._outcomes(known)
        outcomes = iter(found)
        return [next(outcomes) if refusal is None else refusal for refusal in refused]

    def _settled(self, submission: AnySubmission) -> Outcome:
        refusal = self._at_once(submission)
        if refusal is not None:
            return refusal

        def begin(answered: Answered) -> None:
            self._put(submission, answered, directly=True)
            self._observer.queued(1)

        outcome: Outcome = answer_to(begin)
        return outcome

    def _at_once(self, submission: AnySubmission) -> AnyDecision | None:
        """Decide what cannot succeed whatever is known: nothing can be looked up for it."""
        if isinstance(submission, Submission | HandleSubmission):
            known = submission.address is not None and submission.handle is not None
        else:
            known = submission.address is not None
        return None if known else decide_unknown(submission, self._policy, self._clock())

    def _done(self, batch: Sequence[AnySubmission]) -> Sequence[Outcome]:
        self._observer.queued(-len(batch))
        self._verify(batch)
        return self._outcomes(batch)

    def _verify(self, submissions: Sequence[AnySubmission]) -> None:
        """Find out which signatures verify, with nothing locked; each submission remembers it.

        A second thread, or a process, beside this one costs in handing over what it saves.
        """
        now = self._clock()
        for submission in submissions:
            if self._may_succeed(submission, now):
                with suppress(Exception):  # whoever decides asks again, and tells of it
                    _ = submission.is_genuine

    def _may_succeed(self, submission: AnySubmission, now: int) -> bool:
        """Whether the signature is to be looked at before the facts are; if not, they probably forbid it.

        What is wrong here costs time and no more: whoever decides asks for what is not known yet.
        """
        if isinstance(submission, Registration):
            return submission.signing_key is not None
        return submission.message is not None and Floor.of(None, None).is_near(
            submission.message, self._policy, now
        )

    def _outcomes(self, submissions: Sequence[AnySubmission]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for begin in range(0, len(submissions), LARGEST_BATCH):
            outcomes += self._outcomes_of_batch(submissions[begin : begin + LARGEST_BATCH])
        return outcomes

    def _outcomes_of_batch(self, submissions: Sequence[AnySubmission]) -> Sequence[Outcome]:
        try:
            return self._written(submissions)
        except DatabaseFailure as failure:
            return [failure] * len(submissions)
        except Exception as unexpected:  # noqa: BLE001 (one submission must not take its batch along)
            if len(submissions) == 1:
                return [unexpected]
            return [outcome for one in submissions for outcome in self._outcomes_of_batch([one])]

    def _written(self, submissions: Sequence[AnySubmission]) -> list[AnyDecision]:
        """Decide and append a batch in one transaction, and commit it.

        Raises:
            DatabaseUnavailable: Nothing of the batch was kept.
            OutcomeUnknown: All of it was kept, or nothing was.
        """
        for tries_left in reversed(range(MOST_TRIES)):
            try:
                with self._database.write(locks=locks_of(submissions)) as connection:
                    transaction = Transaction(
                        connection, self._policy, self._lifetime_ms, now=self._clock(), size=len(submissions)
                    )
                    decisions = transaction.take(submissions)
                    began = time.perf_counter()
            except Conflict:
                if not tries_left:
                    raise
            else:
                self._observer.committed(len(submissions), time.perf_counter() - began)
                return decisions
        raise AssertionError  # the last try returns, or raises


def decided(outcome: Outcome) -> Decided | Exception:
    """Give what is answered of an outcome."""
    if isinstance(outcome, Exception):
        return outcome
    if isinstance(outcome, RegistrationDecision):
        return Decided(outcome.status.value, 0)
    return Decided(outcome.status.value, outcome.ts_in_server, outcome.retry_after)
