"""Where requests that have come whole wait for their client's turn, and what they are answered on.

Three lanes: threads, for whatever it is; one thread that calls take turns on (`threads/interleaving.py`),
where they wait for the gateway's writer and for nothing else; and none, for what waits on the event loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from webapp.server.front.turns import Gauge, Turns, TurnsConfig
from webapp.server.front.wsgi import Receive
from webapp.server.threads.interleaving import Interleaving

T = TypeVar("T")

PATIENCE_S = 3.0
"""How long a request waits for its turn, and whoever is not let in to be told so."""
INTERLEAVED = 64
"""How many requests take turns on one thread: as many as make a large batch for the writer."""
IN_BATCHES = 256
"""How many requests may wait for what they hold no thread for."""


class AllLanes:
    """The lanes of a process, on one event loop.

    Attributes:
        places: How many requests may be on threads, or wait for one.
    """

    def __init__(self, threads: int, waiting: Gauge) -> None:
        """Start no thread yet.

        Args:
            threads: How many requests are answered on threads at the same time.
            waiting: Counts the requests that have no turn yet.
        """

        def turns(at_once: int) -> Turns:
            return Turns(TurnsConfig(at_once=at_once, patience_s=PATIENCE_S), waiting=waiting)

        self.turns, self.interleaved, self.batches = turns(threads), turns(INTERLEAVED), turns(IN_BATCHES)
        self.places = threads + TurnsConfig(threads).waiting
        self.interleaving = Interleaving("interleaved requests")
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def stalled_s(self) -> float:
        """For how many seconds nothing has begun or ended on any thread of a lane that is full."""
        return max(self.turns.stalled_s(), self.interleaved.stalled_s())

    def close(self) -> None:
        """End the threads, when all that was begun on them has ended."""
        self.threads.shutdown()
        self.interleaving.close()


class Lanes:
    """The lanes as one request meets them.

    Waiting ends with a GoneError where the client goes away, and with a NoTurnError where there is no turn.
    """

    __slots__ = ("_client", "_lanes", "_receive")

    def __init__(self, lanes: AllLanes, client: str, receive: Receive) -> None:
        self._lanes = lanes
        self._client = client
        self._receive = receive

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Wait for a turn at the threads, and have work done on one."""
        loop, threads = asyncio.get_running_loop(), self._lanes.threads
        return await self._lanes.turns.during(
            self._client, lambda: loop.run_in_executor(threads, work), self._gone
        )

    async def interleaved(self, work: Callable[[], T]) -> T:
        """Wait for a turn among those who share a thread, and have work done on that."""
        run = self._lanes.interleaving.run
        return await self._lanes.interleaved.during(self._client, lambda: run(work), self._gone)

    async def in_batch(self, work: Callable[[], Awaitable[T]]) -> T:
        """Wait for a turn among those who hold no thread, and then for the work."""
        return await self._lanes.batches.during(self._client, work, self._gone)

    async def _gone(self) -> None:
        await gone(self._receive)


async def gone(receive: Receive) -> None:
    """Return when the client of a request, whose body is here, has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
