"""Turns by client: who is answered next where more ask than can be answered, and who is told to come back.

One queue would belong to whoever sends most. Here each client waits in a queue of its own, and is charged the
seconds that its requests take. The next turn is that client's which has fewest under way, and among those was
charged least. Who comes anew, or comes back, starts just behind whoever is next: the virtual time of fair
queueing. So nobody saves up, who comes seldom does not wait behind the backlog of others, and who has waited
is not passed by newcomers for ever.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TurnsConfig:
    """How many are answered, and how many wait.

    Attributes:
        at_once: Requests that are answered at the same time. No client alone has all of several.
        waiting: Requests that wait, at most.
        waiting_each: Requests of one client that wait, at most.
        patience_s: Seconds after which a request that still waits is refused.
    """

    at_once: int
    waiting: int = 512
    waiting_each: int = 256
    patience_s: float = 3.0


BEHIND = 0.1
"""By what part of a usual request a newcomer starts behind whoever is next: no stream of them stays next."""
FEW = 16
"""So many clients are remembered without a look at who is gone."""


class Gauge(Protocol):
    """Something that goes up and down."""

    def inc(self) -> None: ...
    def dec(self) -> None: ...


class NoTurnError(Exception):
    """The request is not answered: too many wait, or it has waited too long. Nothing of it was done."""


class GoneError(Exception):
    """Whoever asked went away before it was their turn. Nothing was done."""


@dataclass(slots=True)
class _Client:
    """What is known of a client while it waits, is answered, or was charged more than one that never left.

    Attributes:
        charged: Seconds of answering, counted from where it came in.
        under_way: Its requests that are being answered.
        waiting: Those that wait, oldest first.
    """

    charged: float
    under_way: int = 0
    waiting: "deque[asyncio.Future[None]]" = field(default_factory=deque)


class Turns:
    """Gives turns, on one event loop; nothing here may be called from another thread."""

    def __init__(
        self,
        config: TurnsConfig,
        *,
        waiting: Gauge,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nobody waits.

        Args:
            config: How many are answered, and how many wait.
            waiting: Counts those who have no turn yet.
            monotonic: Seconds, to charge what an answer took.
        """
        self._config = config
        self._gauge = waiting
        self._monotonic = monotonic
        self._each_at_once = max(1, config.at_once - 1)
        self._clients: dict[str, _Client] = {}
        self._waiting = self._under_way = 0
        self._virtual = self._usual = 0.0
        self._moved = monotonic()
        self._looked_through_at = FEW

    async def during(
        self,
        name: str,
        work: Callable[[], Awaitable[T]],
        gone: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> T:
        """Wait for a client's turn, and hold it while work is done.

        Args:
            name: The client's.
            work: Is begun with the turn, and charged for what it takes.
            gone: Returns when the client has gone away; called where it has to wait.

        Raises:
            NoTurnError: There will be no turn.
            GoneError: The client went away.
        """
        client = self._at_once(name)
        if client is None:
            client = self._clients[name]
            self._gauge.inc()
            try:
                await self._given(client, gone)
            finally:
                self._gauge.dec()
        began = self._monotonic()
        try:
            return await work()
        finally:
            self._end(client, self._monotonic() - began)

    def _at_once(self, name: str) -> _Client | None:
        """Begin a client's turn where nobody has to wait for it."""
        client = self._clients.get(name)
        if client is None:
            client = self._clients[name] = _Client(self._start())
        elif not client.waiting and not client.under_way:
            client.charged = max(client.charged, self._start())
        is_free = not self._waiting and self._under_way < self._config.at_once
        if is_free and client.under_way < self._each_at_once:
            self._virtual = max(self._virtual, client.charged)
            self._count(client)
            return client
        return None

    def _end(self, client: _Client, seconds: float) -> None:
        self._usual += (seconds - self._usual) / 32
        client.charged += seconds
        client.under_way -= 1
        self._under_way -= 1
        self._moved = self._monotonic()
        if self._waiting:
            self._give()
        self._forget()

    def _start(self) -> float:
        """What a client begins with that has nothing here."""
        return self._virtual + BEHIND * self._usual

    def stalled_s(self) -> float:
        """For how many seconds no turn has begun or ended, while all that one client may have are taken."""
        return self._monotonic() - self._moved if self._under_way >= self._each_at_once else 0.0

    async def _given(self, client: _Client, gone: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
        """Return when the client has a turn, which is counted as under way.

        Raises:
            NoTurnError: There will be none.
            GoneError: It went away.
        """
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        client.waiting.append(turn)
        self._waiting += 1
        self._give()
        if turn.done():
            return
        self._make_room(client)
        leaving = None if gone is None else loop.create_task(gone())
        if leaving is not None:
            leaving.add_done_callback(lambda _: self._refuse(client, turn, GoneError))

        def too_late() -> None:
            left = leaving is not None and leaving.done()  # where the loop was late itself
            self._refuse(client, turn, GoneError if left else NoTurnError)

        timer = loop.call_later(self._config.patience_s, too_late)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._leave(client, turn)
            elif turn.exception() is None:  # it was given in the same moment
                self._end(client, 0.0)
            raise
        finally:
            timer.cancel()
            if leaving is not None:
                leaving.cancel()

    def _give(self) -> None:
        """Give turns while there are any and somebody may have one."""
        while self._waiting and self._under_way < self._config.at_once:
            ready = [
                one for one in self._clients.values() if one.waiting and one.under_way < self._each_at_once
            ]
            if not ready:
                return
            client = min(ready, key=lambda one: (one.under_way, one.charged))
            # The least that anybody who waits was charged. It never falls.
            self._virtual = max(self._virtual, min(one.charged for one in ready))
            turn = client.waiting[0]
            self._leave(client, turn)
            if not turn.done():  # or else who waited for it has just gone
                self._count(client)
                turn.set_result(None)

    def _count(self, client: _Client) -> None:
        client.under_way += 1
        self._under_way += 1
        self._moved = self._monotonic()

    def _make_room(self, newcomer: _Client) -> None:
        """Take its place from the newest request of whoever has most; of equals, was charged most, came last.

        It is told when its patience ends. Told at once, a flood would be back at once, and refusing is work.
        """
        most = newcomer
        if self._waiting > self._config.waiting:
            most = max(
                (one for one in reversed(self._clients.values()) if one.waiting),
                key=lambda one: (len(one.waiting) + one.under_way, one.charged),
            )
        elif len(newcomer.waiting) <= self._config.waiting_each:
            return
        self._leave(most, most.waiting[-1])

    def _refuse(self, client: _Client, turn: "asyncio.Future[None]", why: type[Exception]) -> None:
        if not turn.done():
            self._leave(client, turn)
            turn.set_exception(why())

    def _leave(self, client: _Client, turn: "asyncio.Future[None]") -> None:
        if turn in client.waiting:
            client.waiting.remove(turn)
            self._waiting -= 1

    def _forget(self) -> None:
        """Keep nobody who is gone and was charged no more than whoever comes anew.

        They are looked for when there are twice as many as were left the last time.
        """
        if not self._waiting and not self._under_way:
            self._clients.clear()
        elif len(self._clients) >= self._looked_through_at:
            start = self._start()
            self._clients = {
                name: one
                for name, one in self._clients.items()
                if one.waiting or one.under_way or one.charged > start
            }
            self._looked_through_at = max(FEW, 2 * len(self._clients))
