"""Signs of life of server processes, so that one that hangs is replaced.

A process that is stopped, or whose event loop or threads move no more, keeps those waiting whose connections
it has taken. So each touches a file of its own every second, and the supervisor looks whether it did. A touch
writes no data: it succeeds on a full disk.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

HEARTBEATS = "COUNTERSIGN_HEARTBEATS"
"""Names the folder of these files to the server processes."""
EVERY_S = 1.0
MOST_MISSED = 15
"""How many looks in a row may find nothing new. Not seconds: nobody looks while the machine sleeps."""

_logger = logging.getLogger(__name__)


def heartbeat(folder: str | None) -> Callable[[], None]:
    """Give what this process calls as a sign of life; nothing happens where no supervisor looks."""
    file = None if folder is None else Path(folder, str(os.getpid()))

    def beat() -> None:
        if file is not None:
            with suppress(OSError):  # the supervisor sees by its own file that there can be no signs
                file.touch()

    return beat


class Supervisor:
    """Looks after processes, and kills those that hang; who started them starts others in their place."""

    def __init__(self, folder: str, processes: Callable[[], Iterable[int]]) -> None:
        """Look at nothing yet.

        Args:
            folder: Where the processes touch their files.
            processes: Gives the ids of those that run now.
        """
        self._folder = folder
        self._processes = processes
        self._seen: dict[int, tuple[int, int]] = {}

    def watch(self) -> None:
        """Look every second, as long as this process lives."""
        threading.Thread(target=self._watch, name="heartbeats", daemon=True).start()

    def _watch(self) -> None:
        never = threading.Event()
        while not never.wait(EVERY_S):
            self.look()

    def look(self) -> None:
        """Count for each process the looks that found nothing new, and kill those of too many.

        One that has not begun to give signs is not judged: it is starting. None is, where none can give any.
        """
        try:
            Path(self._folder, "supervisor").touch()
        except OSError:
            return
        before, self._seen = self._seen, {}
        for process in self._processes():
            try:
                touched = Path(self._folder, str(process)).stat().st_mtime_ns
            except FileNotFoundError:
                continue
            last, missed = before.get(process, (touched, 0))
            missed = missed + 1 if touched == last else 0
            self._seen[process] = touched, missed
            if missed > MOST_MISSED:
                _logger.error("server process %d hangs: it is killed, and another started", process)
                Path(self._folder, str(process)).unlink()
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
