"""The writer's process, as whoever has started it looks after it: while servers run, there is one."""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import webapp
from webapp.server.process.own_folders import own_folder

WRITER = "COUNTERSIGN_WRITER"
"""Names the writer's socket to the server processes; unset, each of them writes for itself."""
SOONEST_S = 1.0
"""From the start of one to that of the next."""
LONGEST_STOP_S = 10.0
"""How long the last answers may take, once no server process is there any more."""

_logger = logging.getLogger(__name__)


@contextmanager
def writer_process() -> Iterator[Callable[[], list[int]]]:
    """Keep a writer for the length of a `with` block; gives what tells its process's id, if there is one.

    There is none on systems without Unix sockets, or where a socket's path would be too long.
    """
    with own_folder("countersign-writer-") as folder, _listener(folder) as listener:
        if listener is None:
            yield list
            return
        os.environ[WRITER] = str(Path(folder, "socket"))
        lifeline, held = os.pipe()  # server processes hold its other end, too: it ends with the last of them
        keeper = _Keeper(listener.fileno(), lifeline)
        keeper.start()
        try:
            yield keeper.processes
        finally:
            del os.environ[WRITER]
            os.close(held)
            keeper.stop()
            os.close(lifeline)


@contextmanager
def _listener(folder: str) -> Iterator[socket.socket | None]:
    if not hasattr(socket, "AF_UNIX"):
        yield None
        return
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(str(Path(folder, "socket")))
        except OSError as error:  # a long TMPDIR
            _logger.warning("no socket for a writer's process; server processes write themselves: %s", error)
            yield None
        else:
            listener.listen()
            yield listener


class _Keeper(threading.Thread):
    """Starts the process, and another whenever one ends. Who connects meanwhile waits in the listener."""

    def __init__(self, *given: int) -> None:
        super().__init__(name="writer", daemon=True)
        # Modules are looked for where this program is, and not where somebody happens to stand (-P).
        self._command = [sys.executable, "-P", "-m", "webapp.writer_app", *map(str, given)]
        self._given = given
        self._process: int | None = None
        self._stopping = threading.Event()

    def processes(self) -> list[int]:
        process = self._process
        return [] if process is None else [process]

    def run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._process = self._spawn()
            except OSError as error:  # too many processes, too little memory
                _logger.warning("the writer's process does not start, it is tried again: %s", error)
            else:
                _, ended = os.waitpid(self._process, 0)
                self._process = None
                if not self._stopping.is_set():
                    code = os.waitstatus_to_exitcode(ended)
                    _logger.error("the writer's process ended (%d); another takes its place", code)
            self._stopping.wait(max(0.0, began + SOONEST_S - time.monotonic()))

    def _spawn(self) -> int:
        """Start it; give its id.

        Not with `subprocess`, which waits until nobody holds a pipe any more: when the main thread forks a
        server process in that moment, that one holds it for as long as it lives.
        """
        root = str(Path(webapp.__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        for descriptor in self._given:
            os.set_inheritable(descriptor, True)
        return os.posix_spawn(
            sys.executable,
            self._command,
            os.environ | {"PYTHONPATH": path},
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)],
            setsigdef=[signal.SIGPIPE],
        )

    def stop(self) -> None:
        """Wait until the process has answered all, or stop it."""
        self._stopping.set()
        self.join(LONGEST_STOP_S)
        for process in self.processes() if self.is_alive() else ():
            os.kill(process, signal.SIGKILL)
