"""A server process that hangs is killed, and another takes its place."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.adapters import adapter, asked, scope
from tests.support.figures import Figure
from tests.support.serving import answered, serving
from webapp.server.front import lanes
from webapp.server.front.adapter import CollectingConfig
from webapp.server.process.heartbeats import MOST_MISSED, Supervisor, heartbeat


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """One that does nothing, as one that hangs."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as started:
        yield started
        started.kill()


def test_who_gives_no_sign_for_long_is_killed(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    supervisor = Supervisor(str(tmp_path), lambda: [process.pid])
    (tmp_path / str(process.pid)).touch()
    for _ in range(MOST_MISSED + 1):
        supervisor.look()
        assert process.poll() is None
    supervisor.look()
    assert process.wait(20) == -signal.SIGKILL
    supervisor.look()
    assert [file.name for file in tmp_path.iterdir()] == ["supervisor"]


def test_who_gives_signs_lives(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """Now and then is enough; and who has given none yet is starting."""
    supervisor = Supervisor(str(tmp_path), lambda: [process.pid])
    for _ in range(MOST_MISSED * 2):
        supervisor.look()
    file = tmp_path / str(process.pid)
    for sign in range(4):
        file.touch()
        os.utime(file, ns=(sign, sign))
        for _ in range(MOST_MISSED):
            supervisor.look()
    assert process.poll() is None


@pytest.mark.skipif(
    os.geteuid() == 0 and not sys.platform.startswith("linux"), reason="root writes everywhere"
)
def test_where_nobody_can_give_signs_nobody_is_killed(
    process: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    supervisor = Supervisor(str(tmp_path), lambda: [process.pid])
    (tmp_path / str(process.pid)).touch()
    supervisor.look()
    (tmp_path / "supervisor").unlink()
    (tmp_path / "supervisor").symlink_to(tmp_path / "no folder" / "file")
    for _ in range(MOST_MISSED * 2):
        supervisor.look()
    assert process.poll() is None


def test_a_sign_needs_a_folder_that_is_there(tmp_path: Path) -> None:
    heartbeat(None)()
    heartbeat(str(tmp_path / "gone"))()
    heartbeat(str(tmp_path))()
    assert [file.name for file in tmp_path.iterdir()] == [str(os.getpid())]


@pytest.mark.parametrize("path", ["/on-threads", "/interleaved"])
@pytest.mark.parametrize(("taken", "signs"), [(1, 1), (2, 0)])
def test_a_process_whose_lane_is_full_for_long_gives_no_signs(
    taken: int, signs: int, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three threads, or turns at one, which one client may have two of."""
    monkeypatch.setattr(lanes, "INTERLEAVED", 3)
    held, beats, closed = threading.Event(), [], threading.Event()

    def wsgi(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        held.wait()
        start_response("200 OK", [])
        return []

    config = CollectingConfig(3, 10, 10_000, stalled_s=1e-9, interleaved=frozenset({"/interleaved"}))
    served = adapter(wsgi, config, close=closed.set, beat=lambda: beats.append(True))

    async def story() -> None:
        asking = [asyncio.create_task(asked(served, scope(path=path.encode()))) for _ in range(taken)]
        await asyncio.sleep(0)
        phases: asyncio.Queue[Any] = asyncio.Queue()
        await phases.put({"type": "lifespan.startup"})
        living = asyncio.create_task(asked(served, {"type": "lifespan"}, phases.get))
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(beats) == signs
        held.set()
        await asyncio.gather(*asking)
        await phases.put({"type": "lifespan.shutdown"})
        await living

    try:
        asyncio.run(story())
    finally:
        held.set()
    assert closed.is_set()


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which processes there are")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stopped_server_process_is_replaced(workers: str, tmp_path: Path, figure: Figure) -> None:
    def processes() -> list[int]:
        children = Path(f"/proc/{server.process}/task/{server.process}/children").read_text(encoding="ascii")
        return [int(number) for number in children.split()]

    secret = "x" * 32
    with serving("gateway", cwd=tmp_path, DEMO="0", WORKERS=workers, ACCESS_TOKEN_SECRET=secret) as server:
        wait = threading.Event()
        while len(processes()) < int(workers):
            wait.wait(0.1)
        wait.wait(3)  # until it has given signs
        stopped = processes()[0]
        os.kill(stopped, signal.SIGSTOP)
        began = time.monotonic()
        while stopped in processes():
            wait.wait(0.1)
        figure(
            "seconds until a stopped process was killed",
            time.monotonic() - began,
            at_most=MOST_MISSED + 10,
            of=f"{workers} processes",
        )
        while len(processes()) < int(workers):
            wait.wait(0.1)
        outcomes = [answered(server.port, "127.0.0.3") for _ in range(50)]
        figure("requests not answered after that", outcomes.count(False), at_most=0, of="50")
    assert f"server process {stopped} hangs" in server.errors
