"""The writer's process, as whoever has started it looks after it: while servers run, there is one."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import webapp

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
    with TemporaryDirectory(prefix="countersign-writer-") as folder, _listener(folder) as listener:
        if listener is None:
            yield list
            return
        os.environ[WRITER] = str(Path(folder, "socket"))
        lifeline, held = os.pipe()  # server processes hold its other end, too: it ends with the last of them
        keeper = _Keeper(listener, lifeline)
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

    def __init__(self, listener: socket.socket, lifeline: int) -> None:
        super().__init__(name="writer", daemon=True)
        self._given = (listener.fileno(), lifeline)
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def processes(self) -> list[int]:
        process = self._process
        return [] if process is None else [process.pid]

    def run(self) -> None:
        # Modules are looked for where this program is, and not where somebody happens to stand (-P).
        root = str(Path(webapp.__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        command = [sys.executable, "-P", "-m", "webapp.writer_app", *map(str, self._given)]
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process = subprocess.Popen(
                command, env=os.environ | {"PYTHONPATH": path}, pass_fds=self._given, stdin=subprocess.DEVNULL
            )
            code = self._process.wait()
            if not self._stopping.is_set():
                _logger.error("the writer's process ended (%d); another takes its place", code)
                self._stopping.wait(max(0.0, began + SOONEST_S - time.monotonic()))

    def stop(self) -> None:
        """Wait until the process has answered all, or stop it."""
        self._stopping.set()
        self.join(LONGEST_STOP_S)
        for process in self.processes() if self.is_alive() else ():
            os.kill(process, signal.SIGKILL)
