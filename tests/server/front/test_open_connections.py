"""Connections are shared out: who opens many and is silent holds nobody who comes anew."""

import contextlib
import resource
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.figures import Figure
from tests.support.serving import Serving, answered, connected, serving
from webapp.commands.serving import SILENCE_MS
from webapp.server.front.open_connections import (
    FILES_BESIDE,
    FILES_OF_A_THREAD,
    MOST,
    Connection,
    OpenConnections,
    connections_allowed,
    too_many,
)

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows a process its sockets")


# --- a server, as people reach it ---------------------------------------------------------------------------


@pytest.fixture
def _as_many_files_as_there_may_be() -> Iterator[None]:
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (usual[1], usual[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, usual)


SILENT = (b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /graphql HTTP/1.1\r\n")
"""What comes on a connection before nothing comes any more: nothing, a request, half a head."""


@LINUX
@pytest.mark.usefixtures("_as_many_files_as_there_may_be")
@pytest.mark.parametrize(
    ("files", "connections"), [(800, 1100), pytest.param(None, 15_000, marks=pytest.mark.soak)]
)
def test_a_thousand_connections_that_say_nothing_more_hold_nobody(
    files: int | None, connections: int, tmp_path: Path, figure: Figure
) -> None:
    """Opened from one address, more than the server takes, while somebody at another connects anew.

    As behind a proxy, where silence is borne for longer than this test waits: nothing ends by that meanwhile.
    """
    with (
        serving("gateway", cwd=tmp_path, files=files, DEMO="0", TRUSTED_PROXY_HOPS="1") as server,
        contextlib.ExitStack() as stack,
    ):
        port = server.port
        outcomes: list[bool] = []
        done = threading.Event()

        def come_anew() -> None:
            while not done.is_set():
                outcomes.append(answered(port, "127.0.0.3"))

        honest = threading.Thread(target=come_anew)
        honest.start()
        for number in range(connections):
            opened = stack.enter_context(connected(port, "127.0.0.2"))
            with contextlib.suppress(OSError):  # closed for being too many
                opened.sendall(SILENT[number % len(SILENT)])
        done.set()
        honest.join()
        outcomes += [answered(port, "127.0.0.3") for _ in range(20)]
        figure(
            "people who connected anew, not answered",
            outcomes.count(False),
            at_most=0,
            of=f"{connections} silent",
        )
    assert "too many connections" in server.errors


@pytest.mark.soak
@pytest.mark.parametrize("sent", SILENT)
def test_a_connection_that_brings_no_request_is_closed(
    open_gateway: Serving, sent: bytes, figure: Figure
) -> None:
    with connected(open_gateway.port, "127.0.0.2") as opened:
        opened.sendall(sent)
        began = time.monotonic()
        while opened.recv(65_536):
            pass
        figure(
            "seconds until silence ends a connection", time.monotonic() - began, at_most=SILENCE_MS / 1000 + 2
        )


# --- what is closed -----------------------------------------------------------------------------------------


def connection(client: str, silent_ms: int) -> Connection:
    return Connection(0, (client, silent_ms), client, silent_ms)


@pytest.mark.parametrize(
    ("open_", "most", "left"),
    [
        ({"a": 5, "b": 2}, 7, {"a": 5, "b": 2}),
        ({"a": 5, "b": 2}, 5, {"a": 3, "b": 2}),
        ({"a": 5, "b": 2}, 4, {"a": 2, "b": 2}),
        ({"a": 9, "b": 8, "c": 1}, 5, {"a": 2, "b": 2, "c": 1}),
        ({"a": 9, "b": 8, "c": 1}, 6, {"a": 3, "b": 2, "c": 1}),
        ({"a": 1000}, 10, {"a": 10}),
        ({str(number): 1 for number in range(40)}, 30, {str(number): 1 for number in range(30)}),
        ({}, 3, {}),
    ],
)
def test_who_has_most_gives_up_what_was_silent_longest(
    open_: dict[str, int], most: int, left: dict[str, int]
) -> None:
    """Silent for as many milliseconds as its turn: of equal clients, what was silent longest goes first."""
    silence = iter(range(10_000))
    found = [connection(client, next(silence)) for client, count in open_.items() for _ in range(count)]
    closed = too_many(found, most)
    assert Counter(one.client for one in found if one not in closed) == Counter(left)
    for client in open_:
        theirs = [one for one in found if one.client == client]
        assert [one for one in theirs if one not in closed] == theirs[: left.get(client, 0)]


@LINUX
def test_of_a_process_only_accepted_connections_are_closed_and_none_that_waits_for_its_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as stack:
        port = listener.getsockname()[1]
        both = []
        for source in ("127.0.0.2",) * 30 + ("127.0.0.3",) * 2:
            ours = stack.enter_context(connected(port, source))
            both.append((ours, stack.enter_context(listener.accept()[0])))
        answering = both[0][0].getsockname()
        looked = OpenConnections(port, 16, lambda peer: peer, lambda peer: peer == answering)
        assert looked.close_too_many() == 31 - 14
        ended = [ours for ours, _ in both if _ended(ours)]
        assert len(ended) == 17
        assert {ours.getsockname()[0] for ours in ended} == {"127.0.0.2"}
        assert answering not in {ours.getsockname() for ours in ended}
        with connected(port, "127.0.0.4"), listener.accept()[0] as accepted:
            assert not _ended(accepted)
        assert OpenConnections(port, 10_000, str, lambda _: False).close_too_many() == 0


def _ended(opened: socket.socket) -> bool:
    opened.setblocking(False)
    try:
        return opened.recv(1) == b""
    except BlockingIOError:
        return False


def test_connections_follow_the_files_allowed() -> None:
    assert connections_allowed(resource.RLIM_INFINITY, 8) == MOST
    assert connections_allowed(1_000_000, 256) == MOST
    assert connections_allowed(1_024, 8) == 1_024 - FILES_BESIDE - 8 * FILES_OF_A_THREAD
    raised = (
        "import resource as r, webapp.server.front.open_connections as o; "
        "print(o.raise_files_allowed(), r.getrlimit(7))"
    )
    lowered = "import resource as r; hard = r.getrlimit(7)[1]; r.setrlimit(7, (64, hard));"
    done = subprocess.run(
        [sys.executable, "-c", lowered + raised], capture_output=True, text=True, check=True
    )
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if sys.platform == "linux":
        assert done.stdout == f"{hard} ({hard}, {hard})\n"
