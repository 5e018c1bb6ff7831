"""A gateway on a real database file of its own, with two profiles and a clock that stands still."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.gateway.people import Client, Person, Ticker, Wallet
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.tables import profiles
from webapp.protocol.submissions import AnySubmission
from webapp.storage.database import Database


def add_profile(database: Database, handle: str, owner: str, number: int) -> None:
    with database.write() as connection:
        connection.execute(
            insert(profiles),
            {
                "handle": handle,
                "profile_id": number,
                "owner_address": owner,
                "display_name": handle.title(),
                "bio": "",
                "avatar": "",
                "metadata_location": "",
                "is_primary": True,
                "created_at": 0,
            },
        )


@pytest.fixture
def database(database: Database) -> Database:
    for number, handle in enumerate(("shiyu", "cyberconnect"), start=1):
        add_profile(database, handle, Wallet(f"owner of {handle}").address, number)
    return database


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig()


@pytest.fixture
def client(database: Database, config: GatewayConfig, clock: Ticker) -> Iterator[Client]:
    gateway = create_gateway(database, config, clock)
    yield Client(gateway, clock)
    gateway.close()


def before_it_is_written(log: OperationLog, happens: Callable[[], object], patch: pytest.MonkeyPatch) -> None:
    """Let something happen once, when a batch is verified and nothing is locked yet."""
    verify = log._verify

    def interrupted(submissions: Sequence[AnySubmission]) -> None:
        verify(submissions)
        patch.undo()
        happens()

    patch.setattr(log, "_verify", interrupted)


@pytest.fixture
def gateways(
    database: Database, config: GatewayConfig, clock: Ticker, tmp_path: Path
) -> Iterator[list[Client]]:
    """Two gateways on one file, each with connections of its own."""
    second = Database.open(f"sqlite:///{tmp_path}/gateway.sqlite3")
    yield [Client(create_gateway(base, config, clock), clock) for base in (database, second)]
    second.close()


@pytest.fixture
def alice(client: Client) -> Person:
    """Somebody whose phone is registered."""
    person = Person("alice")
    assert client.register(person) == "SUCCESS"
    return person
