"""A server process that has itself replaced: it ends, and its supervisor starts another."""

import logging
import os
import signal
import time
from threading import Lock, Timer

YOUNGEST_S = 10.0
"""The supervisor gives up a process that ends twice within 5.5 s; a disk may fail for longer than that."""

_logger = logging.getLogger(__name__)


class Replacement:
    """Ends this process when asked: once, when it is old enough, and after what it is answering by then."""

    def __init__(self, youngest_s: float = YOUNGEST_S) -> None:
        """Begin to count the process's age."""
        self._old_enough_at = time.monotonic() + youngest_s
        self._asked = Lock()

    def __call__(self) -> None:
        """Have this process end soon."""
        if not self._asked.acquire(blocking=False):
            return
        _logger.error("a commit failed; this process ends, and another takes its place")
        wait = max(0.0, self._old_enough_at - time.monotonic())
        soon = Timer(wait, os.kill, (os.getpid(), signal.SIGTERM))
        soon.daemon = True
        soon.start()
