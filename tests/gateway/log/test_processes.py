"""Two server processes write one pair's log at once: what each was answered is what the log says."""

import subprocess
import sys
import time
from bisect import bisect_right
from contextlib import ExitStack

import pytest
from sqlalchemy import select

from tests.support.figures import Figure
from tests.support.operations import check_projections
from tests.support.people import Client, Person
from tests.support.places import ROOT
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.tables import operations
from webapp.storage.database import Database

KEPT = ("SUCCESS", "ALREADY_DONE")
"""Answers after which no older message may be accepted; SUCCESS alone is a row of the log."""


@pytest.mark.parametrize(
    "rounds", [150, pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_t44_of_two_processes_the_newest_intent_holds(
    rounds: int, database: Database, client: Client, figure: Figure
) -> None:
    """Each follows and unfollows as it likes, a few milliseconds early or late: times cross all the while.

    What was verified and answered holds from its time on: of what was accepted up to then, the last says so.
    """
    client.clock.now = time.time_ns() // 1_000_000
    assert client.register(Person("alice")) == "SUCCESS"
    with ExitStack() as both:
        processes = [
            both.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.support.compete", database.url, str(rounds), str(seed)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for seed in (1, 2)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        lines = [line for process in processes for line in process.communicate()[0].splitlines()]
        assert [process.returncode for process in processes] == [0, 0]
    answers = [(op, int(ts), status) for op, ts, status in (line.split() for line in lines)]
    assert len(answers) == 2 * rounds
    assert {status for _, _, status in answers} <= {*KEPT, "MESSAGE_EXPIRED", "UNAVAILABLE"}
    kept = [(ts, op) for op, ts, status in answers if status in KEPT]

    with database.read() as connection:
        log = [(row.ts, row.op) for row in connection.execute(select(operations).order_by("position"))]
    times = [ts for ts, _ in log]
    contradicted = [(ts, op) for ts, op in kept if [("", "unfollow"), *log][bisect_right(times, ts)][1] != op]
    of = f"2 processes x {rounds:,}"
    figure("answers that the log contradicts", len(contradicted), at_most=0, of=of)
    figure("told that the database was busy", sum(status == "UNAVAILABLE" for *_, status in answers), of=of)
    assert sorted(log) == log
    assert sorted((ts, op) for op, ts, status in answers if status == "SUCCESS") == log
    check_projections(database)
    assert compare_projections(database).equal
    following = client.profile("shiyu", Person("alice").address)["isFollowedByMe"]
    assert following is (max(kept)[1] == "follow")
