"""Server processes end with their supervisor, however young they are; one whose disk failed, by itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.server import Server

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

WORKERS = 3
PATIENCE_S = 30

DEAF = """
import ctypes, multiprocessing, os, signal
from webapp.server.process.stopping import stop_with_parent

def serve():
    stop_with_parent(longest_s=1)
    signal.signal(signal.SIGTERM, lambda *_: ctypes.PyDLL(None).pause())  # holds the lock meanwhile
    print(os.getpid(), flush=True)
    while True:
        signal.pause()

worker = multiprocessing.get_context("fork").Process(target=serve)
worker.start()
worker.join()
"""

REPLACED = """
import signal, threading, time
from webapp.server.process.stopping import Replacement
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(time.monotonic()))
began = time.monotonic()
replacement = Replacement(youngest_s=0.3)
for _ in range(100):
    replacement()
while not ended:
    threading.Event().wait(0.01)
threading.Event().wait(0.3)
print(len(ended), ended[0] - began >= 0.3)
"""


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, command="gateway", WORKERS=str(WORKERS), ACCESS_TOKEN_SECRET="s" * 43)
    yield server
    server.kill()


@LINUX
@pytest.mark.parametrize("pause_s", [0, 0.3])
def test_no_server_process_outlives_a_supervisor_that_is_killed_while_they_start(
    starting: Server, pause_s: float
) -> None:
    """Nor the writer, which serves as long as one of them is there."""
    supervisor = starting.launch()
    children = wait_for_children(supervisor, WORKERS + 1)
    time.sleep(pause_s)
    os.kill(supervisor, signal.SIGKILL)
    assert outlived(children) == []


@LINUX
@pytest.mark.parametrize("pause_s", [0.2])
def test_a_server_that_is_stopped_while_it_starts_stops_at_once(starting: Server, pause_s: float) -> None:
    """Its processes have nothing in hand, so nothing is waited for; what is killed after a while says so."""
    children = wait_for_children(starting.launch(), WORKERS + 1)
    time.sleep(pause_s)
    starting.stop()
    assert outlived(children) == []
    assert "kill" not in starting.log.lower()


@LINUX
def test_what_does_not_follow_the_signal_is_ended_after_a_while() -> None:
    """Even one that lets no thread of Python's run any more, as granian can."""
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        supervisor.kill()
        assert outlived([child]) == []


def test_who_is_to_be_replaced_ends_once_however_often_it_is_asked_and_not_too_young() -> None:
    """A young one would have its supervisor give up."""
    done = subprocess.run(
        [sys.executable, "-c", REPLACED], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "1 True\n"


def wait_for_children(process: int, count: int) -> list[int]:
    until = time.monotonic() + PATIENCE_S
    found: list[int] = []
    while len(found) < count:
        assert time.monotonic() < until, found
        found = []
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that is just ending
            for thread in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
        time.sleep(0.01)
    return found


def outlived(processes: list[int]) -> list[str]:
    """Give the command lines of those that are there when patience ends."""
    until = time.monotonic() + PATIENCE_S
    while (left := [line for each in processes if (line := command_line(each))]) and time.monotonic() < until:
        time.sleep(0.01)
    return left


def command_line(process: int) -> str:
    """Give none where it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    return ""
