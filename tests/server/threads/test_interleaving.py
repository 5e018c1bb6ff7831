"""Calls that share a thread: each waits by itself, and none of them hears of another."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest

from tests.support.adapters import adapter, asked, scope
from webapp.app import create_app
from webapp.server.answers.metrics import Metrics
from webapp.server.front.adapter import CollectingConfig
from webapp.server.threads.interleaving import TOLD_AT_ONCE, Interleaving, answer_to
from webapp.settings.environment import Settings
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade

Answered = Callable[[object], None]


@pytest.fixture
def interleaving() -> Iterator[Interleaving]:
    made = Interleaving("test")
    yield made
    made.close()


@pytest.fixture
def waiting() -> list[Answered]:
    """Who waits for an answer, in the order in which they came."""
    return []


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (another thread changes it)
            await asyncio.sleep(0.001)


def test_while_one_waits_the_next_goes_on_in_the_same_thread(
    interleaving: Interleaving, waiting: list[Answered]
) -> None:
    def waits() -> tuple[str, int]:
        return answer_to(waiting.append), threading.get_ident()

    async def story() -> None:
        first, second = (asyncio.create_task(interleaving.run(waits)) for _ in range(2))
        await until(lambda: len(waiting) == 2)
        thread = await interleaving.run(threading.get_ident)
        waiting[1]("to the second")
        assert await second == ("to the second", thread)
        assert not first.done()
        waiting[0]("to the first")
        assert await first == ("to the first", thread)
        assert thread != threading.get_ident()

    asyncio.run(story())


def test_what_a_call_raises_is_its_own(interleaving: Interleaving, waiting: list[Answered]) -> None:
    """Before it waits, behind that, and where what it would wait for does not begin."""

    def refuses(_answered: Answered) -> None:
        raise ValueError("not begun")

    def behind() -> None:
        answer_to(waiting.append)
        raise ValueError("behind")

    async def story() -> None:
        with pytest.raises(ValueError, match="not begun"):
            await interleaving.run(lambda: answer_to(refuses))
        failing = asyncio.create_task(interleaving.run(behind))
        await until(lambda: bool(waiting))
        assert await interleaving.run(lambda: "another") == "another"
        waiting[0](None)
        with pytest.raises(ValueError, match="behind"):
            await failing

    asyncio.run(story())


def test_each_call_has_a_context_of_its_own(interleaving: Interleaving, waiting: list[Answered]) -> None:
    """As Flask keeps a request in: nobody's is another's, whoever went on in between."""
    mine: ContextVar[str] = ContextVar("mine", default="nobody's")

    def call(name: str) -> tuple[str, str]:
        before = mine.get()
        mine.set(name)
        answer_to(waiting.append)
        return before, mine.get()

    async def story() -> None:
        calls = [asyncio.create_task(interleaving.run(partial(call, name))) for name in "abc"]
        await until(lambda: len(waiting) == 3)
        for answered in reversed(waiting):
            answered(None)
        assert await asyncio.gather(*calls) == [("nobody's", name) for name in "abc"]

    asyncio.run(story())


def test_who_has_ended_is_told_though_others_always_go_on(interleaving: Interleaving) -> None:
    """One call is answered as soon as it waits, again and again."""
    is_over = threading.Event()

    def goes_on() -> None:
        while not is_over.is_set():
            answer_to(lambda answered: answered(None))

    async def story() -> None:
        busy = asyncio.create_task(interleaving.run(goes_on))
        async with asyncio.timeout(20):
            await asyncio.gather(*(interleaving.run(lambda: None) for _ in range(TOLD_AT_ONCE)))
        is_over.set()
        await busy

    try:
        asyncio.run(story())
    finally:
        is_over.set()


def test_who_has_gone_is_not_told_and_its_call_ends_all_the_same(
    interleaving: Interleaving, waiting: list[Answered], caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[object] = []

    async def story() -> None:
        going = asyncio.create_task(interleaving.run(lambda: ended.append(answer_to(waiting.append))))
        await until(lambda: bool(waiting))
        going.cancel()
        await asyncio.wait([going])
        waiting[0]("an answer")
        assert await interleaving.run(lambda: "another") == "another"

    asyncio.run(story())
    assert ended == ["an answer"]
    assert not caplog.records


def test_an_end_waits_for_calls_that_wait(waiting: list[Answered]) -> None:
    interleaving, ended = Interleaving("test"), list[object]()

    async def story() -> None:
        call = asyncio.create_task(interleaving.run(lambda: ended.append(answer_to(waiting.append))))
        await until(lambda: bool(waiting))
        closing = asyncio.create_task(asyncio.to_thread(interleaving.close))
        await asyncio.sleep(0.01)
        assert not closing.done()
        waiting[0]("an answer")
        await asyncio.gather(call, closing)

    asyncio.run(story())
    assert ended == ["an answer"]


def test_elsewhere_a_thread_waits(waiting: list[Answered]) -> None:
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(answer_to(waiting.append)))
    thread.start()
    while not waiting:
        threading.Event().wait(0.001)
    waiting[0]("an answer")
    thread.join(20)
    assert got == ["an answer"]


def test_requests_that_wait_for_the_writer_hold_no_thread(waiting: list[Answered]) -> None:
    """More than there are threads wait, and whatever else is asked is answered."""

    def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = answer_to(waiting.append) if environ["PATH_INFO"] == "/follow" else b"at once"
        start_response("200 OK", [])
        return [body]

    config = CollectingConfig(2, 10, 10_000, interleaved=frozenset({"/follow"}))
    served = adapter(wsgi, config)

    async def told(path: bytes) -> bytes:
        [_, body] = await asked(served, scope(path=path))
        return bytes(body["body"])

    async def story() -> None:
        follows = [asyncio.create_task(told(b"/follow")) for _ in range(5)]
        try:
            await until(lambda: len(waiting) == 5)
            assert await told(b"/x") == b"at once"
        finally:
            for number, answered in enumerate(waiting):
                answered(b"%d" % number)
        assert sorted(await asyncio.gather(*follows)) == [b"%d" % number for number in range(5)]
        await asked(served, {"type": "lifespan"}, phases().__anext__)

    asyncio.run(story())


async def phases() -> Any:
    yield {"type": "lifespan.startup"}
    yield {"type": "lifespan.shutdown"}


FOLLOWS = {"/api/follow", "/api/unfollow"}


@pytest.mark.parametrize(
    ("elsewhere", "paths"),
    [
        ({}, FOLLOWS),
        ({"REDIS_URL": "redis://127.0.0.1:1"}, set()),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, set()),
        ({"UPSTREAM_URL": "https://gateway.example/graphql"}, set()),
    ],
)
def test_follows_share_a_thread_where_nothing_is_asked_over_a_network(
    elsewhere: dict[str, str], paths: set[str], tmp_path: Any
) -> None:
    """Whoever waits for a network there has everybody wait."""
    database = Database.open(f"sqlite:///{tmp_path}/x.sqlite3")
    upgrade(database)
    database.close()
    made = create_app(Settings.from_env({"DATABASE_URL": database.url, **elsewhere}), Metrics())
    assert made.interleaved == paths
    made.close()
