"""Servers killed while people follow and unfollow: nothing acknowledged is missing, they are back soon."""

import os
import random
import resource
import signal
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

import httpx
import pytest
from sqlalchemy import select

from tests.support.figures import Figure
from tests.support.load import PEOPLE, UNLIMITED, Load
from tests.support.operations import check_projections
from tests.support.people import MUTATIONS, Person
from tests.support.server import running
from webapp.gateway.tables import operations
from webapp.server.process.heartbeats import EVERY_S
from webapp.storage.database import Database
from webapp.upstream.client import DEADLINE_S

READY_WITHIN_S = 2.0
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="finds and limits processes as Linux has it")


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
    stored = checked_messages(server.database_url)
    figure("acknowledged and lost", len(load.acknowledged - stored), at_most=0, of=of)
    figure(
        "written and not yet answered", len(stored - load.acknowledged), at_most=kills * len(PEOPLE), of=of
    )
    figure("seconds until ready again, median", statistics.median(seconds), of=of, **promised(kills))


def promised(kills: int) -> dict[str, float]:
    """How soon is promised of the long run alone: in the short one, other tests share the machine."""
    return {"at_most": READY_WITHIN_S} if kills >= 100 else {}


def checked_messages(url: str) -> set[str]:
    """What these people signed, as the log of a database that is whole has it."""
    database = Database.open(url, create=False)
    check_projections(database)
    with database.read() as connection:
        if connection.dialect.name == "sqlite":
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
            closing(Database.open(server.database_url)) as other,
            other.write(alone=[operations]),
            ThreadPoolExecutor(8) as pool,
        ):
            until = time.monotonic() + held
            while time.monotonic() < until:
                answers = pool.map(load.follow_once, PEOPLE * 2)
                for seconds, code in answers:
                    slowest = max(slowest, seconds)
                    codes[code] += 1
        assert set(codes) == {"UNAVAILABLE"}
        assert {code for _, code in map(load.follow_once, PEOPLE)} == {"SUCCESS"}
    assert len(checked_messages(server.database_url)) == len(PEOPLE)
    figure("seconds until 503, slowest", round(slowest, 2), at_most=DEADLINE_S, of="a lock held for 30 s")


@LINUX
@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_t59_a_writer_that_is_killed_takes_nothing_acknowledged_along(
    kills: int, tmp_path: Path, figure: Figure
) -> None:
    """The server stays; who waited is told that the outcome is unknown, and the next follow is written."""
    dice = random.Random(2)  # noqa: S311 (a test's dice)
    with running(tmp_path, command="gateway", **UNLIMITED) as server:
        load = Load(server.graphql_url)
        load.register()
        with load.running():
            try:
                for _ in range(kills):
                    load.wait_for_more(dice.randrange(1, 60))
                    os.kill(server.writer(), signal.SIGKILL)
                load.wait_for_more(10)
            finally:
                server.stop()
    of = f"{kills} kills of a writer under load"
    stored = checked_messages(server.database_url)
    figure("acknowledged and lost", len(load.acknowledged - stored), at_most=0, of=of)
    assert set(load.answers) <= {"SUCCESS", "OUTCOME_UNKNOWN", "ALREADY_DONE"}
    assert load.answers["OUTCOME_UNKNOWN"] <= kills * len(PEOPLE)
    assert server.log.count("another takes its place") == kills


@LINUX
def test_a_writer_ends_with_a_server_that_was_killed(tmp_path: Path) -> None:
    """When its workers have ended, too: nothing that they have taken is left undone."""
    with running(tmp_path, command="gateway", **UNLIMITED) as server:
        Load(server.graphql_url).register()
        assert server._process is not None
        writer = os.pidfd_open(server.writer())
        os.kill(server._process.pid, signal.SIGKILL)
        with DefaultSelector() as waiting:
            waiting.register(writer, EVENT_READ)
            ended = waiting.select(30)
        os.close(writer)
    assert ended


@pytest.mark.sqlite
@LINUX
def test_a_writer_whose_disk_failed_is_replaced(tmp_path: Path) -> None:
    """A commit that fails is told; the writer ends, and the next one opens the file anew and serves."""
    with running(tmp_path, command="gateway", **UNLIMITED) as server:
        first = server.writer()
        alice = Person("alice")
        with httpx.Client(trust_env=False, base_url=server.url, timeout=30) as client:
            registered = mutation(client, "registerSigningKey", alice.registration())
            assert registered.json()["data"]["registerSigningKey"]["status"] == "SUCCESS"
            limit = resource.prlimit(first, resource.RLIMIT_FSIZE)
            resource.prlimit(first, resource.RLIMIT_FSIZE, (0, limit[1]))
            request = alice.request("follow", "shiyu", time.time_ns() // 1_000_000)
            failed = mutation(client, "follow", request)
            assert failed.status_code == 503
            assert failed.json()["errors"][0]["extensions"]["code"] == "OUTCOME_UNKNOWN"
            while (again := mutation(client, "follow", request)).status_code == 503:
                # It still came to the one that was ending.
                assert again.json()["errors"][0]["extensions"]["code"] == "OUTCOME_UNKNOWN"
            assert again.json()["data"]["follow"]["status"] in {"SUCCESS", "ALREADY_DONE"}
            assert client.get("/readyz").status_code == 200
        assert server.writer() != first


@pytest.mark.soak
@LINUX
def test_a_writer_that_hangs_is_replaced(tmp_path: Path) -> None:
    """Whoever waits is told so; a stopped process gives no signs of life."""
    with running(tmp_path, command="gateway", **UNLIMITED) as server:
        load = Load(server.graphql_url)
        load.register()
        threading.Event().wait(2 * EVERY_S)  # until it has given signs
        first = server.writer()
        os.kill(first, signal.SIGSTOP)
        _, answer = load.follow_once(PEOPLE[0])
        assert answer == "OUTCOME_UNKNOWN"
        _, answer = load.follow_once(PEOPLE[0])
        assert answer == "SUCCESS"
        assert server.writer() != first


def mutation(client: httpx.Client, op: str, request: dict[str, str]) -> httpx.Response:
    return client.post("/graphql", json={"query": MUTATIONS[op], "variables": {"input": request}})
