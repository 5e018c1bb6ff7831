"""The WSGI application as an ASGI server calls it: a request takes a thread when all of its body is here.

A WSGI server hands a request to a thread as soon as its head has arrived, and the thread then waits for the
body as long as the client likes; as many clients that send no body as there are threads hold the server. Here
bodies are collected on the event loop, under a deadline and up to a size; only whole requests take a thread,
and clients take turns (`turns.py`).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from webapp.server.front.bodies import Bodies
from webapp.server.front.door import Door
from webapp.server.front.head import Headers, UnreadableError, check_head, headers_of
from webapp.server.front.lanes import PATIENCE_S, AllLanes, Lanes, gone
from webapp.server.front.lingering import Incoming, Lingering
from webapp.server.front.turns import Gauge, GoneError, NoTurnError
from webapp.server.front.wsgi import Answer, Message, Receive, Scope, call_wsgi, path_of, wsgi_environ
from webapp.server.process.heartbeats import EVERY_S

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Peer = tuple[str, int]
Send = Callable[[Message], Awaitable[None]]

THREADS = 8
"""How many requests a process answers at the same time. More would only share one interpreter; what adds is
another process (`WORKERS`)."""
BODY_DEADLINE_MS = 10_000
"""How long a client may take to send a body: the largest takes that long at 52 kbit/s."""
LONGEST_STOP_S = BODY_DEADLINE_MS // 1000 + 10
"""When nothing is in flight any more: a body on its way, an answer from upstream (5 s), some to spare."""

LOOK_S = 0.05
MOST_OUTSIDE = 1_024
"""How many of those who are not let in wait to be told; all others are told at once."""
LONGEST_ACCEPT = 256

_BUSY = "More is asked than can be answered. Nothing was changed; try again in a moment."

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CollectingConfig:
    """How requests are collected.

    Attributes:
        threads: How many requests are answered at the same time.
        max_body: Bytes of a body that are read; and one more, which shows that it is longer.
        deadline_ms: How long a client may take to send a body.
        stalled_s: Seconds without an answer after which, where threads are all taken, the process hangs.
        at_once: Paths that are answered on the event loop, waiting for no thread: the answer is a matter of
            microseconds, and asks nobody.
        interleaved: Paths that are answered in turns on one thread (`threads/interleaving.py`).
    """

    threads: int
    max_body: int
    deadline_ms: int
    stalled_s: float = 60.0
    at_once: frozenset[str] = frozenset()
    interleaved: frozenset[str] = frozenset()


class Native(Protocol):
    """What answers some requests on the event loop, with no WSGI between."""

    def answers(self, scope: Scope) -> bool:
        """Whether a request is one of them."""

    async def answer(
        self, scope: Scope, headers: Headers, body: bytes, lanes: Lanes
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Give the HTTP status, the headers and the body of the response.

        Args:
            scope: The head.
            headers: Its headers.
            body: Whole, or the first `max_body` + 1 bytes.
            lanes: Where to wait.
        """


