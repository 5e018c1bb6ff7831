"""The gateway on the event loop (ASGI 3): what is signed waits for its batch, and holds no thread."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Protocol, TypeVar

from webapp.gateway.batches import Answers, Busy, deliver_each
from webapp.gateway.http.graphql_over_http import GatewayRequest, GatewayResponse
from webapp.gateway.http.service import Gateway, Pending
from webapp.server.record.answered import AnsweredRequest, AnsweredRequests
from webapp.server.record.request_line import RequestIds

T = TypeVar("T")
Header = tuple[bytes, bytes]

LONGEST_READ_AT_ONCE = 8_192
"""Bytes of a body that is read on the event loop. All that is signed is shorter."""


class Lanes(Protocol):
    """Where a request waits for its client's turn."""

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Wait for a turn at the threads, and have work done on one."""

    async def in_batch(self, work: Callable[[], Awaitable[T]]) -> T:
        """Wait for a turn among those who hold no thread, and then for the work."""


class GatewayEndpoint:
    """Answers POST at the gateway's paths; each with an id, and a line in the log that names nobody."""

    def __init__(
        self, gateway: Gateway, paths: frozenset[str], answered: AnsweredRequests, ids: RequestIds
    ) -> None:
        """Keep the parts.

        Args:
            gateway: Answers.
            paths: Where.
            answered: Counts, times and logs requests.
            ids: Gives each its id.
        """
        self._gateway = gateway
        self._paths = paths
        self._answered = answered
        self._ids = ids.take
        self._loop: asyncio.AbstractEventLoop | None = None

    def answers(self, scope: Mapping[str, Any]) -> bool:
        """Whether a request is answered here."""
        return scope["method"] == "POST" and scope["path"] in self._paths

    async def answer(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes, lanes: Lanes
    ) -> tuple[int, list[Header], bytes]:
        """Give the HTTP status, the headers and the body of the response.

        Args:
            scope: The head.
            headers: Its headers; names in lower case, lines of one name joined by commas.
            body: Whole, or its beginning where it is longer than may be.
            lanes: Where to wait.
        """
        client, _ = scope.get("client") or ("", 0)
        request = GatewayRequest(
            method=scope["method"],
            headers=headers,
            body=body,
            query=scope["query_string"].decode("latin-1"),
            path=scope["path"],
            client=client,
        )
        request_id, status, began = self._ids(), None, self._answered.begin()
        try:
            response = await self._respond(request, lanes)
            status = response.status
        finally:
            took = time.perf_counter() - began
            self._answered.end(
                AnsweredRequest(request.method, request.path, status, took, request_id, client)
            )
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


@lru_cache(256)
def _encoded(headers: tuple[tuple[str, str], ...]) -> tuple[Header, ...]:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)
