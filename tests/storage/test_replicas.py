"""A primary whose synchronous replica is away: nothing is acknowledged, and who asks how it is is told so."""

from contextlib import closing

import pytest

from tests.support.postgresql import ROLE, Server
from webapp.storage.database import Database
from webapp.storage.errors import OutcomeUnknown
from webapp.storage.migrate import upgrade

pytestmark = pytest.mark.postgresql


def test_the_probe_tells_that_nothing_is_acknowledged() -> None:
    with Server() as primary, closing(primary.replicate()) as replica:
        primary.ask(f"CREATE DATABASE one OWNER {ROLE}")
        with closing(Database.open(primary.url("one"), busy_timeout_ms=300)) as database:
            upgrade(database)

            database.probe()
            replica.stop()
            with pytest.raises(OutcomeUnknown, match="synchronous replication"):
                database.probe()
            replica.start()
            database.probe()
