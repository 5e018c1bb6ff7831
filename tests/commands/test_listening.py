"""An address has one server, also where two are started in the same moment; and what HOST may be."""

import contextlib
import signal
import socket
import subprocess
import sys
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest

from tests.support.figures import Figure
from tests.support.ports import free_port
from tests.support.serving import clean_environment
from webapp.commands.errors import CommandError
from webapp.commands.listening import UNREAD_MS, listen

ANY = "0.0.0.0"  # noqa: S104 (what is tested)
IPV6 = socket.has_ipv6 and Path("/proc/net/if_inet6").exists()


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        (ANY, "127.0.0.1"),
        ("127.0.0.1", ANY),
        pytest.param("::", ANY, marks=pytest.mark.skipif(not IPV6, reason="this machine has no IPv6")),
        pytest.param("::1", "::", marks=pytest.mark.skipif(not IPV6, reason="this machine has no IPv6")),
    ],
)
def test_of_two_that_listen_in_the_same_moment_one_loses(host: str, other: str) -> None:
    for _ in range(20):
        port = free_port()
        with ThreadPoolExecutor(2) as pool, contextlib.ExitStack() as opened:
            both = [pool.submit(listen, one, port) for one in (host, other)]
            faults = [fault for one in both if (fault := one.exception())]
            for one in both:
                if not one.exception():
                    opened.enter_context(one.result())
        [fault] = faults
        assert isinstance(fault, CommandError)
        assert fault.why.startswith("HOST and PORT: expected an address free to listen on; ")


def test_nobody_can_share_the_port_later() -> None:
    """Not even with a socket that shares, as the HTTP server itself would open."""
    with listen("127.0.0.1", 0) as listener, socket.socket() as sharing:
        sharing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sharing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with pytest.raises(OSError, match="in use"):
            sharing.bind(listener.getsockname())


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such limit")
def test_an_answer_that_is_not_read_is_kept_for_so_long_and_no_longer() -> None:
    """Every accepted connection has its listener's limit; the system keeps it."""
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        listener.setblocking(True)
        with listener.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNREAD_MS


@pytest.mark.parametrize("host", ["192.0.2.1", "a" * 64, "2001:db8::1"])
def test_a_host_that_is_not_here_is_refused_in_one_line(host: str) -> None:
    with pytest.raises(CommandError) as refused:
        listen(host, 0)
    assert refused.value.why.startswith("HOST: expected an IP address of this machine, or a name of one; ")
    assert "\n" not in refused.value.why


@pytest.mark.parametrize("pairs", [1, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_two_servers_started_together_on_localhost_are_one_server_and_one_line(
    pairs: int, tmp_path: Path, figure: Figure
) -> None:
    of_one = 0
    for turn in range(pairs):
        folder = tmp_path / str(turn)
        folder.mkdir()
        assert_one_serves(folder, free_port())
        of_one += 1
    figure("starts of two on one port of which one served", of_one, at_least=pairs, of=f"{pairs}")


def assert_one_serves(folder: Path, port: int) -> None:
    """Start two, each with data of its own: one comes up, the other ends with 2 and has touched nothing."""
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", "gateway"],
            cwd=folder,
            env=clean_environment()
            | {
                "HOST": "LocalHost",
                "PORT": str(port),
                "DEMO": "0",
                "DATABASE_URL": f"sqlite:///{name}.sqlite3",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False) as client:
            assert client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        # Whoever lost has ended by itself before the winner could answer, or does now.
        with ThreadPoolExecutor(2) as pool:
            ends = [pool.submit(one.wait, 30) for one in both]
            wait(ends, return_when=FIRST_COMPLETED)
            for one, end in zip(both, ends, strict=True):
                if not end.done():
                    one.send_signal(signal.SIGTERM)
            codes = [end.result() for end in ends]
    finally:
        for one in both:
            if one.poll() is None:
                one.kill()
    said = [one.communicate() for one in both]
    assert sorted(codes) == [0, 2], said
    lost = codes.index(2)
    assert said[lost][0] == ""
    assert said[lost][1].startswith("countersign: HOST and PORT: expected an address free to listen on")
    assert len(said[lost][1].splitlines()) == 1
    assert not (folder / f"{('one', 'two')[lost]}.sqlite3").exists()
