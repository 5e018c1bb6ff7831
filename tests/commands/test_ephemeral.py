"""`--ephemeral`: an address in one line, data that goes away however the server ends, and `PORT=0`."""

import os
import re
import signal
import threading
from pathlib import Path

import httpx
import pytest

from tests.support.ephemeral import STARTED_BY_ANOTHER, address, ephemeral, folders
from tests.support.ports import free_port
from tests.support.serving import FOUND, SHIYU
from webapp.commands.serving import listening
from webapp.server.process.own_folders import LOCK
from webapp.settings.environment import Settings

KINDS = {"countersign-ephemeral", "countersign-heartbeats", "countersign-writer"}


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "t"
    folder.mkdir()
    return folder


def test_it_prints_where_it_is_and_leaves_nothing(temporary: Path) -> None:
    """Not even where the environment names a database: that one is not for tests."""
    port, mine = free_port(), temporary.parent / "mine.sqlite3"
    url = f"sqlite:///{mine}"
    with ephemeral("run", temporary=temporary, PORT=str(port), DATABASE_URL=url) as server:
        url = address(server)
        assert url == f"http://127.0.0.1:{port}"
        page = httpx.get(url, trust_env=False)
        assert (page.status_code, "</html>" in page.text) == (200, True)
        assert httpx.post(f"{url}/graphql", json={"query": SHIYU}, trust_env=False).json() == FOUND
        [folder] = folders(temporary)
        assert (temporary / folder / "countersign.sqlite3").stat().st_size > 0
        server.send_signal(signal.SIGTERM)
        rest, _ = server.communicate(timeout=60)
    assert (rest, server.returncode) == ("", 0)
    assert list(temporary.iterdir()) == []
    assert not mine.exists()


def test_what_was_killed_is_swept_and_an_orphan_ends(temporary: Path) -> None:
    """`kill -9` leaves data, which the next one to start takes away; that one ends with its parent."""
    with ephemeral("run", temporary=temporary) as killed:
        first = address(killed)
        [left] = folders(temporary)
        os.killpg(killed.pid, signal.SIGKILL)
    assert folders(temporary) == {left}
    dead = {path.name for path in temporary.iterdir()}
    assert {name.rpartition("-")[0] for name in dead} == KINDS
    with ephemeral("gateway", temporary=temporary, start=STARTED_BY_ANOTHER) as parent:
        url = address(parent)
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert url != first
        [own] = folders(temporary)
        assert own != left
        assert dead.isdisjoint(path.name for path in temporary.iterdir())
        assert httpx.post(f"{url}/graphql", json={"query": SHIYU}, trust_env=False).json() == FOUND
        parent.kill()
        rest, _ = parent.communicate(timeout=60)  # until nobody has its output any more: the server has ended
    assert rest == ""
    assert folders(temporary) == set()


def test_told_to_stop_before_it_serves_it_leaves_nothing(temporary: Path) -> None:
    with ephemeral("gateway", temporary=temporary) as server:
        pause = threading.Event()
        while not [*temporary.glob(f"*/{LOCK}")]:
            assert server.poll() is None
            pause.wait(0.01)
        server.send_signal(signal.SIGINT)
        assert server.communicate(timeout=60)[0] == ""
    assert server.returncode == 0
    assert folders(temporary) == set()


def test_port_0_is_the_port_that_the_system_gave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken already, and named to the server processes; the origins that browsers may use have it."""
    monkeypatch.setenv("PORT", "0")
    with listening(Settings.from_env(os.environ)) as (settings, listener):
        assert settings.port == listener.getsockname()[1] != 0
        assert os.environ["PORT"] == str(settings.port)
        assert settings.origins[0] == f"http://127.0.0.1:{settings.port}"
