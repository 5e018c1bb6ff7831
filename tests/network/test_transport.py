"""Connecting and the handshake end with the deadline; of several addresses, each has a share of it."""

import contextlib
import select
import socket
import ssl
from collections.abc import Iterator

import httpcore
import pytest

from tests.support.faults import resolve_to
from webapp.network.addresses import AddressRule
from webapp.network.deadline import within
from webapp.network.transport import DeadlineBackend

LOOPBACK = AddressRule(loopback=True, private=False)
FAR_OFF_S = 3_600.0
"""What a caller would wait without a deadline: the test's own time would be up long before."""


@contextlib.contextmanager
def black_hole(address: str, port: int = 0) -> Iterator[int]:
    """An address that gives new connections no answer: its queue of those not yet accepted is full."""
    with contextlib.ExitStack() as open_sockets:
        listener = open_sockets.enter_context(socket.socket())
        listener.bind((address, port))
        listener.listen(0)
        port = listener.getsockname()[1]
        answered = True
        while answered:
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
            answered = bool(select.select([], [waiting], [], 0.1)[1])
        yield port


def test_an_address_that_never_answers_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        resolve_to(monkeypatch, port, "127.0.0.2", "127.0.0.1")
        with black_hole("127.0.0.2", port), within(4.0):
            stream = DeadlineBackend(LOOPBACK).connect_tcp("gateway.localhost", port)
            assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
            stream.close()


def test_t49_where_no_address_answers_the_deadline_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with black_hole("127.0.0.2") as port, black_hole("127.0.0.3", port), within(0.3):
        resolve_to(monkeypatch, port, "127.0.0.2", "127.0.0.3")
        with pytest.raises(httpcore.ConnectTimeout):
            DeadlineBackend(LOOPBACK).connect_tcp("gateway.localhost", port, timeout=FAR_OFF_S)


def test_t49_a_peer_that_never_finishes_its_handshake_cannot_outlast_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, within(0.3):
        stream = DeadlineBackend(LOOPBACK).connect_tcp("localhost", silent.getsockname()[1])
        with pytest.raises(httpcore.ConnectTimeout):
            stream.start_tls(ssl.create_default_context(), "localhost", timeout=FAR_OFF_S)
        stream.close()
