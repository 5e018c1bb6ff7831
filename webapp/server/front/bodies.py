"""Bodies, collected on the event loop: whole, up to a size and by a deadline.

One timer ends all that take too long, each from its own beginning. A timer for each, as `asyncio.timeout` has
it, costs a request an eighth of all that it costs.
"""

import asyncio
from typing import cast

from webapp.server.front.head import Headers, UnreadableError
from webapp.server.front.wsgi import Receive

_DIGITS = 18
"""A length of more digits is longer than anything, and need not be counted."""


class Bodies:
    """Collects the bodies of requests, on one event loop."""

    def __init__(self, max_body: int, deadline_ms: int) -> None:
        """Collect nothing yet.

        Args:
            max_body: Bytes of a body that are read; and one more, which shows that it is longer.
            deadline_ms: How long a client may take to send one.
        """
        self._max_body = max_body
        self._deadline_ms = deadline_ms
        self._ends: dict[asyncio.Task[None], float] = {}  # oldest first, for all have the same time
        self._passed: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def collect(self, headers: Headers, receive: Receive) -> bytes:
        """Read the body, and of one that is too long nothing or no more than shows it.

        Raises:
            UnreadableError: With 408 or 400.
        """
        announced = headers.get("content-length", "")
        if "transfer-encoding" not in headers and (announced in {"", "0"} or self._too_long(announced)):
            return b""
        reader = cast("asyncio.Task[None]", asyncio.current_task())
        loop = reader.get_loop()
        end = self._ends[reader] = loop.time() + self._deadline_ms / 1000
        if self._timer is None:
            self._timer = loop.call_at(end, self._look, loop)
        try:
            return await self._body(receive)
        except asyncio.CancelledError:
            if reader not in self._passed or reader.uncancel():
                raise
            within = f"the whole body within {self._deadline_ms} milliseconds"
            raise UnreadableError(408, within) from None
        finally:
            self._ends.pop(reader, None)
            self._passed.discard(reader)

    def _too_long(self, announced: str) -> bool:
        """Whether the announced length alone shows it; the application refuses such a request unread."""
        return len(announced) > _DIGITS or int(announced) > self._max_body

    async def _body(self, receive: Receive) -> bytes:
        pieces, length, more = [], 0, True
        while more and length <= self._max_body:
            message = await receive()
            if message["type"] != "http.request":
                raise UnreadableError(400, "a whole body, framed as RFC 9112 section 6 has it")
            piece = message.get("body", b"")
            pieces.append(piece)
            length += len(piece)
            more = message.get("more_body", False)
        return b"".join(pieces)[: self._max_body + 1]

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel those whose time has passed, and look again when the next one's has."""
        self._timer, now = None, loop.time()
        for reader, end in list(self._ends.items()):
            if end > now:
                self._timer = loop.call_at(end, self._look, loop)
                return
            del self._ends[reader]
            self._passed.add(reader)
            reader.cancel()
