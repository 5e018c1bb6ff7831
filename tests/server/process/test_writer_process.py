"""The writer's process is looked after, whatever its supervisor does besides."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.databases import migrated
from webapp.server.process.writer_process import writer_process


@contextmanager
def forked() -> Iterator[None]:
    """A copy of this process, as each server process is one of its supervisor."""
    process = os.fork()
    if process == 0:
        signal.pause()
        os._exit(0)
    try:
        yield
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="forks server processes")
def test_a_writer_that_starts_while_server_processes_are_forked_is_looked_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they inherit of that moment: it is known, and another takes its place when it ends."""
    database = migrated(tmp_path / "countersign.sqlite3")
    database.close()
    monkeypatch.setenv("DATABASE_URL", database.url)
    with writer_process() as processes, ExitStack() as servers:
        for _ in range(30):
            servers.enter_context(forked())
        [first] = wait_for(processes)
        os.kill(first, signal.SIGKILL)
        assert wait_for(lambda: [process for process in processes() if process != first])


def wait_for(processes: Callable[[], list[int]]) -> list[int]:
    """Give them once there are any."""
    until = time.monotonic() + 20
    while time.monotonic() < until and not (found := processes()):
        time.sleep(0.01)
    return found
