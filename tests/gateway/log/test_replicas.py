"""What is acknowledged is on the synchronous replica, too, whatever the primary has without it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.support import handles
from tests.support.databases import add_profile
from tests.support.people import Client, Person, Ticker
from tests.support.postgresql import ROLE, Server, wait_until
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade

pytestmark = pytest.mark.postgresql

CLAIM = "mutation ($input: HandleRequest!) { claimHandle(input: $input) { status } }"
WAITING = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def test_what_the_replica_lacks_is_not_acknowledged_when_it_is_sent_again() -> None:
    """A primary that was told to wait no longer has the entry, and the replica has not."""
    clock, alice = Ticker(), Person("alice")
    with Server() as primary, closing(primary.replicate()) as replica:
        primary.ask(f"CREATE DATABASE one OWNER {ROLE}")
        with closing(Database.open(primary.url("one"))) as database:
            upgrade(database)
            add_profile(database, "shiyu", Person("owner").address, 1)
            with (
                closing(create_gateway(database, GatewayConfig(), clock)) as gateway,
                ThreadPoolExecutor() as pool,
            ):
                client = Client(gateway, clock)
                client.register(alice)
                request = handles.request(alice, "claim", "wonderland", clock.now)
                replica.stop()
                sent = pool.submit(client.ask, CLAIM, input=request)
                wait_until(lambda: bool(primary.ask(f"SELECT 1 {WAITING}")))
                primary.ask(f"SELECT pg_cancel_backend(pid) {WAITING}")
                assert sent.result()["errors"][0]["extensions"]["code"] == "OUTCOME_UNKNOWN"
                again = pool.submit(client.ask, CLAIM, input=request)
                wait_until(lambda: again.done() or bool(primary.ask(f"SELECT 1 {WAITING}")))
                told_without = again.done()
                replica.start()
                assert again.result()["data"]["claimHandle"]["status"] == "ALREADY_DONE"
                assert not told_without
