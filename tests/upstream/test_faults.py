"""Whatever a gateway does, a checked reply or a named error comes back, in time and little memory."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.upstream import AMPLE_S, API_KEY, BROKEN, DEADLINE_S, GOOD, SIGNED, connected, data
from webapp.network.transport import network_transport
from webapp.protocol.status import Status
from webapp.upstream.client import SignedOperation, UpstreamClient
from webapp.upstream.errors import (
    UpstreamBusy,
    UpstreamError,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnreachable,
)


@pytest.fixture
def impatient(server: FaultServer) -> Iterator[UpstreamClient]:
    client = connected(server, DEADLINE_S)
    yield client
    client.close()


@pytest.mark.parametrize(("fault", "expected"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_t51_t52_a_fault_has_its_error_and_the_same_client_works_after_it(
    server: FaultServer, fault: faults.Fault, expected: type[UpstreamError]
) -> None:
    """What drips would come in full, were there no deadline."""
    client = connected(server, DEADLINE_S if expected is UpstreamTimeout else AMPLE_S)
    server.fault = fault
    with pytest.raises(expected) as caught:
        client.follow(SIGNED)
    assert type(caught.value) in {expected, *expected.__subclasses__()}
    assert API_KEY not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert len(server.requests) == 1, "sent once: nothing is retried behind anybody's back"
    server.fault = faults.raw(GOOD)
    assert client.follow(SIGNED).status is Status.SUCCESS
    client.close()


def test_a_spare_reply_does_not_answer_the_next_request(server: FaultServer, client: UpstreamClient) -> None:
    """A reply names no request, so a connection that brought more than it was asked for is not used again."""
    server.fault = faults.raw(GOOD + GOOD)
    assert client.follow(SIGNED).status is Status.SUCCESS
    server.fault = data({"status": "INVALID_MESSAGE", "tsInServer": 1})
    assert client.follow(SIGNED).status is Status.INVALID_MESSAGE
    assert server.connections == 2
    assert client.follow(SIGNED).status is Status.INVALID_MESSAGE
    assert server.connections == 2, "one that brought only what it was asked for is kept"


def test_t49_silence_ends_with_the_deadline(server: FaultServer, impatient: UpstreamClient) -> None:
    server.fault = faults.silence(server.stopped)
    with pytest.raises(UpstreamTimeout):
        impatient.follow(SIGNED)


@pytest.mark.parametrize(
    "status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent"]
)
def test_t48_a_redirect_is_not_followed(client: UpstreamClient, server: FaultServer, status: str) -> None:
    with faults.serving(faults.raw(GOOD)) as elsewhere:
        server.fault = faults.body(b"", status=status, Location=elsewhere.url)
        with pytest.raises(UpstreamMalformed, match=status[:3]):
            client.follow(SIGNED)
        assert elsewhere.connections == 0


def test_t49_a_peer_that_reads_a_little_now_and_then_cannot_hold_the_writer() -> None:
    text = "x" * 16_000_000
    with faults.reading_slowly() as reader:
        client = UpstreamClient(
            url=reader.url, transport=network_transport(reader.url), api_key=API_KEY, deadline_s=DEADLINE_S
        )
        with pytest.raises(UpstreamTimeout):
            client.follow(SignedOperation("0xabc", "shiyu", text, "0x00", "MFkw"))
        # Else all but what the kernel's buffers hold would have been taken by then.
        assert reader.taken < 8_000_000
        client.close()


def test_t49_a_drip_over_a_kept_connection_ends_with_the_deadline(
    server: FaultServer, impatient: UpstreamClient
) -> None:
    """The second request's deadline is its own, though the connection is the first one's."""
    server.fault = faults.raw(GOOD)
    assert impatient.follow(SIGNED).status is Status.SUCCESS
    server.fault = faults.drip(GOOD)
    with pytest.raises(UpstreamTimeout):
        impatient.follow(SIGNED)
    assert server.connections == 1


def test_a_shorter_deadline_can_be_asked_for(server: FaultServer) -> None:
    server.fault = faults.silence(server.stopped)
    client = connected(server, deadline_s=3_600)
    with pytest.raises(UpstreamTimeout):
        client.profile("shiyu", None, deadline_s=0.2)
    client.close()


def test_t50_a_gzip_bomb_is_stopped_at_the_limit(tmp_path: Path, server: FaultServer) -> None:
    """200 MB that travel as 200 kB: one 64 kB chunk of it would inflate to 64 MB."""
    server.fault = faults.gzip_bomb(tmp_path)
    client = connected(server, AMPLE_S)
    tracemalloc.start()
    try:
        with pytest.raises(UpstreamMalformed, match="larger than 1048576 bytes"):
            client.follow(SIGNED)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    client.close()


def test_a_gzipped_reply_within_the_limit_is_read(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.body(gzip.compress(json.dumps(faults.SUCCESS).encode()), content_encoding="gzip")
    assert client.follow(SIGNED).status is Status.SUCCESS


def test_t50_a_reply_of_exactly_the_limit_is_read_and_one_byte_more_is_not(server: FaultServer) -> None:
    text = json.dumps(faults.SUCCESS).encode()
    client = UpstreamClient(
        url=server.url, transport=network_transport(server.url), api_key=None, max_bytes=len(text)
    )
    server.fault = faults.body(text)
    assert client.follow(SIGNED).status is Status.SUCCESS
    server.fault = faults.body(text + b" ")
    with pytest.raises(UpstreamMalformed, match="larger"):
        client.follow(SIGNED)
    client.close()


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("9" * 30, None)]
)
def test_busy_carries_the_seconds_to_wait(
    server: FaultServer, client: UpstreamClient, header: str, seconds: int | None
) -> None:
    server.fault = faults.body(b"{}", status="429 Too Many Requests", Retry_After=header)
    with pytest.raises(UpstreamBusy) as caught:
        client.follow(SIGNED)
    assert caught.value.retry_after_s == seconds


def test_nobody_listening_is_unreachable() -> None:
    with faults.serving(faults.reset) as server:
        pass
    client = connected(server, AMPLE_S)
    with pytest.raises(UpstreamUnreachable):
        client.follow(SIGNED)
    client.close()
