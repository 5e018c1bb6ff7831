"""Whoever still sends when the answer is given reads it all the same."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.adapters import adapter, asked, scope
from tests.support.serving import PATIENCE_S, Serving
from webapp.network.request_bodies import MAX_BODY
from webapp.server.front import lingering
from webapp.server.front.adapter import MOST_OUTSIDE, CollectingConfig
from webapp.server.front.door import Door
from webapp.server.front.lingering import Incoming, Lingering
from webapp.server.front.wsgi import Message

PIECE = b" " * 4_096
PIECES = MAX_BODY // len(PIECE) + 8
LENGTH = {"content-length": str(PIECES * len(PIECE))}


@pytest.mark.parametrize(
    ("server", "path", "status"),
    [
        ("open_gateway", b"/graphql", 413),
        ("open_gateway", b"/graphql/", 413),
        ("site_without_upstream", b"/api/follow", 400),
    ],
)
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_who_sends_slowly_and_reads_afterwards_reads_why_it_was_refused(
    request: pytest.FixtureRequest, server: str, path: bytes, status: int, framing: str
) -> None:
    """As a proxy does, through whose buffers little fits: a reset would have it say 502."""
    serving: Serving = request.getfixturevalue(server)
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" % path
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(PIECE))
        opened.settimeout(PATIENCE_S)
        opened.connect(("127.0.0.1", serving.port))
        if framing == "length":
            opened.sendall(head + b"Content-Length: %d\r\n\r\n" % (PIECES * len(PIECE)))
        else:
            opened.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(PIECES):
            opened.sendall(PIECE if framing == "length" else b"%x\r\n%b\r\n" % (len(PIECE), PIECE))
            time.sleep(0.003)
        if framing == "chunks":
            opened.sendall(b"0\r\n\r\n")
        answer = b"".join(iter(lambda: opened.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nconnection: close\r\n" in answer


@pytest.mark.parametrize("outside", [0, MOST_OUTSIDE])
def test_who_is_not_let_in_may_finish_what_they_were_sending(
    outside: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.server.front.adapter.MOST_OUTSIDE", outside)
    monkeypatch.setattr("webapp.server.front.adapter.PATIENCE_S", 0.01)
    monkeypatch.setattr(Door, "is_open_to", lambda _door, _client: False)
    pieces = slowly(PIECES)
    request = scope(*((name.encode(), value.encode()) for name, value in LENGTH.items()))
    served = adapter(lambda _environ, _start: [], CollectingConfig(1, 10, 10_000))

    async def receive() -> Message:
        await asyncio.sleep(0.005)
        return next(pieces)

    [start, _] = asyncio.run(asked(served, request, receive))
    assert start["status"] == 503
    assert (b"connection", b"close") in start["headers"]
    assert list(pieces) == []


# --- enough is enough --------------------------------------------------------------------------------------


def slowly(pieces: int) -> Iterator[Message]:
    """A body in pieces."""
    for left in reversed(range(pieces)):
        yield {"type": "http.request", "body": PIECE, "more_body": left > 0}


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering, "SILENT_S", 0.05)
    monkeypatch.setattr(lingering, "LONGEST_S", 0.2)


class Sender:
    """Sends the same for ever, each time after a while."""

    def __init__(self, message: Message, after_s: float = 0.0) -> None:
        self._message = message
        self._after_s = after_s
        self.asked = 0

    async def __call__(self) -> Message:
        self.asked += 1
        await asyncio.sleep(self._after_s)
        return self._message


MORE: Message = {"type": "http.request", "body": PIECE, "more_body": True}


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("sender", "enough"),
    [
        (Sender(MORE), lambda times: times == lingering.LONGEST_BODY // len(PIECE) + 1),
        (Sender(MORE, after_s=60), lambda times: times == 1),
        (Sender(MORE, after_s=0.02), lambda times: 1 < times <= 10),
        (Sender({"type": "http.request", "body": b"", "more_body": False}), lambda times: times == 1),
        (Sender({"type": "http.disconnect"}), lambda times: times == 1),
    ],
    ids=["no end of it", "silence", "a trickle", "the end", "gone"],
)
def test_it_ends(sender: Sender, enough: Callable[[int], bool]) -> None:
    incoming = Incoming(sender, LENGTH)
    asyncio.run(Lingering().after(incoming))
    assert enough(sender.asked)


@pytest.mark.parametrize("headers", [{}, {"content-length": "0"}])
def test_what_has_no_body_is_not_waited_for(headers: dict[str, str]) -> None:
    sender = Sender(MORE)
    asyncio.run(Lingering().after(Incoming(sender, headers)))
    assert sender.asked == 0


@pytest.mark.usefixtures("soon")
def test_only_so_many_are_waited_for_and_others_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering, "MOST", 3)
    lasting = Lingering()

    async def story() -> list[int]:
        senders = [Sender(MORE, after_s=60) for _ in range(5)]
        await asyncio.gather(*(lasting.after(Incoming(one, LENGTH)) for one in senders))
        late = Sender(MORE, after_s=60)
        await lasting.after(Incoming(late, LENGTH))
        return [one.asked for one in (*senders, late)]

    assert asyncio.run(story()) == [1, 1, 1, 0, 0, 1]
