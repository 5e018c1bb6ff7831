"""Light reads in batches: one thread answers all that wait from one snapshot, and wakes the event loop once.

A thread that is woken for each read costs more than most reads do. Only what is known to be light comes here,
since it is answered one after the other.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

from webapp.gateway.log.operation_log import Busy
from webapp.storage.database import Database, Snapshot
from webapp.storage.errors import DatabaseFailure

Read: TypeAlias = Callable[[Snapshot], Any]
Answered: TypeAlias = Callable[[Any], None]
Answers: TypeAlias = list[tuple[Answered, Any]]

_logger = logging.getLogger(__name__)


class Reader:
    """Takes reads from an event loop.

    A read begins after it was taken, so that it sees whatever was acknowledged before. Where the database
    fails in the middle of a batch, the rest of the batch is told so and does not try it.

    Attributes:
        deliver: Is given all answers of a batch at once, in the reader's thread.
    """

    def __init__(self, database: Database) -> None:
        """Start no thread yet."""
        self.deliver: Callable[[Answers], None] = lambda _: None
        self._database = database
        self._waiting: list[tuple[Read, Answered]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, read: Read, answered: Answered) -> None:
        """Have something read; never waits.

        Args:
            read: Answers from a snapshot.
            answered: Is called once with what it gave or raised, through `deliver`.

        Raises:
            Busy: The gateway ends; `answered` will not be called.
        """
        with self._changed:
            if self._closed:
                raise Busy("BUSY: the gateway ends")
            self._waiting.append((read, answered))
            if self._thread is None:
                self._thread = threading.Thread(target=self._read_on, name="reader", daemon=True)
                self._thread.start()
            elif len(self._waiting) == 1:
                self._changed.notify()

    def close(self) -> None:
        """Take no more, and end when all that waits is answered."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _read_on(self) -> None:
        while batch := self._next_batch():
            answers: Answers = []
            with suppress(DatabaseFailure), self._database.snapshot() as snapshot:
                answers += [(answered, _outcome(read, snapshot)) for read, answered in batch]
            try:
                self.deliver(answers)
            except Exception:
                _logger.exception("answers that nobody took")

    def _next_batch(self) -> list[tuple[Read, Answered]]:
        """Wait for reads and take all that wait; none: it is the end."""
        with self._changed:
            while not (self._waiting or self._closed):
                self._changed.wait()
            batch, self._waiting = self._waiting, []
        return batch


def _outcome(read: Read, snapshot: Snapshot) -> Any:  # noqa: ANN401 (whatever was asked for)
    try:
        return read(snapshot)
    except Exception as error:  # noqa: BLE001 (one read must not take its batch along)
        return error
