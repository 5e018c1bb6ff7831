"""The order of the log on PostgreSQL: what is committed late has its number, too, and after a kill."""

import secrets
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.support.databases import add_profile
from tests.support.people import Client, Person, Ticker
from tests.support.postgresql import ROLE, Server
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.sequencer import Sequencer, check_order
from webapp.gateway.tables import operations
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade

pytestmark = pytest.mark.postgresql

_COLUMNS = ", ".join(
    column.name for column in operations.columns if column.name not in {"handle", "position"}
)
APPENDS = (
    f"INSERT INTO operations ({_COLUMNS}, handle, position) "
    f"SELECT {_COLUMNS}, 'hal', nextval('log_places') FROM operations"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One that writes nothing to the disk before somebody commits."""
    with Server(wal_writer_delay="10s") as server:
        yield server


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A new one with one entry."""
    name = f"database_{secrets.token_hex(4)}"
    server.ask(f"CREATE DATABASE {name} OWNER {ROLE}")
    with closing(Database.open(server.url(name))) as database:
        upgrade(database)
        add_profile(database, "shiyu", Person("owner").address, 1)
        clock, alice = Ticker(), Person("alice")
        with closing(create_gateway(database, GatewayConfig(), clock)) as gateway:
            client = Client(gateway, clock)
            client.register(alice)
            assert client.act("follow", alice, "shiyu") == "SUCCESS"
        yield database


def test_an_entry_that_is_committed_late_is_numbered(database: Database) -> None:
    """Its transaction is the newest that there is, and has its place for as long as others are numbered."""
    sequencer = Sequencer(database)
    number(sequencer)
    with psycopg.connect(database.url) as late:
        late.execute(APPENDS)
        number(sequencer)
    number(sequencer)
    with database.read() as connection:
        check_order(connection)


def test_an_entry_with_a_place_that_a_killed_server_has_given_before_is_numbered(
    server: Server, database: Database
) -> None:
    """Whoever had it first did not commit, and the server has forgotten it. The sequencer outlives that."""
    sequencer = Sequencer(database)
    number(sequencer)
    with closing(psycopg.connect(database.url)) as lost:
        # More than the server gives before it has to write down that it did.
        lost.execute("SELECT nextval('log_places') FROM generate_series(1, 40)")
        sequencer.number()
        server.kill()
    server.start()
    with psycopg.connect(database.url) as late:
        for _ in range(10):  # as many transactions as have been forgotten, and more
            late.execute("SELECT pg_current_xact_id()")
            late.commit()
        late.execute(APPENDS)
        sequencer.number()
    number(sequencer)
    with database.read() as connection:
        check_order(connection)


def number(sequencer: Sequencer) -> None:
    """As often as it takes until there is nothing to wait for."""
    for _ in range(3):
        sequencer.number()
