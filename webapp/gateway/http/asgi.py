"""The gateway on the event loop (ASGI 3): what is signed waits for its batch, and holds no thread."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache, partial
from typing import Any, Protocol, TypeVar

from webapp.gateway.http.graphql_over_http import GatewayRequest, GatewayResponse
from webapp.gateway.http.service import Gateway, Pending
from webapp.gateway.log.operation_log import Answers, Busy, deliver_each
from webapp.server.request_line import log_request

T = TypeVar("T")
Header = tuple[bytes, bytes]

LONGEST_READ_AT_ONCE = 8_192
"""Bytes of a body that is read on the event loop. All that is signed is shorter."""

_ID_BYTES, _ID_LENGTH, _IDS_AT_ONCE = 9, 12, 64

_logger = logging.getLogger("webapp.gateway.requests")


class RequestIds:
    """Ids of requests, made many at a time: the system's randomness lets go of the interpreter for each."""

    def __init__(self, token: Callable[[int], str]) -> None:
        """Make none yet.

        Args:
            token: Makes unguessable URL-safe text out of so many random bytes.
        """
        self._token = token
        self._text = ""

    def take(self) -> str:
        """Give 12 characters of URL-safe base64, from 9 random bytes; from one thread."""
        if not self._text:
            self._text = self._token(_ID_BYTES * _IDS_AT_ONCE)
        taken, self._text = self._text[:_ID_LENGTH], self._text[_ID_LENGTH:]
        return taken


class Counts(Protocol):
    """Counts and times requests."""

    def request(self, method: str) -> AbstractContextManager[Callable[[int], None]]:
        """Count a request as long as the block lasts; it is given what to tell the HTTP status to."""


class Lanes(Protocol):
    """Where a request waits for its client's turn."""

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Wait for a turn at the threads, and have work done on one."""

    async def in_batch(self, work: Callable[[], Awaitable[T]]) -> T:
        """Wait for a turn among those who hold no thread, and then for the work."""


class GatewayEndpoint:
    """Answers POST at the gateway's paths; each with an id, and a line in the log that names nobody."""

    def __init__(
        self, gateway: Gateway, paths: frozenset[str], counts: Counts, token: Callable[[int], str]
    ) -> None:
        """Keep the parts.

        Args:
            gateway: Answers.
            paths: Where.
            counts: Counts and times requests.
            token: Makes unguessable URL-safe text out of so many random bytes.
        """
        self._gateway = gateway
        self._paths = paths
        self._counts = counts
        self._ids = RequestIds(token).take
        self._loop: asyncio.AbstractEventLoop | None = None

    def answers(self, scope: Mapping[str, Any]) -> bool:
        """Whether a request is answered here."""
        return scope["method"] == "POST" and scope["path"] in self._paths

    async def answer(
        self, scope: Mapping[str, Any], body: bytes, lanes: Lanes
    ) -> tuple[int, list[Header], bytes]:
        """Give the HTTP status, the headers and the body of the response.

        Args:
            scope: The head.
            body: Whole, or its beginning where it is longer than may be.
            lanes: Where to wait.
        """
        request = _request(scope, body)
        request_id, began = self._ids(), time.perf_counter()
        with self._counts.request(request.method) as answered:
            response = await self._respond(request, lanes)
            log_request(
                _logger,
                method=request.method,
                path=request.path,
                status=response.status,
                began=began,
                request_id=request_id,
                client=request.client,
            )
            answered(response.status)
        own = (
            (b"content-length", str(len(response.body)).encode()),
            (b"x-request-id", request_id.encode()),
        )
        return response.status, [*_encoded(response.headers), *own], response.body

    async def _respond(self, request: GatewayRequest, lanes: Lanes) -> GatewayResponse:
        if len(request.body) > LONGEST_READ_AT_ONCE or not self._gateway.admits_at_once(request):
            return await lanes.on_thread(partial(self._gateway.handle, request))
        begun = self._gateway.begin(request)
        if isinstance(begun, GatewayResponse):
            return begun
        pending = self._gateway.pending(begun)
        if pending is None:
            return await lanes.on_thread(partial(self._gateway.finish, begun))
        return self._gateway.answered(pending, await lanes.in_batch(partial(self._outcome, pending)))

    async def _outcome(self, pending: Pending) -> object:
        """Have it decided or read, and wait for the batch that it is in."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # The loop is woken once for all answers of a batch.
            self._loop = loop
            self._gateway.log.deliver = self._gateway.reader.deliver = partial(_hand_over, loop)
        waiting: asyncio.Future[object] = loop.create_future()

        def answered(outcome: object) -> None:
            if not waiting.done():  # or else whoever waited has gone
                waiting.set_result(outcome)

        try:
            pending.begin(answered)
        except Busy as error:
            return error
        return await waiting


def _hand_over(loop: asyncio.AbstractEventLoop, answers: Answers) -> None:
    loop.call_soon_threadsafe(deliver_each, answers)


def _request(scope: Mapping[str, Any], body: bytes) -> GatewayRequest:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    peer, _ = scope.get("client") or ("", 0)
    return GatewayRequest(
        method=scope["method"],
        headers=headers,
        body=body,
        query=scope["query_string"].decode("latin-1"),
        path=scope["path"],
        client=peer,
    )


@lru_cache(256)
def _encoded(headers: tuple[tuple[str, str], ...]) -> tuple[Header, ...]:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)
