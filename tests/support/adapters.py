"""The server's adapter around a small application, on an event loop of the test's own."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from webapp.server.answers.refusals import as_problem
from webapp.server.front.adapter import CollectingAdapter, CollectingConfig, Native
from webapp.server.front.turns import Gauge, Uncounted
from webapp.server.front.wsgi import Message, Scope

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def adapter(
    wsgi: Wsgi,
    config: CollectingConfig,
    *,
    waiting: Gauge | None = None,
    close: Callable[[], None] = lambda: None,
    beat: Callable[[], None] = lambda: None,
    native: Native | None = None,
) -> CollectingAdapter:
    """Every address is a client, and what is refused is a problem."""
    return CollectingAdapter(
        wsgi,
        config,
        client=lambda peer, _forwarded: peer,
        refuse=as_problem,
        waiting=waiting or Uncounted(),
        close=close,
        beat=beat,
        native=native,
    )


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
