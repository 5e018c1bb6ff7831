"""Requests on their way to a thread: whole ones get there, clients that stall hold nobody else."""

import asyncio
import contextlib
import json
import re
import select
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.adapters import Waiting, Wsgi, adapter, asked, no_body, scope
from tests.support.databases import ON_POSTGRESQL
from tests.support.figures import Figure
from tests.support.places import ROOT
from tests.support.serving import FOUND, OPERATOR, SHIYU, Serving, connected, serving
from webapp.commands.serving import HEAD_BYTES
from webapp.server.front.adapter import CollectingConfig
from webapp.server.front.wsgi import Message, Receive, Scope, wsgi_environ

HEAD = b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


def everything(opened: socket.socket) -> bytes:
    """Read until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := opened.recv(65_536):
            received += piece
    return received


def test_bodies_that_never_come_hold_nobody_else_and_are_given_up(tmp_path: Path) -> None:
    """Many more than there are threads; they delay a stop no longer than their deadline.

    A server that had to be killed would leave its open database's files beside it.
    """
    with contextlib.ExitStack() as stack:
        with serving("gateway", cwd=tmp_path) as server:
            stalled = [stack.enter_context(connected(server.port, "127.0.0.1")) for _ in range(40)]
            for opened in stalled:
                opened.sendall(HEAD + b"Content-Length: 40\r\n\r\n{")
            assert server.client.post("/graphql", json={"query": SHIYU}).json() == FOUND
            assert select.select(stalled, [], [], 0)[0] == [], "the answer came while all the others stalled"
        for opened in stalled:
            answer = everything(opened)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"access-control-allow-origin: *" in answer
            message = "expected the whole body within 10000 milliseconds"
            error = {"message": message, "extensions": {"code": "REQUEST_TIMEOUT"}}
            assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"errors": [error]}
    assert "POST /graphql 408: expected the whole body" in server.errors
    if not ON_POSTGRESQL:
        assert [file.name for file in (tmp_path / "instance").iterdir()] == ["countersign.sqlite3"]


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        (b"Content-Length: 70000\r\n\r\n{", 413),
        (b"Content-Length: 999999999999999999999\r\n\r\n{", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n" + (b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 3, 413),
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        (b"Connection: close\r\nContent-Length: 2\r\n\r\n{}", 400),
        (b"Connection: close\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
    ],
)
def test_a_body_is_bounded_and_framed(open_gateway: Serving, rest: bytes, status: int) -> None:
    """Refused without waiting for what is still announced; `{}` reaches the gateway, which misses `query`."""
    with connected(open_gateway.port, "127.0.0.1") as opened:
        opened.sendall(HEAD + rest)
        answer = opened.recv(65_536)
        opened.shutdown(socket.SHUT_WR)  # or what is announced would be waited for
        answer += everything(opened)
    assert re.findall(rb"^HTTP/1\.1 (\d{3})", answer, re.MULTILINE) == [str(status).encode()]


_POST = b"POST /graphql HTTP/1.1\r\nHost: x\r\n"
_GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
BELOW_US: dict[str, tuple[bytes, ...]] = {
    "something that is not HTTP, TLS included": (b"\0\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"),
    "a request line without a version, or of another version than 1.0 or 1.1": (
        b"GET /\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ),
    "a method, a target or a header with a character that it cannot have": (
        b"G@T / HTTP/1.1\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
        _GET + b"a: \0\r\n\r\n",
    ),
    "a header without a colon, with a space before it, or folded": (
        _GET + b"a\r\n\r\n",
        _GET + b"a : b\r\n\r\n",
        _GET + b"a: b\r\n c\r\n\r\n",
    ),
    "`Content-Length` that is not digits alone, or names 2^64 bytes or more, or two that differ": (
        _POST + b"Content-Length: x\r\n\r\n",
        _POST + b"Content-Length: +2\r\n\r\n",
        _POST + b"Content-Length: %d\r\n\r\n" % 2**64,
        _POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ),
    "`Transfer-Encoding` that does not end with `chunked`, or in HTTP/1.0": (
        _POST + b"Transfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    "more than 100 headers, or a head, target included, of more than 16,384 bytes; "
    "`Content-Length` of 2^64 less 1 or 2": (
        _GET + b"a: b\r\n" * 100 + b"\r\n",
        _GET + b"a: " + b"b" * (HEAD_BYTES - len(_GET) - 3),
        b"GET /" + b"a" * (HEAD_BYTES - 5),
        _POST + b"Content-Length: %d\r\n\r\n" % (2**64 - 1),
    ),
    "the beginning of HTTP/2, half a head and no more, "
    "or a whole request whose sender closes its own side before the reply": (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        _GET,
    ),
}


def test_the_contract_lists_what_the_http_library_answers_by_itself(open_gateway: Serving) -> None:
    """Empty, and then the connection ends. What comes close to a limit is answered by us, and is JSON."""
    contract = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    section = contract.partition("### Replies of the HTTP library")[2].partition("\n## ")[0]
    listed = dict(re.findall(r"^\| (?!what)(.+) \| (400|431|no reply) \|$", section, re.MULTILINE))
    assert list(listed) == list(BELOW_US)
    for what, requests in BELOW_US.items():
        for sent in requests:
            with connected(open_gateway.port, "127.0.0.1") as opened:
                opened.sendall(sent)
                opened.shutdown(socket.SHUT_WR)
                head, _, body = everything(opened).partition(b"\r\n\r\n")
            status = head[9:12].decode() or "no reply"
            assert (what, status, body) == (what, listed[what], b"")
            assert status == "no reply" or b"connection: close" in head
    replies = set()
    for _ in range(8):  # a reply may win the race
        with connected(open_gateway.port, "127.0.0.1") as opened:
            opened.sendall(_GET + b"\r\n")
            opened.shutdown(socket.SHUT_WR)
            replies.add(everything(opened))
    assert b"" in replies
    closing = b"Connection: close\r\n"
    for sent in (
        b"GET /" + b"a" * 16_300 + b" HTTP/1.1\r\nHost: x\r\n" + closing + b"\r\n",
        _GET + closing + b"a: b\r\n" * 98 + b"\r\n",
        _GET + closing + b"a: " + b"b" * 16_300 + b"\r\n\r\n",
        _POST + closing + b"Content-Length: %d\r\n\r\n" % (2**64 - 3),
    ):
        with connected(open_gateway.port, "127.0.0.1") as opened:
            opened.sendall(sent)
            assert json.loads(everything(opened).partition(b"\r\n\r\n")[2])


def test_a_body_in_chunks_is_a_body(open_gateway: Serving) -> None:
    pieces = (piece.encode() for piece in ('{"query": "', SHIYU.replace('"', '\\"'), '"}'))
    sent = open_gateway.client.post("/graphql", content=pieces, headers={"content-type": "application/json"})
    assert sent.json() == FOUND


def test_waiting_requests_are_counted(open_gateway: Serving) -> None:
    assert "countersign_requests_waiting 0.0" in open_gateway.client.get("/metrics", headers=OPERATOR).text


# --- the adapter by itself ---------------------------------------------------------------------------------


def ask(wsgi: Wsgi, request: Scope, *messages: Message) -> tuple[list[Message], Waiting]:
    """Send one request through an adapter, then end it."""
    waiting, closed = Waiting(), []
    served = adapter(
        wsgi, CollectingConfig(1, 10, 10_000), waiting=waiting, close=lambda: closed.append(True)
    )

    async def live(first: Scope, given: tuple[Message, ...]) -> list[Message]:
        queue = iter(given)

        async def receive() -> Message:
            return next(queue, {"type": "http.disconnect"})

        return await asked(served, first, receive)

    async def story() -> tuple[list[Message], list[Message]]:
        return await live(request, messages), await live({"type": "lifespan"}, LIFE)

    sent, lived = asyncio.run(story())
    assert [told["type"] for told in lived] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert closed == [True]
    return sent, waiting


LIFE: tuple[Message, ...] = ({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})


class Pieces:
    """A response that minds being closed."""

    closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"an", b"swer"))

    def close(self) -> None:
        self.closed = True


def test_a_whole_request_is_answered_whole() -> None:
    seen, pieces = [], Pieces()

    def wsgi(environ: dict[str, Any], start_response: Any) -> Pieces:
        seen.append(environ["wsgi.input"].read())
        start_response("201 Created", [("X-A", "b\xe9")])
        return pieces

    body: list[Message] = [
        {"type": "http.request", "body": b"12", "more_body": True},
        {"type": "http.request", "body": b"34", "more_body": False},
    ]
    sent, waiting = ask(wsgi, scope((b"content-length", b"4")), *body)
    assert seen == [b"1234"]
    assert pieces.closed
    assert sent == [
        {"type": "http.response.start", "status": 201, "headers": [(b"x-a", b"b\xe9")]},
        {"type": "http.response.body", "body": b"answer"},
    ]
    assert (waiting.now, waiting.most) == (0, 0)


def test_no_more_of_a_body_is_kept_than_shows_that_it_is_too_long() -> None:
    seen: list[bytes] = []

    def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.extend((environ["wsgi.input"].read(), environ["CONTENT_LENGTH"].encode()))
        assert "HTTP_TRANSFER_ENCODING" not in environ
        start_response("413 Too Large", [])
        return []

    piece: Message = {"type": "http.request", "body": b"1234567", "more_body": True}
    ask(wsgi, scope((b"transfer-encoding", b"chunked")), piece, piece)
    assert seen == [b"12345671234", b"11"]
    seen.clear()
    ask(wsgi, scope((b"content-length", b"11")))
    assert seen == [b"", b"11"]


def test_a_client_that_goes_away_takes_no_thread() -> None:
    def wsgi(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        raise AssertionError

    gone: Message = {"type": "http.disconnect"}
    [start, _], waiting = ask(wsgi, scope((b"content-length", b"4")), gone)
    assert start["status"] == 400
    assert waiting.most == 0


def test_when_all_threads_are_taken_health_is_answered_and_too_many_are_told_to_come_back() -> None:
    held, seen = threading.Event(), []

    def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append((environ["PATH_INFO"], environ["REMOTE_ADDR"]))
        if environ["PATH_INFO"] != "/healthz":
            held.wait()
        start_response("200 OK", [])
        return []

    waiting = Waiting()
    served = adapter(wsgi, CollectingConfig(2, 10, 10_000, at_once=frozenset({"/healthz"})), waiting=waiting)

    async def told(path: str, client: str) -> tuple[int, dict[bytes, bytes]]:
        [start, _] = await asked(served, scope(path=path.encode(), client=(client, 4711)))
        return start["status"], dict(start["headers"])

    async def story() -> None:
        flood = [asyncio.create_task(told("/x", "192.0.2.7")) for _ in range(300)]
        await asyncio.sleep(0)
        other = asyncio.create_task(told("/x", "192.0.2.8"))
        try:
            async with asyncio.timeout(20):
                assert await told("/healthz", "192.0.2.7") == (200, {})
            assert waiting.now > 200
        finally:
            held.set()
        assert (await other)[0] == 200
        answers = await asyncio.gather(*flood)
        refused = [headers for status, headers in answers if status == 503]
        assert {status for status, _ in answers} == {200, 503}
        assert len(refused) < 50, "who was let in was answered"
        assert {headers[b"retry-after"] for headers in refused} == {b"2"}
        assert seen.index(("/x", "192.0.2.8")) <= 3, "the other's came before the flood's"
        assert waiting.now == 0

    asyncio.run(story())


def test_t67_in_a_crowd_each_client_has_its_part_and_who_has_gone_is_forgotten(
    caplog: pytest.LogCaptureFixture,
) -> None:
    held, waiting = threading.Event(), Waiting()

    def wsgi(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        held.wait()
        start_response("200 OK", [])
        return []

    served = adapter(wsgi, CollectingConfig(2, 10, 10_000), waiting=waiting)

    async def told(client: str, receive: Receive) -> list[Message]:
        return await asked(served, scope(client=(client, 4711)), receive)

    async def story() -> None:
        flood = [asyncio.create_task(told("192.0.2.7", no_body)) for _ in range(600)]
        await asyncio.sleep(0)
        for _ in range(50):
            assert await told("192.0.2.7", no_client) == [], "nobody is there to be told"
        assert waiting.now < 520
        other = asyncio.create_task(told("192.0.2.8", no_body))
        hasty = [asyncio.create_task(told("192.0.2.9", no_client)) for _ in range(50)]
        assert await asyncio.gather(*hasty) == [[]] * 50
        await asyncio.sleep(0)
        held.set()
        assert (await other)[0]["status"] == 200
        refused = [start for start, _ in await asyncio.gather(*flood) if start["status"] == 503]
        assert len(refused) > 80
        ids = {dict(start["headers"])[b"x-request-id"] for start in refused}
        assert len(ids) < 5, "who is told in one second is told the same"
        closing = [start for start in refused if (b"connection", b"close") in start["headers"]]
        assert len(closing) > 80, "what they still send is not read"

    asyncio.run(story())
    assert len(caplog.records) < 10, "a line for each second, and not for each who is told"


class Fails:
    """Answers everything on the event loop, but cannot."""

    def answers(self, _scope: Scope) -> bool:
        return True

    async def answer(self, *_asked: object) -> Any:
        raise RuntimeError("canary")


def test_what_fails_on_the_event_loop_is_answered_as_what_fails_on_a_thread_is() -> None:
    def wsgi(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        raise RuntimeError("canary")

    async def told(native: Fails | None) -> Message:
        start, body = await asked(adapter(wsgi, CollectingConfig(1, 10, 10_000), native=native), scope())
        assert start["status"] == 500
        assert b"canary" not in body["body"]
        return {name: value for name, value in start["headers"] if name != b"x-request-id"}

    async def story() -> None:
        assert await told(Fails()) == await told(None)

    asyncio.run(story())


async def no_client() -> Message:
    """Whoever asked has gone."""
    return {"type": "http.disconnect"}


def test_a_head_in_wsgi_words() -> None:
    environ = wsgi_environ(
        scope(
            (b"x-forwarded-for", b"198.51.100.1"),
            (b"x_forwarded_for", b"203.0.113.66"),
            (b"x-forwarded-for", b"198.51.100.2"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"x-api-key", "k\u00e9y".encode()),
            (b"content-type", b"text/plain"),
            path=b"/%C3%A9/%2e%00",
            query_string=b"a=%C3%A9",
        )
    )
    assert environ["HTTP_X_FORWARDED_FOR"] == "198.51.100.1,198.51.100.2"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_X_API_KEY"].encode("latin-1").decode() == "k\u00e9y"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/\u00e9/.\0"
    assert environ["QUERY_STRING"] == "a=%C3%A9"
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"]) == ("192.0.2.7", "8000")


@pytest.mark.parametrize("stops", [1, pytest.param(150, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_every_stop_ends(stops: int, tmp_path: Path, figure: Figure) -> None:
    """One stop in 160 never ended, in a mode of the server that does not wait for its threads."""
    ended = 0
    for turn in range(stops):
        folder = tmp_path / str(turn)
        folder.mkdir()
        with serving("gateway", cwd=folder, DEMO="0") as server:
            assert server.client.get("/healthz").status_code == 200
        ended += 1
        if ON_POSTGRESQL:
            continue
        with contextlib.closing(sqlite3.connect(folder / "instance" / "countersign.sqlite3")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    figure("stops that ended, the database whole", ended, at_least=stops, of=f"{stops}")
