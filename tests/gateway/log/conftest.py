from collections.abc import Iterator

import pytest

from tests.support.people import Client, Ticker
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.storage.database import Database


@pytest.fixture
def gateways(database: Database, config: GatewayConfig, clock: Ticker) -> Iterator[list[Client]]:
    """Two gateways on one database, each with connections of its own."""
    second = Database.open(database.url)
    yield [Client(create_gateway(base, config, clock), clock) for base in (database, second)]
    second.close()
