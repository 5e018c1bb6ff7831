"""Turns by client: a flood waits for itself, and what cannot be answered is told to come back."""

import asyncio
import contextlib
import random
from typing import Any

import pytest

from tests.support.adapters import Waiting
from webapp.server.front.turns import GoneError, NoTurnError, Turns, TurnsConfig


class Desk:
    """Answers when the test says so, and notes in which order."""

    def __init__(self, **config: Any) -> None:
        self.now = 0.0
        asyncio.get_running_loop().time = lambda: self.now  # type: ignore[method-assign]  # patience ends by it
        self.turns = Turns(
            TurnsConfig(**{"at_once": 1, "patience_s": 1e6} | config),
            waiting=Waiting(),
            monotonic=lambda: self.now,
        )
        self.begun: list[str] = []
        self.refused: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def ask(self, *names: str) -> None:
        """Requests named for their clients: `a1`, `a2` are of client `a`."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self._asking[name] = asyncio.create_task(self._ask(name))
            await settled()

    async def _ask(self, name: str) -> None:
        try:
            await self.turns.during(name[0], lambda: self._work(name))
        except NoTurnError:
            self.refused.append(name)

    async def _work(self, name: str) -> None:
        self.begun.append(name)
        await self._ends[name].wait()

    async def end(self, name: str, after: float = 1.0) -> None:
        self.now += after
        self._ends[name].set()
        await settled()

    async def leave(self, name: str) -> None:
        self._asking[name].cancel()
        await settled()

    async def lose_patience(self) -> None:
        self.now += 1e7
        await settled()

    async def end_all(self) -> None:
        """One by one, each as long as the others, in the order in which they begin."""
        while begun := [name for name in self.begun if not self._ends[name].is_set()]:
            await self.end(begun[0])
        await self.lose_patience()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)


async def settled() -> None:
    """Let everything happen that can."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_who_comes_later_is_next_whatever_another_has_waiting() -> None:
    async def story() -> None:
        desk = Desk()
        await desk.ask(*(f"a{number}" for number in range(20)))
        await desk.end("a0")
        await desk.ask("b0")
        await desk.end("a1")
        assert desk.begun[-1] == "b0"
        await desk.end_all()
        assert len(desk.begun) == 21
        assert desk.refused == []

    asyncio.run(story())


def test_clients_take_turns_by_the_time_that_their_requests_take() -> None:
    """One whose requests take five times as long has a fifth of the turns."""

    async def story() -> None:
        desk = Desk()
        await desk.ask("a0", *(f"{client}{number}" for number in range(1, 40) for client in "ab"))
        for turn in range(40):
            name = desk.begun[turn]
            await desk.end(name, 5.0 if name[0] == "a" else 1.0)
        turns = "".join(name[0] for name in desk.begun)
        assert turns.count("b") >= 4 * turns.count("a")
        assert turns.count("a") >= 5

    asyncio.run(story())


def test_who_was_away_has_saved_nothing_up() -> None:
    """`b` comes back when `a` has asked for long: it is a few turns ahead, and then they alternate."""

    async def story() -> None:
        desk = Desk()
        await desk.ask("b0")
        await desk.end("b0")
        await desk.ask(*(f"a{number}" for number in range(80)))
        for number in range(50):
            await desk.end(f"a{number}")
        await desk.ask(*(f"b{number}" for number in range(1, 31)))
        await desk.end("a50")
        await desk.end_all()
        following = [name[0] for name in desk.begun[52:72]]
        assert following[0] == "b"
        assert 6 <= following.count("a") <= 10

    asyncio.run(story())


def test_who_comes_seldom_waits_for_nobody_who_asks_all_the_time() -> None:
    """Fifty clients ask without end, now cheaply, now dearly: one that comes now and then is soon next."""

    async def story() -> None:
        dice = random.Random(1)  # noqa: S311 (a test's dice)
        desk = Desk()
        busy = [chr(0x4E00 + number) for number in range(50)]
        await desk.ask(*(f"{client}0" for client in busy))
        for turn in range(1200):
            under_way = desk.begun[-1]
            if turn % 200 == 100:
                await desk.ask(f"a{turn}")
            if under_way[0] != "a":
                await desk.ask(f"{under_way[0]}{turn + 1}")
            await desk.end(under_way, dice.uniform(0.1, 1.0))
            if turn % 200 == 110:
                assert f"a{turn - 10}" in desk.begun[-11:]

    asyncio.run(story())


def test_newcomers_pass_nobody_for_ever() -> None:
    """Each turn brings a client that was never seen before; who was here first is answered all the same."""

    async def story() -> None:
        desk = Desk()
        await desk.ask("a0", "b0", "a1", "a2")
        for turn in range(200):
            await desk.ask(chr(0x4E00 + turn))
            await desk.end(desk.begun[-1])
        assert {"a1", "a2", "b0"} <= set(desk.begun)

    asyncio.run(story())


