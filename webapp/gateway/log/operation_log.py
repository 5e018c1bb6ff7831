"""The write path: operations are verified outside, decided and appended in a batch, committed, then answered.

One thread writes. While it commits a batch, submissions wait for the next, so that the busier a gateway is,
the more operations share the cost of one durable commit.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeAlias, overload

from webapp.gateway.log.facts import NOTHING_KNOWN, pair_facts
from webapp.gateway.log.transaction import AnyDecision, Transaction, decide_unknown
from webapp.protocol.address import Address
from webapp.protocol.checks import Floor
from webapp.protocol.clock import Clock
from webapp.protocol.facts import Decision, Policy, RegistrationDecision
from webapp.protocol.handle import parse_handle
from webapp.protocol.handle_decision import HandleDecision
from webapp.protocol.key_decision import KeyDecision
from webapp.protocol.submissions import (
    AnySubmission,
    HandleSubmission,
    KeySubmission,
    Registration,
    Submission,
    read,
)
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseFailure, DatabaseUnavailable

MOST_WAITING = 1_024
"""Submissions that may wait; one more is refused at once."""

Outcome: TypeAlias = AnyDecision | Exception
"""A decision, or why there is none: a `DatabaseFailure`, or what was never expected."""
Answered: TypeAlias = Callable[[Outcome], None]
Answers: TypeAlias = list[tuple[Answered, Outcome]]


_logger = logging.getLogger(__name__)


class Busy(DatabaseUnavailable):
    """So many submissions wait that no more are taken, or the gateway ends. Nothing was changed."""


class Observer(Protocol):
    """What is told of the writer's work."""

    def queued(self, change: int) -> None:
        """So many more submissions wait, or fewer."""

    def committed(self, size: int, seconds: float) -> None:
        """A batch of so many was committed, and its COMMIT took so long."""


class _Nobody:
    def queued(self, change: int) -> None:
        pass

    def committed(self, size: int, seconds: float) -> None:
        pass


def deliver_each(answers: Answers) -> None:
    """Hand each outcome to whom it concerns, in the thread that calls this."""
    for answered, outcome in answers:
        answered(outcome)


@dataclass(frozen=True, slots=True)
class _Waiting:
    submission: AnySubmission
    answered: Answered
    directly: bool


class OperationLog:
    """Takes submissions from any thread, and answers each when what was decided is on the disk.

    Attributes:
        deliver: Is given all answers of a batch at once, in the writer's thread. An event loop is woken once
            a batch by `log.deliver = lambda answers: loop.call_soon_threadsafe(deliver_each, answers)`.
    """

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
        self.deliver: Callable[[Answers], None] = deliver_each
        self._database = database
        self._policy = policy
        self._lifetime_ms = lifetime_ms
        self._clock = clock
        self._observer: Observer = observer or _Nobody()
        self._most_waiting = most_waiting
        self._waiting: list[_Waiting] = []
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None
        self._closed = False

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
            self._put(_Waiting(submission, answered, directly=False))

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
        refusal = self._at_once(submission)
        if refusal is not None:
            return refusal
        future: Future[AnyDecision] = Future()

        def answered(outcome: Outcome) -> None:
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        self._put(_Waiting(submission, answered, directly=True))
        return future.result()

    def next_ts(self, address: object, handle: object) -> int:
        """A `ts` that the pair's next message may carry, in milliseconds since the Unix epoch.

        Args:
            address: As sent; what is no address has no last operation.
            handle: As sent; what is no handle has no last operation.

        Raises:
            DatabaseUnavailable: The database could not be asked.
        """
        facts, whose, whom = NOTHING_KNOWN, read(Address.parse, address), read(parse_handle, handle)
        if whose is not None and whom is not None:
            with self._database.snapshot() as snapshot:
                now = self._clock()
                [facts] = pair_facts(snapshot.driver, [(whose, whom, None)], policy=self._policy, now=now)
        return Floor.of(facts.last, facts.answered).next_ts(self._clock())

    def close(self) -> None:
        """Take no more, and end when all that waits is answered."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            writer = self._writer
        if writer is not None:
            writer.join()

    def _at_once(self, submission: AnySubmission) -> AnyDecision | None:
        """Decide what cannot succeed whatever is known: nothing can be looked up for it."""
        if isinstance(submission, Submission | HandleSubmission):
            known = submission.address is not None and submission.handle is not None
        else:
            known = submission.address is not None
        return None if known else decide_unknown(submission, self._policy, self._clock())

    def _put(self, waiting: _Waiting) -> None:
        with self._changed:
            if self._closed or len(self._waiting) >= self._most_waiting:
                raise Busy("BUSY: more is asked than can be written")
            self._waiting.append(waiting)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, name="writer", daemon=True)
                self._writer.start()
            elif len(self._waiting) == 1:
                self._changed.notify()
        self._observer.queued(1)

    def _write_on(self) -> None:
        while batch := self._next_batch():
            self._observer.queued(-len(batch))
            self._verify([waiting.submission for waiting in batch])
            outcomes = self._outcomes([waiting.submission for waiting in batch])
            answers: Answers = []
            for waiting, outcome in zip(batch, outcomes, strict=True):
                if waiting.directly:
                    waiting.answered(outcome)
                else:
                    answers.append((waiting.answered, outcome))
            try:
                if answers:
                    self.deliver(answers)
            except Exception:
                _logger.exception("answers that nobody took")

    def _next_batch(self) -> list[_Waiting]:
        """Wait for submissions and take all that wait; none: it is the end."""
        with self._changed:
            while not (self._waiting or self._closed):
                self._changed.wait()
            batch, self._waiting = self._waiting, []
        return batch

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
        try:
            return self._written(submissions)
        except DatabaseFailure as failure:
            return [failure] * len(submissions)
        except Exception as unexpected:  # noqa: BLE001 (one submission must not take its batch along)
            if len(submissions) == 1:
                return [unexpected]
            return [outcome for submission in submissions for outcome in self._outcomes([submission])]

    def _written(self, submissions: Sequence[AnySubmission]) -> list[AnyDecision]:
        """Decide and append a batch in one transaction, and commit it.

        Raises:
            DatabaseUnavailable: Nothing of the batch was kept.
            OutcomeUnknown: All of it was kept, or nothing was.
        """
        with self._database.write() as connection:
            transaction = Transaction(
                connection, self._policy, self._lifetime_ms, now=self._clock(), size=len(submissions)
            )
            decisions = transaction.take(submissions)
            began = time.perf_counter()
        self._observer.committed(len(submissions), time.perf_counter() - began)
        return decisions