class CollectingAdapter:
    """An ASGI 3 application around a WSGI application (PEP 3333)."""

    def __init__(
        self,
        wsgi: "WSGIApplication",
        config: CollectingConfig,
        *,
        client: Callable[[str, str | None], str],
        refuse: Callable[[int, str], "WSGIApplication"],
        waiting: Gauge,
        close: Callable[[], None],
        beat: Callable[[], None] = lambda: None,
        form: Callable[[str, str], Hashable] = lambda _path, _accept: None,
        native: Native | None = None,
    ) -> None:
        """Start no thread yet.

        Args:
            wsgi: Answers.
            config: How requests are collected.
            client: Whose request it is, as requests are counted: of the address at the other end of the
                connection and of X-Forwarded-For, whose lines are joined by commas; None where there is none.
            refuse: Gives what answers in its place, with an HTTP status and for a reason.
            waiting: Counts the whole requests that no thread has taken yet.
            close: Called when the server has answered its last request.
            beat: Called every second, as a sign that requests are answered.
            native: Is asked before the WSGI application; None: nobody is.
            form: Tells which paths and Accept headers are refused in the same words.
        """
        self._wsgi = wsgi
        self._config = config
        self._client = client
        self._refuse = refuse
        self._close = close
        self._beat = beat
        self._form = form
        self._native = native
        self._answering: set[Peer] = set()
        self._lanes = AllLanes(config.threads, waiting)
        self._door = Door(self._lanes.places, fewest=2 * config.threads)
        self._bodies = Bodies(config.max_body, config.deadline_ms)
        self._lingering = Lingering()
        self._outside = 0
        self._told: dict[Hashable, Answer] = {}
        self._told_at = self._told_more = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or go with the server through its life (ASGI's lifespan)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        headers = headers_of(scope)
        incoming = Incoming(receive, headers)
        await self._let_in(scope, headers, incoming, send)
        await self._lingering.after(incoming)

    async def _let_in(self, scope: Scope, headers: Headers, receive: Incoming, send: Send) -> None:
        """Answer where there is a place, or say that there is none."""
        if path_of(scope) in self._config.at_once:
            await self._entered(scope, headers, receive, send, None)
            return
        peer, _ = scope.get("client") or ("", 0)
        client = self._client(peer, headers.get("x-forwarded-for"))
        if self._door.is_open_to(client):
            self._door.enter(client)
            try:
                await self._entered(scope, headers, receive, send, client)
            finally:
                self._door.leave(client)
        elif await self._stays(receive):
            answer = self._busy(scope, headers)
            # What the connection still brings belongs to this request.
            await _send(send, answer, (b"connection", b"close"))

    async def _entered(
        self, scope: Scope, headers: Headers, receive: Incoming, send: Send, client: str | None
    ) -> None:
        try:
            check_head(scope, headers)
            body = await self._bodies.collect(headers, receive)
            answer = await self._answered(scope, headers, body, receive, client)
        except GoneError:
            pass
        except NoTurnError:
            await _send(send, self._busy(scope, headers), *_how_to_go_on(receive))
        except UnreadableError as error:
            refusal = call_wsgi(self._refuse(error.status, str(error)), wsgi_environ(scope))
            # What the connection still brings belongs to this body.
            await _send(send, refusal, (b"connection", b"close"))
        except Exception:
            _logger.exception("a request that was not answered")
            told = self._refuse(500, "The server's log says more under this request id.")
            await _send(send, call_wsgi(told, wsgi_environ(scope)), *_how_to_go_on(receive))
        else:
            await _send(send, answer, *_how_to_go_on(receive))

    async def _stays(self, receive: Receive) -> bool:
        """Let somebody who is not let in wait before being told: whoever is told at once is back at once.

        Returns:
            False where they did not wait for that.
        """
        if self._outside >= MOST_OUTSIDE:
            return True
        self._outside += 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                await gone(receive)
        except TimeoutError:
            return True
        finally:
            self._outside -= 1
        return False

    def _busy(self, scope: Scope, headers: Headers) -> Answer:
        """Tell to come back, in words that are made once a second and sent to all who hear them meanwhile."""
        now = int(time.monotonic())
        if now != self._told_at:
            if self._told_more:
                _logger.warning("%d more requests were told to come back", self._told_more)
            self._told_at, self._told_more = now, 0
            self._told.clear()
        accept = headers.get("accept", "")[:LONGEST_ACCEPT]
        form = self._form(path_of(scope), accept)
        answer = self._told.get(form)
        if answer is None:
            # Others will be told the same: it is made of what chose the form, and of nothing more.
            environ = wsgi_environ(scope) | {"HTTP_ACCEPT": accept}
            answer = self._told[form] = call_wsgi(self._refuse(503, _BUSY), environ)
        else:
            self._told_more += 1
        return answer

    def is_answering(self, peer: Peer) -> bool:
        """Whether a request from this address and port is being answered, or waits; from any thread."""
        return peer in self._answering

    async def _answered(
        self, scope: Scope, headers: Headers, body: bytes, receive: Receive, client: str | None
    ) -> Answer:
        """Have a whole request answered: when it is its client's turn, or at once, where there is no client.

        Raises:
            GoneError: The client went away before that: nothing was done, and there is nobody to tell.
            NoTurnError: There is none.
        """

        def answer() -> Answer:
            return call_wsgi(self._wsgi, wsgi_environ(scope, body))

        if client is None:
            return answer()
        lanes = Lanes(self._lanes, client, receive)
        peer = scope.get("client") or ("", 0)
        self._answering.add(peer)
        try:
            if self._native is not None and self._native.answers(scope):
                return Answer(*await self._native.answer(scope, headers, body, lanes))
            if path_of(scope) in self._config.interleaved:
                return await lanes.interleaved(answer)
            return await lanes.on_thread(answer)
        finally:
            self._answering.discard(peer)

    async def _live(self, receive: Receive, send: Send) -> None:
        going_on = [asyncio.create_task(one) for one in (self._beat_on(), self._look_on())]
        while True:
            phase = (await receive())["type"]
            if phase == "lifespan.shutdown":
                for task in going_on:
                    task.cancel()
                self._lanes.close()
                self._close()
            await send({"type": f"{phase}.complete"})
            if phase == "lifespan.shutdown":
                return

    async def _beat_on(self) -> None:
        while True:
            if self._lanes.stalled_s() < self._config.stalled_s:
                self._beat()
            await asyncio.sleep(EVERY_S)

    async def _look_on(self) -> None:
        """See how late the event loop is: what is due comes behind all that is under way."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self._door.look(loop.time() - due)


def _how_to_go_on(receive: Incoming) -> tuple[tuple[bytes, bytes], ...]:
    """Tell whoever is still sending a body, which is not read, that it is the connection's last."""
    return () if receive.is_over else ((b"connection", b"close"),)


async def _send(send: Send, answer: Answer, *headers: tuple[bytes, bytes]) -> None:
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, *headers]}
    )
    await send({"type": "http.response.body", "body": answer.body})
