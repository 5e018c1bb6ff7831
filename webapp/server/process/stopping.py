"""When a server process stops of itself: with its supervisor, or so that another takes its place."""

import logging
import multiprocessing
import os
import signal
import sys
import time
from threading import Event, Lock, Thread, Timer

ORPHANED_S = 0.25
"""How often it is looked whether the supervisor is there."""
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


def stop_with_parent(longest_s: int) -> None:
    """End with the supervisor, even a killed one, so that no orphan keeps the port.

    As it would have been stopped, and as it would have been killed then: by the system, since granian's
    answer to the signal can wait for ever without letting another thread of Python's run (2.8.7, 1 stop in
    a hundred of servers that have just started).

    Args:
        longest_s: How long what is in flight may take from then on.

    Raises:
        SystemExit: It has gone already.
    """
    supervisor = multiprocessing.parent_process()
    if sys.platform == "win32" or supervisor is None:  # None: a thread of its, in a Python without the lock
        return
    if os.getppid() != supervisor.pid:
        sys.exit("the supervisor has gone")
    Thread(target=_end_after, args=(supervisor.pid, longest_s), name="supervisor", daemon=True).start()


def _end_after(supervisor: int, longest_s: int) -> None:
    never = Event()
    while os.getppid() == supervisor:
        never.wait(ORPHANED_S)
    signal.alarm(longest_s)  # nobody listens to it, so that it ends the process
    os.kill(os.getpid(), signal.SIGTERM)
