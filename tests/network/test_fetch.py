"""A reply is read within its deadline and its size, whatever carries it and however it is packed."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import faults
from webapp.network.errors import DeadlineError, MalformedError
from webapp.network.fetch import JsonEndpoint
from webapp.network.transport import network_transport

MAX_BYTES = 65_536


def received(url: str, transport: httpx.BaseTransport, *, seconds: float = 5.0) -> bytes:
    with closing(JsonEndpoint(url, transport, max_bytes=MAX_BYTES)) as endpoint:
        return endpoint.post(b"", seconds=seconds).body


def test_t49_an_application_in_process_that_answers_slowly_cannot_outlast_the_deadline() -> None:
    """No network is under it that could keep the time."""
    never = threading.Event()

    def slow(_: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("content-type", "application/json")])
        for _piece in range(200):
            never.wait(0.02)
            yield b" "

    with pytest.raises(DeadlineError):
        received("http://127.0.0.1/", httpx.WSGITransport(app=slow), seconds=0.2)


def test_t50_bytes_without_end_behind_the_end_of_gzip_data_count() -> None:
    """They inflate to nothing, so that the size of what they inflate to never grows."""

    def fault(connection: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
        packed = gzip.compress(b"{}")
        connection.sendall(head + b"%x\r\n%s\r\n" % (len(packed), packed))
        for _ in range(1_000):
            connection.sendall(b"10000\r\n" + bytes(65_536) + b"\r\n")
        connection.sendall(b"0\r\n\r\n")

    with (
        faults.serving(fault) as server,
        pytest.raises(MalformedError, match=f"larger than {MAX_BYTES} bytes"),
    ):
        received(server.url, network_transport(server.url))


def test_t54_a_netrc_of_the_home_folder_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its passwords are for other programs."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1\nlogin somebody\npassword canary\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with faults.serving(faults.body(b"{}")) as server:
        assert received(server.url, network_transport(server.url)) == b"{}"
        assert b"authorization" not in server.requests[0].lower()
