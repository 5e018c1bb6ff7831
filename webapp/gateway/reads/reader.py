"""Light reads in batches: one thread answers all that wait from one snapshot, and wakes the event loop once.

Only what is known to be light comes here, since it is answered one after the other.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from webapp.gateway.batches import Answered, Batches
from webapp.storage.database import Database, Snapshot

Read: TypeAlias = Callable[[Snapshot], Any]

MOST_WAITING = 4_096
"""Reads that may wait: many times as many as are let in."""


class Reader(Batches[Read]):
    """Takes reads from an event loop.

    A read begins after it was taken, so that it sees whatever was acknowledged before. Where the database
    fails in the middle of a batch, the rest of the batch is told so and does not try it.
    """

    def __init__(self, database: Database) -> None:
        """Start no thread yet."""
        super().__init__("reader", most_waiting=MOST_WAITING)
        self._database = database

    def submit(self, read: Read, answered: Answered) -> None:
        """Have something read; never waits.

        Args:
            read: Answers from a snapshot.
            answered: Is called once with what it gave or raised, through `deliver`.

        Raises:
            Busy: The gateway ends; `answered` will not be called.
        """
        self._put(read, answered)

    def _done(self, batch: Sequence[Read]) -> Sequence[Any]:
        answers: list[Any] = []
        try:
            with self._database.snapshot() as snapshot:
                answers += [_outcome(read, snapshot) for read in batch]
        except Exception as error:  # noqa: BLE001 (of the snapshot's end, or of whoever makes it)
            return answers or [error] * len(batch)
        return answers


def _outcome(read: Read, snapshot: Snapshot) -> Any:  # noqa: ANN401 (whatever was asked for)
    try:
        return read(snapshot)
    except Exception as error:  # noqa: BLE001 (one read must not take its batch along)
        return error
