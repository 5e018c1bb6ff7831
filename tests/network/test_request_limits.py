"""Counting requests in this process: exactly, from many threads, and without keeping who is long gone."""

import random

import pytest
from limits import RateLimitItemPerMinute

from tests.support.minutes import Frozen
from tests.support.work import at_once
from webapp.network.request_limits import OwnCounts

START = 1_795_460_000.0
THREE = RateLimitItemPerMinute(3)


@pytest.fixture
def frozen(frozen: Frozen) -> Frozen:
    frozen.now = START - START % 60
    return frozen


def test_many_threads_spend_exactly_what_there_is() -> None:
    """As many as there may be, none fails, and nobody takes another's."""
    counts, limit = OwnCounts(), RateLimitItemPerMinute(500)
    spent = at_once(16, lambda n: [counts.spend(limit, "client", str((n + i) % 2)) for i in range(200)])
    outcomes = [each for ones in spent for each in ones]
    assert len(outcomes) == 3200
    assert 1000 <= outcomes.count(None) <= 2000, "two clients' 500, twice where a minute ends meanwhile"


def test_what_a_minute_had_fades_in_the_next(frozen: Frozen) -> None:
    counts = OwnCounts()
    assert [counts.spend(THREE, "a") for _ in range(4)] == [None, None, None, 61]
    frozen.now += 61
    assert counts.spend(THREE, "a") is None, "a little of the three has faded"
    assert counts.spend(THREE, "a") == 20
    frozen.now += 19
    assert counts.spend(THREE, "a") == 1
    frozen.now += 1
    assert counts.spend(THREE, "a") is None
    frozen.now += 120
    assert [counts.spend(THREE, "a") for _ in range(3)] == [None, None, None]
    frozen.now -= 3600
    assert counts.spend(THREE, "a") is None, "a clock that is set back shuts nobody out"


@pytest.mark.parametrize("seed", range(20))
def test_who_comes_when_told_is_let_in_and_who_comes_sooner_is_not(frozen: Frozen, seed: int) -> None:
    dice, counts = random.Random(seed), OwnCounts()  # noqa: S311 (a test's dice)
    limit = RateLimitItemPerMinute(dice.randrange(1, 40))
    for _ in range(200):
        frozen.now += dice.random() * 5
        told = counts.spend(limit, "a")
        if told is not None:
            if told > 1:
                frozen.now += told - 1.001
                assert counts.spend(limit, "a") is not None
                frozen.now += 1.002
            else:
                frozen.now += 1.001
            assert counts.spend(limit, "a") is None


def test_who_is_long_gone_is_forgotten(frozen: Frozen) -> None:
    counts = OwnCounts()
    for number in range(1000):
        counts.spend(THREE, str(number))
    frozen.now += 60
    counts.spend(THREE, "a")
    assert len(counts._windows) == 1001
    frozen.now += 120
    counts.spend(THREE, "b")
    assert len(counts._windows) == 1
