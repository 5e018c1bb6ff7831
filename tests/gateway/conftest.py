"""A gateway on a real database file of its own, with two profiles and a clock that stands still."""

import pytest
from sqlalchemy import insert

from tests.gateway.people import Client, Person, Ticker, Wallet
from webapp.gateway.config import GatewayConfig
from webapp.gateway.service import create_gateway
from webapp.gateway.tables import profiles
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
def client(database: Database, config: GatewayConfig, clock: Ticker) -> Client:
    return Client(create_gateway(database, config, clock), clock)


@pytest.fixture
def alice(client: Client) -> Person:
    """Somebody whose phone is registered."""
    person = Person("alice")
    assert client.register(person) == "SUCCESS"
    return person
