"""What a request still brings when it is answered: read and dropped for a while, that its sender hears why.

A connection that is closed over unread bytes is reset, and whoever is still sending then loses the answer
that has come already (RFC 9112, section 9.6). A proxy in front says 502 in its place.
"""

import asyncio
from collections.abc import Mapping

from webapp.server.front.wsgi import Message, Receive

SILENT_S = 2.0
"""How long nothing may come."""
LONGEST_S = 10.0
"""How long something may: as long as a body that is read to be answered."""
LONGEST_BODY = 1_048_576
"""How many bytes: sixteen times what may be sent."""
MOST = 256
"""How many clients at a time, which hold nothing but their connections; others are closed at once."""


class Incoming:
    """An ASGI server's `receive` for one request, which knows whether all has come.

    Attributes:
        is_over: There is no more of the body, or nobody who sends it.
    """

    __slots__ = ("_receive", "is_over")

    def __init__(self, receive: Receive, headers: Mapping[str, str]) -> None:
        """Receive nothing yet.

        Args:
            receive: The server's.
            headers: The request's; names in lower case.
        """
        self._receive = receive
        self.is_over = "transfer-encoding" not in headers and headers.get("content-length", "0") in {"", "0"}

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.is_over = True
        return message


class Lingering:
    """Reads on after answers, on one event loop."""

    def __init__(self) -> None:
        self._clients = 0

    async def after(self, incoming: Incoming) -> None:
        """Read on until all has come, or it is enough."""
        if incoming.is_over or self._clients >= MOST:
            return
        self._clients += 1
        try:
            async with asyncio.timeout(LONGEST_S):
                await _drop(incoming)
        except TimeoutError:
            pass
        finally:
            self._clients -= 1


async def _drop(incoming: Incoming) -> None:
    """Receive what comes.

    Raises:
        TimeoutError: Nothing does.
    """
    length = 0
    while not incoming.is_over and length <= LONGEST_BODY:
        async with asyncio.timeout(SILENT_S):
            length += len((await incoming()).get("body", b""))
