"""API keys: shown once, kept as digests, dead from the moment of their revocation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.people import NOW, Ticker, Wallet
from tests.support.work import looks_through
from webapp.applications.api_keys import LONGEST_NAME, MOST_KEYS_OF_OWNER, MOST_REVOKED_SHOWN, ApiKeys
from webapp.applications.errors import ApplicationNameError, TooManyKeys
from webapp.protocol.address import Address
from webapp.storage.database import Database

ALICE, BOB = (Address.parse(Wallet(name).address) for name in ("alice", "bob"))


@pytest.fixture
def keys(database: Database, clock: Ticker) -> ApiKeys:
    return ApiKeys(database, clock)


def test_a_key_finds_its_application(keys: ApiKeys) -> None:
    first, second = keys.create("first", ALICE), keys.create("second")
    assert keys.find(first.text) == first.application
    assert keys.find(second.text) == second.application
    assert first.application.prefix == first.text[:10]
    assert (first.application.owner, second.application.owner) == (ALICE, None)
    assert first.text not in repr(first)


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda key: key[:-1], lambda key: f"{key} "])
def test_nothing_else_is_the_key(change: Callable[[str], str], keys: ApiKeys) -> None:
    made = keys.create("app")
    assert keys.find(change(made.text)) is None


@pytest.mark.parametrize("key", ["", "cs_", "cs_" + "é" * 43, "cs_" + "a" * 43, "' or 1=1 --", "\ud800"])
def test_what_was_never_a_key_is_none(key: str, keys: ApiKeys) -> None:
    assert keys.find(key) is None


def test_no_key_stands_in_the_database(keys: ApiKeys, database: Database, tmp_path: Path) -> None:
    """A copy of the file opens nothing."""
    text = keys.create("app").text
    database.close()
    for file in tmp_path.iterdir():
        assert text.encode() not in file.read_bytes()
        assert text.encode()[11:] not in file.read_bytes()


def test_a_revoked_key_is_dead_at_once_and_stays_so(keys: ApiKeys, database: Database, clock: Ticker) -> None:
    """In another process too: nothing is remembered of a key between two requests."""
    elsewhere = ApiKeys(database, clock)
    made = keys.create("app", ALICE)
    assert elsewhere.find(made.text) is not None
    revoked = keys.revoke(made.application.id)
    assert revoked is not None
    assert revoked.revoked_at == NOW
    assert elsewhere.find(made.text) is None
    clock.now += 1000
    assert keys.revoke(made.application.id) == revoked


def test_owners_see_and_revoke_their_own_alone(keys: ApiKeys) -> None:
    made = keys.create("app", ALICE)
    assert keys.revoke(made.application.id, BOB) is None
    assert keys.of_owner(BOB) == ([], 0)
    assert keys.find(made.text) == made.application
    assert keys.of_owner(ALICE) == ([made.application], 0)
    assert keys.revoke(made.application.id, ALICE) is not None
    assert keys.revoke("nothing", ALICE) is None


def test_the_newest_is_listed_first_and_the_revoked_too(keys: ApiKeys, clock: Ticker) -> None:
    made = []
    for number in range(3):
        clock.now += 1
        made.append(keys.create(f"app {number}", ALICE).application)
    keys.revoke(made[1].id)
    newest_first = [each.id for each in reversed(made)]
    assert [each.id for each in keys.all()] == newest_first
    assert [each.id for each in keys.of_owner(ALICE)[0]] == newest_first


def test_of_the_revoked_the_newest_hundred_are_shown_and_of_the_live_all(
    keys: ApiKeys, clock: Ticker
) -> None:
    """Whoever makes and revokes without end makes no answer without end, and hides no key that works."""
    oldest = keys.create("still in use", ALICE).application
    made = []
    for _ in range(MOST_REVOKED_SHOWN + 3):
        clock.now += 1
        made.append(keys.create("app", ALICE).application.id)
        keys.revoke(made[-1])
    keys.create("app", BOB)
    shown, omitted = keys.of_owner(ALICE)
    assert [each.id for each in shown] == [*reversed(made[3:]), oldest.id]
    assert omitted == 3
    assert len(keys.all()) == MOST_REVOKED_SHOWN + 5


def test_all_of_an_owner_go_at_once_and_nobody_else_s(
    keys: ApiKeys, database: Database, clock: Ticker
) -> None:
    """Revoked ones too, with their names; and again there is nothing to delete."""
    gone, old = keys.create("gone", ALICE), keys.create("old", ALICE)
    keys.revoke(old.application.id)
    others = [keys.create("bob's", BOB), keys.create("made in a terminal")]
    assert (keys.delete_all(ALICE), keys.delete_all(ALICE)) == (2, 0)
    elsewhere = ApiKeys(database, clock)
    assert elsewhere.find(gone.text) is None
    assert elsewhere.of_owner(ALICE) == ([], 0)
    assert [elsewhere.find(each.text) for each in others] == [each.application for each in others]


def test_they_are_found_by_an_index(database: Database) -> None:
    """However many keys others have."""
    with database.read() as connection:
        assert not looks_through(connection, "DELETE FROM api_keys WHERE owner_address = 'x' RETURNING id")


def test_an_owner_has_so_many_live_keys(keys: ApiKeys) -> None:
    made = [keys.create("app", ALICE) for _ in range(MOST_KEYS_OF_OWNER)]
    with pytest.raises(TooManyKeys, match="at most"):
        keys.create("app", ALICE)
    keys.create("app", BOB)
    keys.revoke(made[0].application.id)
    keys.create("app", ALICE)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\u202eb", " a", "\u3164", "x" * (LONGEST_NAME + 1)])
def test_a_name_is_one_line_of_text(name: str, keys: ApiKeys) -> None:
    with pytest.raises(ApplicationNameError, match=r"^name: expected"):
        keys.create(name)
    assert keys.all() == []


def test_use_is_noted_once_a_minute(keys: ApiKeys) -> None:
    made = keys.create("app").application
    for at, noted in ((NOW, NOW), (NOW + 59_999, NOW), (NOW + 60_000, NOW + 60_000), (NOW, NOW + 60_000)):
        keys.note_use(made.id, at)
        assert keys.all()[0].last_used_at == noted
