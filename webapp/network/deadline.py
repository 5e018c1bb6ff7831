"""The deadline of one whole exchange, visible to the network underneath without passing through httpx."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Deadline:
    """A moment on the monotonic clock by which the last byte must have been read."""

    __slots__ = ("_ends_at", "closed_by_peer")

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self.closed_by_peer = False  # tells a reply that broke off from one that is not HTTP

    def remaining(self) -> float:
        """Seconds left; zero or less when it has passed."""
        return self._ends_at - time.monotonic()


_current: ContextVar[Deadline | None] = ContextVar("network_deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[Deadline]:
    """Put everything that this thread reads and writes in the block under one deadline.

    It ends no later than the one that the block is in: who waits for the whole waits for its parts.
    """
    outer = _current.get()
    deadline = Deadline(seconds if outer is None else min(seconds, outer.remaining()))
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)


def current() -> Deadline | None:
    return _current.get()
