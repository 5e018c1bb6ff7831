"""The order of the whole log on PostgreSQL: numbers without gaps, whoever commits when."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from tests.support import keys
from tests.support.databases import add_profile, on_postgresql
from tests.support.people import Client, Person, Ticker
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.checks import BrokenLogError
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.log.sequencer import Sequencer
from webapp.storage.database import Database
from webapp.storage.postgresql import driver_of_postgresql

pytestmark = pytest.mark.postgresql


@pytest.fixture
def database() -> Iterator[Database]:
    with closing(on_postgresql()) as database:
        add_profile(database, "shiyu", Person("owner").address, 1)
        yield database


@pytest.fixture
def client(database: Database, clock: Ticker) -> Iterator[Client]:
    with closing(create_gateway(database, GatewayConfig(), clock)) as gateway:
        yield Client(gateway, clock)


@pytest.fixture
def sequencer(database: Database) -> Sequencer:
    return Sequencer(database)


def order(database: Database) -> list[tuple[int, str]]:
    """Numbers, and whose entries they are of."""
    with database.read() as connection:
        rows = connection.execute(text("SELECT position, address FROM log_order ORDER BY position"))
        return [(position, address) for position, address in rows]


def follow(connection: Connection, person: Person, sequence: int = 1) -> None:
    """Append an entry, as a batch does: with a number of the transaction's, then a place."""
    driver = driver_of_postgresql(connection)
    driver.execute("SELECT pg_current_xact_id()")
    driver.execute(
        "INSERT INTO operations SELECT %s, 'shiyu', %s, nextval('log_places'), 'follow', 1, 'm', 'd', 's', "
        "public_key, 'p', 'e', 1 FROM signing_keys WHERE address = %s",
        [person.address, sequence, person.address],
    )


def registered(client: Client, *names: str) -> list[Person]:
    people = [Person(name) for name in names]
    for person in people:
        assert client.register(person) == "SUCCESS"
    return people


def test_entries_about_pairs_and_keys_are_numbered_in_one_order(
    client: Client, database: Database, sequencer: Sequencer, alice: Person
) -> None:
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    assert keys.act(client, "rename", alice, alice.device, name="phone") == "SUCCESS"
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
    assert sequencer.number() == 3
    assert sequencer.number() == 0
    with database.read() as connection:
        rows = connection.execute(text("SELECT position, handle FROM log_order ORDER BY position")).all()
    assert [tuple(row) for row in rows] == [(1, "shiyu"), (2, ""), (3, "shiyu")]


def test_what_is_not_committed_has_no_number_and_is_not_passed_over(
    client: Client, database: Database, sequencer: Sequencer
) -> None:
    """However long it takes, and whoever commits meanwhile."""
    slow, quick, last = registered(client, "slow", "quick", "last")
    with ExitStack() as open_transactions:
        connection = open_transactions.enter_context(database.write())
        follow(connection, slow)
        with database.write() as other:
            follow(other, quick)
        for _ in range(4):
            sequencer.number()
        assert order(database) == [(1, quick.address)]
    for _ in range(4):
        sequencer.number()
    with database.write() as connection:
        follow(connection, last)
    sequencer.number()
    assert order(database) == [(1, quick.address), (2, slow.address), (3, last.address)]


def test_what_was_rolled_back_leaves_no_gap(client: Client, database: Database, sequencer: Sequencer) -> None:
    gone, stays = registered(client, "gone", "stays")
    with suppress(ZeroDivisionError), database.write() as connection:
        follow(connection, gone)
        raise ZeroDivisionError
    with database.write() as connection:
        follow(connection, stays)
    for _ in range(4):
        sequencer.number()
    assert order(database) == [(1, stays.address)]
    with database.read() as connection:
        seen = connection.execute(text("SELECT place FROM log_order_seen")).scalar_one()
        given = connection.execute(text("SELECT last_value FROM log_places")).scalar_one()
    assert seen == given  # so that the next look begins there


def test_one_numbers_at_a_time_and_another_goes_on(client: Client, database: Database) -> None:
    one, two = registered(client, "one", "two")
    first, second = Sequencer(database), Sequencer(database)
    with database.write() as connection:
        follow(connection, one)
    with suppress(ZeroDivisionError), database.write() as connection:
        driver = driver_of_postgresql(connection)
        driver.execute("SELECT pg_advisory_xact_lock(hashtextextended('the sequencer', 0))")
        assert first._number(driver, None)[0] == 1
        assert second.number() == 0  # another is at it
        raise ZeroDivisionError  # and dies half-way
    with database.write() as connection:
        follow(connection, two)
    assert second.number() == 2
    assert order(database) == [(1, one.address), (2, two.address)]


@pytest.mark.parametrize(
    "change",
    ["UPDATE log_order SET position = 7", "DELETE FROM log_order", "TRUNCATE log_order"],
)
def test_numbers_never_change(
    change: str, client: Client, database: Database, sequencer: Sequencer, alice: Person
) -> None:
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    sequencer.number()
    with pytest.raises(IntegrityError, match="log_order_keep"), database.write() as connection:
        connection.execute(text(change))


def test_a_number_that_is_missing_is_told(
    client: Client, database: Database, sequencer: Sequencer, alice: Person
) -> None:
    for op in ("follow", "unfollow", "follow"):
        assert client.act(op, alice, "shiyu") == "SUCCESS"
    for _ in range(4):
        sequencer.number()
    assert compare_projections(database).equal
    with database.write() as connection:
        connection.execute(text("ALTER TABLE log_order DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM log_order WHERE position = 2"))
    with pytest.raises(BrokenLogError, match="log_order, all rows: position: expected 2 without gaps"):
        compare_projections(database)
    with database.write() as connection:
        connection.execute(text("UPDATE log_order SET position = 2 WHERE position = 3"))
    with pytest.raises(BrokenLogError, match="place: expected those of 3 entries, not of 2"):
        compare_projections(database)
