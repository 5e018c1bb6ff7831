"""A gateway that answers as a test says, and a client of it."""

from collections.abc import Iterator

import pytest

from tests.support.faults import FaultServer
from tests.support.upstream import AMPLE_S, connected
from webapp.upstream.client import UpstreamClient


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture
def client(server: FaultServer) -> Iterator[UpstreamClient]:
    client = connected(server, AMPLE_S)
    yield client
    client.close()
