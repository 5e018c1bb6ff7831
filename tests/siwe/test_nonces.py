"""Nonces are known again by every process of one database, used once, and remembered for long enough."""

import re
from pathlib import Path

import pytest

from tests.support.databases import count, new_url
from tests.support.people import DAY, NOW
from tests.support.work import at_once
from webapp.siwe import nonces as module
from webapp.siwe.nonces import KEPT_MS, Nonces
from webapp.siwe.tables import used_nonces
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade

LIFETIME = 300_000


@pytest.fixture
def nonces(database: Database) -> Nonces:
    return Nonces(database)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many are always kept in a test."""
    monkeypatch.setattr(module, "ALWAYS_KEPT", 5)
    return 5


def test_a_seal_is_of_all_parts_and_of_their_borders(nonces: Nonces) -> None:
    sealed = [
        nonces.seal(*parts)
        for parts in (("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), ("a", "bc", 1), ("a", "bc", "1"))
    ]
    assert len(set(sealed)) == len(sealed)
    assert all(re.fullmatch(r"[a-z2-7]{32}", seal) for seal in sealed), "alphanumeric, as EIP-4361 has it"
    assert nonces.seal("a", "\ud800") != nonces.seal("a", "\ud801")


def test_every_process_of_a_database_seals_alike_and_no_other_does(tmp_path: Path) -> None:
    """Databases that were made by themselves: each has a key of its own."""
    seals = []
    urls = [new_url(tmp_path / name) for name in ("one", "other")]
    for url in (urls[0], *urls):
        database = Database.open(url)
        upgrade(database)
        seals.append(Nonces(database).seal("a"))
        database.close()
    assert seals[0] == seals[1] != seals[2]


def test_t02_of_many_at_once_one_uses_it(nonces: Nonces) -> None:
    heard = at_once(20, lambda _: nonces.use("a", 0, expires_at=NOW + LIFETIME, now=NOW))
    assert sorted(heard) == [False] * 19 + [True]


def test_each_series_is_numbered_by_itself(nonces: Nonces) -> None:
    for number in range(3):
        assert nonces.use("a", number, expires_at=NOW, now=NOW)
    assert nonces.use("b", 0, expires_at=NOW, now=NOW)
    assert nonces.next_numbers("c", "b", "a") == [0, 1, 3]


@pytest.mark.parametrize("away", [-400 * DAY, -KEPT_MS, KEPT_MS, 400 * DAY])
def test_t62_the_newest_stay_used_whatever_the_clock_says(
    away: int, nonces: Nonces, database: Database, few: int
) -> None:
    assert nonces.use("mine", 0, expires_at=NOW + LIFETIME, now=NOW)
    for number in range(few - 1):
        assert nonces.use("others", number, expires_at=NOW + away + LIFETIME, now=NOW + away)
    assert not nonces.use("mine", 0, expires_at=NOW + LIFETIME, now=NOW)
    assert count(database, used_nonces) == few


def test_t62_all_stay_used_for_long_after_they_ran_out(nonces: Nonces, few: int) -> None:
    """However many come after it: a clock that is set back by less brings none of them back."""
    assert nonces.use("mine", 0, expires_at=NOW, now=NOW)
    for number in range(3 * few):
        assert nonces.use("others", number, expires_at=NOW + KEPT_MS, now=NOW + KEPT_MS - 1)
    assert not nonces.use("mine", 0, expires_at=NOW, now=NOW - 1)


def test_t65_what_was_used_is_forgotten_in_the_end(nonces: Nonces, database: Database, few: int) -> None:
    for number in range(20 * few):
        now = NOW + number * KEPT_MS
        assert nonces.use("a", number, expires_at=now, now=now)
        assert count(database, used_nonces) <= few + 1
    assert nonces.next_numbers("a") == [20 * few]
