"""Work that waits while other work is under way, and is then done together: one thread, batch by batch.

A thread that is woken for each piece costs more than most pieces do.
"""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from webapp.storage.errors import DatabaseUnavailable

Answered: TypeAlias = Callable[[Any], None]
"""Is called once, with an answer or with the exception in its place."""
Answers: TypeAlias = list[tuple[Answered, Any]]
Deliver: TypeAlias = Callable[[Answers], None]
"""Is given all answers of a batch at once."""

Asked: TypeAlias = tuple[Answered, bool]
"""Who is to be answered, and whether directly: somebody waits for just this answer, past `deliver`."""

_Work = TypeVar("_Work")
_logger = logging.getLogger(__name__)


class Busy(DatabaseUnavailable):
    """So much waits that no more is taken, or the gateway ends. Nothing was changed."""


def deliver_each(answers: Answers) -> None:
    """Hand each answer to whom it concerns, in the thread that calls this."""
    for answered, answer in answers:
        answered(answer)


def hand_over(asked: Iterable[Asked], answers: Iterable[Any], deliver: Deliver) -> None:
    """Answer all: those who are not answered directly, by one call of `deliver`; what it raises is logged."""
    rest: Answers = []
    for (answered, directly), answer in zip(asked, answers, strict=True):
        if directly:
            answered(answer)
        else:
            rest.append((answered, answer))
    try:
        if rest:
            deliver(rest)
    except Exception:
        _logger.exception("answers that nobody took")


class Batches(ABC, Generic[_Work]):
    """Takes work from any thread; a thread of its own does all that waits, and then hands over all answers.

    Attributes:
        deliver: Is given all answers of a batch at once, in that thread. An event loop is woken once a batch
            by `batches.deliver = lambda answers: loop.call_soon_threadsafe(deliver_each, answers)`.
    """

    def __init__(self, name: str, *, most_waiting: int) -> None:
        """Start no thread yet.

        Args:
            name: The thread's.
            most_waiting: How much may wait; one more is refused at once.
        """
        self.deliver: Deliver = deliver_each
        self._name = name
        self._most_waiting = most_waiting
        self._waiting: list[tuple[_Work, Asked]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    @abstractmethod
    def _done(self, batch: Sequence[_Work]) -> Sequence[Any]:
        """Do it, and give an answer or an exception for each; raises nothing."""

    def close(self) -> None:
        """Take no more, and end when all that waits is answered."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _put(self, work: _Work, answered: Answered, *, directly: bool = False) -> None:
        """Have it done; never waits. `directly` is as in `Asked`.

        Raises:
            Busy: Too much waits, or this is closed; `answered` will not be called.
        """
        with self._changed:
            if self._closed or len(self._waiting) >= self._most_waiting:
                raise Busy("BUSY: more is asked than can be answered")
            self._waiting.append((work, (answered, directly)))
            if self._thread is None:
                self._thread = threading.Thread(target=self._go_on, name=self._name, daemon=True)
                self._thread.start()
            elif len(self._waiting) == 1:
                self._changed.notify()

    def _go_on(self) -> None:
        while batch := self._next():
            done = self._done([work for work, _ in batch])
            hand_over([asked for _, asked in batch], done, self.deliver)

    def _next(self) -> list[tuple[_Work, Asked]]:
        """Wait for work and take all that waits; none: it is the end."""
        with self._changed:
            while not (self._waiting or self._closed):
                self._changed.wait()
            batch, self._waiting = self._waiting, []
        return batch
