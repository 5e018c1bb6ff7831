"""What was answered SUCCESS is on disk: no crash of any process takes it back."""

from collections.abc import Callable

import pytest

from tests.support.databases import ON_POSTGRESQL
from tests.support.device import Device
from tests.support.e2e.arrangements import ONE_PROCESS, TWO_PROCESSES, Arrangement
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

# A file that another process reads, and one that none does.
pytestmark = pytest.mark.arrangements(ONE_PROCESS, TWO_PROCESSES)


def test_every_acknowledged_operation_survives_kill_nine(arrangement: Arrangement) -> None:
    """The gateway is killed twice, each time in the instant after an answer: no operation, no count and no
    key is lost, nothing is doubled, and a site that outlived it shows the same.
    """
    gateway = arrangement.gateway
    device = Device(gateway.graphql_url)
    assert device.register() == "SUCCESS"
    count = gateway.follower_count("shiyu")
    for done, op in enumerate(("follow", "unfollow"), start=1):
        assert device.send(op)["status"] == "SUCCESS", "the key's registration survived too"
        gateway.kill()

        gateway.start()
        assert len(gateway.operations(device.address)) == done
        assert gateway.follows(device.address, "shiyu") is (op == "follow")
        expected = count + (op == "follow")
        assert gateway.follower_count("shiyu") == arrangement.shown_count() == expected
    if not ON_POSTGRESQL:
        assert gateway.rows("PRAGMA integrity_check") == [("ok",)]


def test_the_page_shows_it_after_kill_nine(
    page_of: Callable[[Server], SandboxPage], arrangement: Arrangement
) -> None:
    """Whichever process was killed, the person's session, key and follow are there when it is back: no step
    is asked for again.
    """
    sandbox = page_of(arrangement.site).ready()
    count = sandbox.count()
    for victim in arrangement.servers:
        sandbox.follow()
        victim.kill()

        victim.start()
        sandbox.reload()
        sandbox.expect_following(True)
        sandbox.expect_count(count + 1)
        sandbox.unfollow()
        sandbox.expect_count(count)
