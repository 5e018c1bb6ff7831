"""A signer's quota may be a number of its own: then the setting neither binds nor helps it."""

import pytest
from sqlalchemy import insert

from tests.support.databases import add_profile
from tests.support.people import MUTATIONS, Client, Person
from webapp.gateway.config import GatewayConfig
from webapp.gateway.tables import signer_quotas
from webapp.protocol.facts import Policy
from webapp.storage.database import Database


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig(policy=Policy(signer_quota=3))


@pytest.mark.parametrize("own", [0, 2, 5])
def test_it_is_what_is_counted_to(own: int, client: Client, alice: Person, database: Database) -> None:
    """Fewer than all others may have, or more; and how long to wait is told by the same number."""
    with database.write() as connection:
        connection.execute(insert(signer_quotas).values(address=alice.address, quota=own))
    for number in range(own + 1):
        add_profile(database, f"h{number}", Person("owner").address, 10 + number)
    for number in range(own):
        client.clock.now += 1_000
        assert client.act("follow", alice, f"h{number}", client.clock.now) == "SUCCESS"
    reply = client.ask(MUTATIONS["follow"], input=alice.request("follow", f"h{own}", client.clock.now))
    assert reply["data"]["follow"]["status"] == "RATE_LIMITED"
    waits = reply.get("extensions", {}).get("retryAfter")
    assert waits == (60 - (own - 1) if own else None)


def test_a_small_one_is_counted_though_nobody_elses_could_be_spent(
    database: Database, client: Client, alice: Person
) -> None:
    """Where the whole log has grown by less than the others' quota, theirs are not counted at all."""
    with database.write() as connection:
        connection.execute(insert(signer_quotas).values(address=alice.address, quota=1))
    add_profile(database, "h0", Person("owner").address, 10)
    assert client.act("follow", alice, "h0") == "SUCCESS"
    assert client.act("follow", alice, "shiyu") == "RATE_LIMITED"
