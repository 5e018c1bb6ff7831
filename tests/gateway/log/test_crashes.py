"""Servers killed while people follow and unfollow: nothing acknowledged is missing, they are back soon."""

import itertools
import random
import resource
import sqlite3
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from tests.support.figures import Figure
from tests.support.operations import check_projections
from tests.support.people import MUTATIONS, Person
from tests.support.server import running
from webapp.gateway.tables import operations
from webapp.server.replacement import YOUNGEST_S
from webapp.storage.database import Database
from webapp.upstream.client import DEADLINE_S

PEOPLE = [Person(f"person {number}") for number in range(4)]
UNLIMITED = {"SIGNER_QUOTA": "1000000", "ANONYMOUS_REQUESTS_PER_MINUTE": "1000000"}
READY_WITHIN_S = 2.0


class Load:
    """People who follow and unfollow for as long as a server answers.

    Attributes:
        acknowledged: Every message that was answered SUCCESS.
        answers: How often each status or code came.
    """

    def __init__(self, url: str) -> None:
        self.acknowledged: set[str] = set()
        self.answers: Counter[str] = Counter()
        self._url = url
        self._more = threading.Condition()

    def register(self) -> None:
        with httpx.Client(trust_env=False) as client:
            for person in PEOPLE:
                assert self._send(client, "registerSigningKey", person.registration()) == "SUCCESS"

    @contextmanager
    def running(self) -> Iterator[None]:
        """People act from here on; at the end they wait until nobody answers."""
        with ThreadPoolExecutor(len(PEOPLE)) as pool:
            acting = [pool.submit(self._act, person) for person in PEOPLE]
            yield
        for each in acting:
            each.result()

    def wait_for_more(self, number: int) -> None:
        """Wait until so many further messages were acknowledged."""
        with self._more:
            wanted = len(self.acknowledged) + number
            assert self._more.wait_for(lambda: len(self.acknowledged) >= wanted, 60), self.answers

    def follow_once(self, person: Person) -> tuple[float, str]:
        """Give the seconds that it took, and the status or code."""
        began = time.monotonic()
        with httpx.Client(trust_env=False, timeout=60) as client:
            request = person.request("follow", "shiyu", time.time_ns() // 1_000_000)
            answer = self._send(client, "follow", request)
        return time.monotonic() - began, answer

    def _act(self, person: Person) -> None:
        with httpx.Client(trust_env=False, timeout=30) as client:
            for op in itertools.cycle(("follow", "unfollow")):
                request = person.request(op, "shiyu", time.time_ns() // 1_000_000)
                try:
                    status = self._send(client, op, request)
                except httpx.TransportError:
                    return
                if status == "SUCCESS":
                    with self._more:
                        self.acknowledged.add(request["message"])
                        self._more.notify_all()

    def _send(self, client: httpx.Client, op: str, request: dict[str, str]) -> str:
        content = {"query": MUTATIONS[op], "variables": {"input": request}}
        reply = client.post(self._url, json=content).json()
        answer = (
            reply["errors"][0]["extensions"]["code"] if "errors" in reply else reply["data"][op]["status"]
        )
        self.answers[answer] += 1
        return str(answer)


@pytest.mark.parametrize("kills", [2, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_t59_what_was_acknowledged_survives_kill_9(kills: int, tmp_path: Path, figure: Figure) -> None:
    """The server and its worker killed in the middle of writing, started again, and killed again."""
    dice = random.Random(1)  # noqa: S311 (a test's dice)
    seconds = []
    with running(tmp_path, command="gateway", **UNLIMITED) as server:
        load = Load(server.graphql_url)
        load.register()
        for _ in range(kills):
            with load.running():
                load.wait_for_more(dice.randrange(1, 60))
                server.kill()
            with httpx.Client(trust_env=False, timeout=30) as client:
                began = time.monotonic()
                server.start()
                ready = client.get(f"{server.url}/readyz")
                seconds.append(time.monotonic() - began)
            assert ready.json() == {"status": "ok", "database": "ok"}
    of = f"{kills} kills of a server under load"
    stored = checked_messages(server.database)
    figure("acknowledged and lost", len(load.acknowledged - stored), at_most=0, of=of)
    figure(
        "written and not yet answered", len(stored - load.acknowledged), at_most=kills * len(PEOPLE), of=of
    )
    figure("seconds until ready again, median", statistics.median(seconds), of=of, **promised(kills))


def promised(kills: int) -> dict[str, float]:
    """How soon is promised of the long run alone: in the short one, other tests share the machine."""
    return {"at_most": READY_WITHIN_S} if kills >= 100 else {}


def checked_messages(path: Path) -> set[str]:
    """What these people signed, as the log of a file that is whole has it."""
    database = Database.open(f"sqlite:///{path}", create=False)
    check_projections(database)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        theirs = operations.c.address.in_([person.address for person in PEOPLE])
        stored = set(connection.scalars(select(operations.c.message).where(theirs)))
    database.close()
    return stored


@pytest.mark.soak
def test_t61_a_lock_that_is_held_for_thirty_seconds_is_answered_in_time(
    tmp_path: Path, figure: Figure
) -> None:
    """By another process's transaction: whoever writes meanwhile, eight at a time, hears 503 in time."""
    held = 30.0
    with running(tmp_path, command="gateway", **UNLIMITED) as server:
        load = Load(server.graphql_url)
        load.register()
        slowest, codes = 0.0, Counter[str]()
        with (
            closing(sqlite3.connect(server.database, isolation_level=None)) as other,
            ThreadPoolExecutor(8) as pool,
        ):
            other.execute("BEGIN IMMEDIATE")
            until = time.monotonic() + held
            while time.monotonic() < until:
                answers = pool.map(load.follow_once, PEOPLE * 2)
                for seconds, code in answers:
                    slowest = max(slowest, seconds)
                    codes[code] += 1
            other.execute("ROLLBACK")
        assert set(codes) == {"UNAVAILABLE"}
        assert {code for _, code in map(load.follow_once, PEOPLE)} == {"SUCCESS"}
    assert len(checked_messages(server.database)) == len(PEOPLE)
    figure("seconds until 503, slowest", round(slowest, 2), at_most=DEADLINE_S, of="a lock held for 30 s")


@pytest.mark.soak
@pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="a process's limits are set from outside on Linux"
)
def test_a_worker_whose_disk_failed_is_replaced(tmp_path: Path) -> None:
    """A commit that fails is told; the worker ends when it is old enough, and the next one serves."""
    with running(tmp_path, command="gateway", **UNLIMITED) as server:
        assert server._process is not None
        first = workers(server._process.pid)
        alice = Person("alice")
        with httpx.Client(trust_env=False, base_url=server.url, timeout=30) as client:
            registered = mutation(client, "registerSigningKey", alice.registration())
            assert registered.json()["data"]["registerSigningKey"]["status"] == "SUCCESS"
            for worker in first:
                limit = resource.prlimit(worker, resource.RLIMIT_FSIZE)
                resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, limit[1]))
            request = alice.request("follow", "shiyu", time.time_ns() // 1_000_000)
            failed = mutation(client, "follow", request)
            assert failed.status_code == 503
            assert failed.json()["errors"][0]["extensions"]["code"] == "OUTCOME_UNKNOWN"
        until = time.monotonic() + 6 * YOUNGEST_S
        while workers(server._process.pid) & first and time.monotonic() < until:
            threading.Event().wait(0.05)
        with httpx.Client(trust_env=False, base_url=server.url, timeout=30) as client:
            again = mutation(client, "follow", request)
            assert again.json()["data"]["follow"]["status"] in {"SUCCESS", "ALREADY_DONE"}
            assert client.get("/readyz").status_code == 200
        assert not workers(server._process.pid) & first


def mutation(client: httpx.Client, op: str, request: dict[str, str]) -> httpx.Response:
    return client.post("/graphql", json={"query": MUTATIONS[op], "variables": {"input": request}})


def workers(supervisor: int) -> set[int]:
    """The processes that a server has started, as Linux lists them."""
    listed = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text()
    return {int(pid) for pid in listed.split()}
