"""What was answered SUCCESS is on disk: no crash takes it back."""

from collections.abc import Callable

from tests.e2e.device import Device
from tests.e2e.sandbox import SandboxPage
from tests.e2e.server import Server


def test_a_success_survives_kill_nine(start_server: Callable[..., Server]) -> None:
    """The server is killed in the instant after the answer; started again, the follow, its count and key are
    there.
    """
    server = start_server()
    device = Device(server.graphql_url)
    assert device.register() == "SUCCESS"
    count = server.follower_count("shiyu")

    assert device.send("follow")["status"] == "SUCCESS"
    server.kill()

    server.start()
    assert server.follows(device.address, "shiyu")
    assert server.follower_count("shiyu") == count + 1
    assert len(server.operations(device.address)) == 1
    assert server.rows("PRAGMA integrity_check") == [("ok",)]

    assert device.send("unfollow")["status"] == "SUCCESS", "the key's registration survived too"
    assert server.follower_count("shiyu") == count


def test_every_acknowledged_operation_survives_many_kills(start_server: Callable[..., Server]) -> None:
    """Killed three times in a row, each time after another acknowledged operation: none is lost, none is
    doubled.
    """
    server = start_server()
    device = Device(server.graphql_url)
    device.register()
    for done, op in enumerate(("follow", "unfollow", "follow"), start=1):
        assert device.send(op)["status"] == "SUCCESS"
        server.kill()
        server.start()
        assert len(server.operations(device.address)) == done
    assert server.follows(device.address, "shiyu")


def test_the_page_shows_it_after_kill_nine(
    page_of: Callable[[Server], SandboxPage], start_server: Callable[..., Server]
) -> None:
    """The person's session, key and follow are still there when the server comes back: no step is asked for
    again.
    """
    server = start_server()
    sandbox = page_of(server).ready()
    count = sandbox.count()
    sandbox.follow()
    server.kill()

    server.start()
    sandbox.reload()
    sandbox.expect_following(True)
    sandbox.expect_count(count + 1)
    sandbox.unfollow()
    sandbox.expect_count(count)
