"""Faults upon faults, in any order, after a gateway that did what it was asked: one client stands all."""

import contextlib
import gc
import os
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import faults
from tests.support.databases import count
from tests.support.faults import FaultServer
from tests.support.figures import Figure
from tests.support.people import Client, Person, Ticker
from tests.support.upstream import AMPLE_S, BROKEN, connected
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.graphql_over_http import GatewayRequest
from webapp.gateway.http.service import create_gateway
from webapp.gateway.tables import operations
from webapp.protocol.status import Status
from webapp.storage.database import Database
from webapp.upstream.client import SignedOperation, UpstreamClient
from webapp.upstream.errors import UpstreamError, UpstreamTimeout

DEADLINE_S = 0.3
LATE = 4
"""Deadlines after which an answer is late: a busy machine may keep a thread from its turn for some time."""


@pytest.fixture
def patient(server: FaultServer) -> Iterator[UpstreamClient]:
    with contextlib.closing(connected(server, AMPLE_S)) as client:
        yield client


@pytest.fixture
def impatient(server: FaultServer) -> Iterator[UpstreamClient]:
    with contextlib.closing(connected(server, DEADLINE_S)) as client:
        yield client


class Lossy:
    """A real gateway behind a way back that breaks: what was asked is done, and the reply is the fault's."""

    def __init__(self, gateway: Client, server: FaultServer) -> None:
        self._gateway = gateway
        self._server = server

    def breaking(self, fault: faults.Fault) -> faults.Fault:
        def answer(connection: socket.socket) -> None:
            self._answer()
            fault(connection)

        return answer

    def whole(self, connection: socket.socket) -> None:
        connection.sendall(faults.http(self._answer()))

    def _answer(self) -> bytes:
        body = self._server.requests[-1].partition(b"\r\n\r\n")[2]
        return self._gateway.gateway.handle(
            GatewayRequest("POST", {"content-type": "application/json"}, body)
        ).body


def silence(connection: socket.socket) -> None:
    """Say nothing until the client has gone."""
    while connection.recv(65_536):
        pass


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts what Linux shows of a process")
@pytest.mark.parametrize(
    "rounds", [1, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_t51_t53_after_any_fault_the_same_message_is_written_once_and_success_is_never_a_mistake(
    rounds: int,
    *,
    server: FaultServer,
    patient: UpstreamClient,
    impatient: UpstreamClient,
    database: Database,
    tmp_path: Path,
    figure: Figure,
) -> None:
    clock, alice = Ticker(), Person("alice")
    gateway = Client(create_gateway(database, GatewayConfig(), clock), clock)
    assert gateway.register(alice) == "SUCCESS"
    way = Lossy(gateway, server)
    every: list[tuple[str, faults.Fault, type[UpstreamError]]] = [
        *BROKEN,
        ("silence", silence, UpstreamTimeout),
        ("a gzip bomb", faults.gzip_bomb(tmp_path), UpstreamError),
        ("a redirect", faults.body(b"", status="307 Temporary Redirect", Location=server.url), UpstreamError),
    ]
    order = random.Random(1)  # noqa: S311 (a test's dice)
    mistaken = unlike = retold = 0
    longest_s = 0.0
    files, memory_mb = 0, 0.0
    for number in range(rounds):
        order.shuffle(every)
        for _, fault, expected in every:
            clock.now += 1_000
            signed = alice.request("follow", "shiyu", clock.now)
            sent = SignedOperation(
                signed["address"], "shiyu", signed["message"], signed["signature"], signed["signingKey"]
            )
            server.requests.clear()
            server.fault = way.breaking(fault)
            ends_by_deadline = expected is UpstreamTimeout
            client, began = impatient if ends_by_deadline else patient, time.perf_counter()
            try:
                client.follow(sent)
            except UpstreamError as error:
                unlike += not isinstance(error, expected)
            else:
                mistaken += 1
            if ends_by_deadline:
                longest_s = max(longest_s, time.perf_counter() - began)
            retold += len(server.requests) - 1
            server.fault = way.whole
            assert patient.follow(sent).status is Status.ALREADY_DONE
            assert gateway.act("unfollow", alice, "shiyu") == "SUCCESS"
        if number == 0:
            files, memory_mb = open_files(), resident_mb()
    opened, grown_mb = open_files() - files, resident_mb() - memory_mb
    done = rounds * len(every)
    of = f"{rounds} times {len(every)} faults"
    written = count(database, operations)
    figure("replies taken for SUCCESS by mistake", mistaken, at_most=0, of=of)
    figure("faults told as another", unlike, at_most=0, of=of)
    figure("requests sent again by themselves", retold, at_most=0, of=of)
    figure("operations written twice", written - 2 * done, at_most=0, of=of)
    waited = round(longest_s / DEADLINE_S, 2)
    figure("longest wait for what has no end, in deadlines", waited, at_most=LATE, of=of)
    figure("files opened since the first round", opened, at_most=8, of=of)
    figure("memory grown since the first round, in MB", round(grown_mb, 1), at_most=16, of=of)
    assert written == 2 * done