def test_no_client_alone_has_all_threads() -> None:
    async def story() -> None:
        desk = Desk(at_once=3)
        await desk.ask("a0", "a1", "a2", "a3", "b0")
        assert desk.begun == ["a0", "a1", "b0"]
        await desk.end("b0")
        assert desk.begun == ["a0", "a1", "b0"]
        await desk.end_all()

    asyncio.run(story())


def test_when_all_places_are_taken_the_longest_queue_gives_one_up() -> None:
    async def story() -> None:
        desk = Desk(waiting=4)
        await desk.ask("a0", "a1", "a2", "a3", "b0", "c0")  # costs a3 its place
        await desk.ask("a4")  # its own
        await desk.ask("d0", "e0", "f0")  # a2's, a1's, and of equals that of the last to come
        await desk.end_all()
        assert sorted(desk.begun) == ["a0", "b0", "c0", "d0", "e0"]
        assert sorted(desk.refused) == ["a1", "a2", "a3", "a4", "f0"]

    asyncio.run(story())


def test_one_client_has_not_all_places() -> None:
    async def story() -> None:
        desk = Desk(waiting_each=2)
        await desk.ask("a0", "a1", "a2", "a3", "b0")
        await desk.end_all()
        assert desk.begun == ["a0", "b0", "a1", "a2"]
        assert desk.refused == ["a3"]

    asyncio.run(story())


def test_nobody_waits_longer_than_there_is_patience_and_nobody_is_told_sooner() -> None:
    async def story() -> None:
        desk = Desk(patience_s=5.0, waiting=2)
        await desk.ask("a0", "a1", "b0", "c0")
        desk.now = 4.0
        await desk.ask("d0", "e0")
        assert desk.refused == []
        desk.now = 6.0
        await settled()
        assert sorted(desk.refused) == ["a1", "b0", "c0"]
        await desk.end("a0", 0.0)
        assert desk.begun == ["a0"], "d0 and e0 came when all places were taken"
        await desk.ask("b1")
        await desk.end_all()
        assert desk.begun == ["a0", "b1"]
        assert sorted(desk.refused) == ["a1", "b0", "c0", "d0", "e0"]

    asyncio.run(story())


def test_who_has_gone_is_told_nothing_though_the_loop_hears_late_of_it() -> None:
    """Their patience and their going are found in one round of a loop that stood still."""

    async def gone() -> None:
        """At once."""

    async def story() -> None:
        desk = Desk(patience_s=5.0)
        await desk.ask("a0")
        waiting = asyncio.create_task(desk.turns.during("b", lambda: desk._work("b0"), gone))

        def stand_still() -> None:
            desk.now = 6.0

        asyncio.get_running_loop().call_soon(stand_still)
        with pytest.raises(GoneError):
            await waiting
        await desk.end_all()

    asyncio.run(story())


@pytest.mark.parametrize("moments", range(8))
def test_who_leaves_takes_no_turn_with_them(moments: int) -> None:
    """Neither before, nor in the very moments in which it is given one, nor after."""

    async def story() -> None:
        desk = Desk()
        await desk.ask("a0", "a1", "b0", "c0")
        await desk.leave("a1")
        desk._ends["a0"].set()
        for _ in range(moments):
            await asyncio.sleep(0)
        await desk.leave("b0")
        await desk.ask("d0")
        await desk.end_all()
        assert [name for name in desk.begun if name != "b0"] == ["a0", "c0", "d0"]

    asyncio.run(story())


def test_it_shows_when_nothing_moves_any_more() -> None:
    async def story() -> None:
        desk = Desk(at_once=3)
        desk.now = 50.0
        await desk.ask("a0")
        desk.now = 100.0
        assert desk.turns.stalled_s() == 0.0, "there is a turn for whoever comes"
        await desk.ask("a1")
        desk.now = 170.0
        assert desk.turns.stalled_s() == 70.0
        await desk.end("a0", 0.0)
        await desk.ask("a2")
        assert desk.turns.stalled_s() == 0.0
        await desk.end_all()

    asyncio.run(story())


@pytest.mark.parametrize("clients", [1, 300])
def test_what_is_kept_of_clients_ends_with_their_requests(clients: int) -> None:
    async def story() -> None:
        turns = Turns(TurnsConfig(at_once=4), waiting=Waiting())

        async def ask(name: str) -> None:
            with contextlib.suppress(NoTurnError):
                await turns.during(name, lambda: asyncio.sleep(0))

        for batch in range(3):
            await asyncio.gather(*(ask(f"{batch}-{number}") for number in range(clients)))
        await turns.during("last", lambda: asyncio.sleep(0))
        assert len(turns._clients) < 10

    asyncio.run(story())
