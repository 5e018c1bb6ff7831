"""How a signed submission is decided and appended without holding anybody up.

Signatures are verified while nothing is locked. The writing transaction then checks that what the decision
was made from still holds, and appends; where something came in between, everything is read and decided again.
"""

from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection

from webapp.gateway.answered import keep_answered
from webapp.protocol.address import Address
from webapp.protocol.clock import Clock
from webapp.protocol.facts import Answered, Policy
from webapp.protocol.handle import Handle
from webapp.storage.database import Database

OPTIMISTIC_ATTEMPTS = 3


class Known(Protocol):
    """What is known of a submission's subject."""

    @property
    def answered(self) -> Answered | None:
        """The newest message that was answered ALREADY_DONE."""


class Decided(Protocol):
    """A decision: it says what is to be appended, with SUCCESS, or kept beside the log, with ALREADY_DONE."""

    @property
    def accepted(self) -> object | None:
        """What to append."""

    @property
    def answered(self) -> Answered | None:
        """The newest message that was answered ALREADY_DONE, this one included."""


S = TypeVar("S")
"""A submission."""
A = TypeVar("A")
"""What it is about: which rows have to be read for it."""
F = TypeVar("F", bound=Known)
"""What is known about that."""
D = TypeVar("D", bound=Decided)
"""The decision."""


class Decider(ABC, Generic[S, A, F, D]):
    """Decides submissions of one kind and appends the accepted ones. Safe to share between threads."""

    def __init__(self, database: Database, policy: Policy, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    def submit(self, submission: S) -> D:
        """Decide a submission; with SUCCESS it is appended, durably, when this returns.

        Raises:
            DatabaseUnavailable: The database could not be asked or written; nothing was appended.
            OutcomeUnknown: It was appended, or it was not; the same submission may come again.
        """
        about = self._subject(submission)
        if about is None:
            return self._decide(submission, self._nothing_known, self._clock())
        for _ in range(OPTIMISTIC_ATTEMPTS):
            now = self._clock()
            with self._database.read() as connection:
                facts = self._facts(connection, about, now)
            decision = self._decide(submission, facts, now)
            if not _is_to_be_written(decision, facts) or self._write_if_unchanged(about, facts, decision):
                return decision
        return self._decide_alone(submission, about)

    def _write_if_unchanged(self, about: A, facts: F, decision: D) -> bool:
        with self._database.write() as connection:
            now = self._clock()  # read here, so that the times of the log are in its order
            fresh = self._facts(connection, about, now)
            if facts.answered != fresh.answered or not self._holds(facts, fresh, now):
                return False
            self._write(connection, about, decision, fresh, now)
        return True

    def _decide_alone(self, submission: S, about: A) -> D:
        """Decide while nobody else can write: the end of a streak of lost races."""
        with self._database.write() as connection:
            now = self._clock()
            facts = self._facts(connection, about, now)
            decision = self._decide(submission, facts, now)
            if _is_to_be_written(decision, facts):
                self._write(connection, about, decision, facts, now)
        return decision

    def _write(self, connection: Connection, about: A, decision: D, facts: F, now: int) -> None:
        if decision.accepted is not None:
            self._append(connection, decision, facts, now)
        elif decision.answered is not None:
            address, subject = self._pair(about)
            oldest = now - self._policy.past_ms
            keep_answered(connection, address, subject, decision.answered, before=oldest)

    @property
    @abstractmethod
    def _nothing_known(self) -> F:
        """The facts about what cannot be looked up."""

    @abstractmethod
    def _subject(self, submission: S) -> A | None:
        """Read what the submission is about; None where nothing can be looked up for it."""

    @abstractmethod
    def _pair(self, about: A) -> tuple[Address, Handle | str]:
        """Who signs, and about what: the log that the message belongs to."""

    @abstractmethod
    def _facts(self, connection: Connection, about: A, now: int) -> F:
        """Look up what is known."""

    @abstractmethod
    def _decide(self, submission: S, facts: F, now: int) -> D:
        """Decide from values alone."""

    @abstractmethod
    def _holds(self, facts: F, fresh: F, now: int) -> bool:
        """Whether a decision made from `facts` still stands, nobody else being able to write."""

    @abstractmethod
    def _append(self, connection: Connection, decision: D, facts: F, now: int) -> None:
        """Append what was accepted, and carry it into what is projected from it."""


def _is_to_be_written(decision: Decided, facts: Known) -> bool:
    return decision.accepted is not None or decision.answered not in (None, facts.answered)
