"""Requests counted and written down a moment later: all of them, from whichever thread."""

import logging
import threading
from typing import Any

import pytest

from tests.support.work import at_once
from webapp.server.record.answered import AnsweredRequests
from webapp.server.record.request_line import RequestIds, identified

REQUESTS, THREADS = 200, 8
HEAD = {"REQUEST_METHOD": "POST", "PATH_INFO": "/x", "REMOTE_ADDR": "192.0.2.7"}


class Counted:
    """Counts as metrics do."""

    def __init__(self) -> None:
        self.in_flight = self.lowest = 0
        self.statuses: list[int | None] = []

    def change_in_flight(self, by: int) -> None:
        self.in_flight += by
        self.lowest = min(self.lowest, self.in_flight)

    def observe(self, method: str, status: int | None, seconds: float) -> None:
        assert method == "POST"
        assert seconds >= 0
        self.statuses.append(status)


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def answered(counted: Counted) -> AnsweredRequests:
    return AnsweredRequests(counted, logging.getLogger("test.requests"))


def ok(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return []


def test_none_is_lost_among_threads(
    answered: AnsweredRequests, counted: Counted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ids = iter(range(1_000_000))
    application = answered.of(identified(ok, RequestIds(lambda size: f"{next(ids):012}" * (size // 9))))

    def ask(_: int) -> None:
        for _ in range(REQUESTS):
            assert list(application(dict(HEAD), lambda *_: lambda _: None)) == []
            answered.flush()

    at_once(THREADS, ask)
    answered.flush()
    assert counted.statuses == [200] * (THREADS * REQUESTS)
    assert (counted.in_flight, counted.lowest) == (0, 0)
    assert len([record for record in caplog.records if record.name == "test.requests"]) == THREADS * REQUESTS


def test_what_is_under_way_is_in_flight(answered: AnsweredRequests, counted: Counted) -> None:
    begun, held = threading.Event(), threading.Event()

    def waits(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        begun.set()
        held.wait(20)
        return ok(environ, start_response)

    asking = threading.Thread(target=answered.of(waits), args=(dict(HEAD), lambda *_: None))
    asking.start()
    begun.wait(20)
    answered.flush()
    assert counted.in_flight == 1
    held.set()
    asking.join(20)
    answered.flush()
    assert counted.in_flight == 0


def test_what_fails_is_counted_and_no_answer_of_it_written_down(
    answered: AnsweredRequests, counted: Counted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def fails(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        raise RuntimeError("canary")

    with pytest.raises(RuntimeError, match="canary"):
        answered.of(fails)(dict(HEAD), lambda *_: lambda _: None)
    answered.flush()
    assert counted.statuses == [None]
    assert counted.in_flight == 0
    assert not caplog.records
