"""Request limits that several processes share, with a real Redis, and without it when it goes away."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis
from limits import RateLimitItemPerMinute

from tests.support.ports import free_port
from tests.support.redis_server import Redis
from webapp.network.request_limits import SHARED_AGAIN_S, RequestLimits

THREE = RateLimitItemPerMinute(3)


@pytest.fixture
def server() -> Iterator[Redis]:
    made = Redis(free_port())
    made.start()
    yield made
    made.stop()


@dataclass
class Seconds:
    """A clock that stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_processes_share_their_counts(server: Redis) -> None:
    """A minute that ends in between leaves room for more: then its remains are counted by their weight."""
    one, another = RequestLimits(server.url), RequestLimits(server.url)
    spent = [each.spend(THREE, "client", "a") for _ in range(3) for each in (one, another)]
    assert spent[:2] == [None, None]
    waits = [wait for wait in spent if wait is not None]
    assert len(waits) >= 2
    assert all(1 <= wait <= 60 for wait in waits)
    assert another.spend(THREE, "client", "b") is None


def test_while_redis_is_away_each_process_counts_for_itself(
    server: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """It is left alone for a while, found again, and its URL, which has a password, stands in no log."""
    clock = Seconds()
    url = server.url.replace("//", "//:canary@")
    limits = RequestLimits(server.url, monotonic=clock)
    assert limits.spend(THREE, "client", "a") is None
    server.stop()
    with caplog.at_level(logging.WARNING):
        assert [limits.spend(THREE, "client", "c") is None for _ in range(2)] == [True, True]
        assert RequestLimits(url).spend(THREE, "client", "a") is None
    assert len(caplog.records) == 2
    assert "canary" not in caplog.text
    server.start()
    assert limits.spend(THREE, "client", "d") is None
    with redis.Redis.from_url(server.url) as connection:
        assert connection.dbsize() == 0
        clock.now += SHARED_AGAIN_S
        assert limits.spend(THREE, "client", "d") is None
        assert connection.dbsize() == 1
