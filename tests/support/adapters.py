"""The server's adapter around a small application, on an event loop of the test's own."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from webapp.server.answers.refusals import as_problem
from webapp.server.front.adapter import CollectingAdapter, CollectingConfig
from webapp.server.front.wsgi import Message, Receive, Scope

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Waiting:
    """A gauge that remembers."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def inc(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)

    def dec(self) -> None:
        self.now -= 1


def adapter(wsgi: Wsgi, config: CollectingConfig, **given: Any) -> CollectingAdapter:
    """Every address is a client, and what is refused is a problem, unless something else is given."""
    usual = {"client": lambda peer, _forwarded: peer, "refuse": as_problem, "close": lambda: None}
    return CollectingAdapter(wsgi, config, **{**usual, "waiting": Waiting(), **given})


def scope(*headers: tuple[bytes, bytes], path: bytes = b"/", **members: object) -> Scope:
    """The head of a POST."""
    return {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "http_version": "1.1",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": b"",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 4711),
        "headers": [(b"host", b"127.0.0.1"), *headers],
        **members,
    }


async def no_body() -> Message:
    """Nothing more comes, and the client stays."""
    await asyncio.Event().wait()
    raise AssertionError


async def asked(served: CollectingAdapter, request: Scope, receive: Receive = no_body) -> list[Message]:
    """Send a request through an adapter; what is sent back."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await served(request, receive, send)
    return sent
