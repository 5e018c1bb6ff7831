"""The guide's own example of an unfollow, sent with curl to `/graphql`: what is wrong with it, and what is
right.
"""

import json
import subprocess
from typing import Any

import pytest

from tests.support.device import MUTATIONS, Device, now_ms
from tests.support.e2e.arrangements import ONE_PROCESS, TWO_PROCESSES, Arrangement
from tests.support.places import ROOT
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS, TWO_PROCESSES)  # the gateway of both sites apart is one

EXAMPLES = ROOT / "docs" / "examples"


def curl(gateway: Server, op: str, body: str) -> dict[str, Any]:
    """Post a document with curl, as a reader of the guide does; answers `{status, tsInServer}`."""
    done = subprocess.run(
        [
            *("curl", "--silent", "--show-error", "--noproxy", "*"),
            *("-H", "content-type: application/json", "--data-binary", "@-", gateway.graphql_url),
        ],
        input=body,
        capture_output=True,
        text=True,
        check=True,
    )
    reply = json.loads(done.stdout)
    assert "errors" not in reply, reply
    answer: dict[str, Any] = reply["data"][op]
    return answer


def send(gateway: Server, op: str, request: dict[str, str]) -> dict[str, Any]:
    return curl(gateway, op, json.dumps({"query": MUTATIONS[op], "variables": {"input": request}}))


def registered(gateway: Server) -> Device:
    device = Device(gateway.graphql_url)
    assert device.register() == "SUCCESS"
    return device


def test_the_example_as_printed_is_an_invalid_message(gateway: Server) -> None:
    """`op: follow` inside `unfollow`: decided before its age, its key or its 65-byte signature is
    looked at.
    """
    answer = curl(gateway, "unfollow", (EXAMPLES / "guide-unfollow.json").read_text())
    assert answer["status"] == "INVALID_MESSAGE"
    assert abs(answer["tsInServer"] - now_ms()) < 60_000


def test_a_wrong_op_is_invalid_even_when_all_else_is_right(gateway: Server) -> None:
    """The same mistake with a registered key and a signature that verifies."""
    device = registered(gateway)
    request = device.request("unfollow", message=device.message("follow", ts=str(now_ms())))
    assert send(gateway, "unfollow", request)["status"] == "INVALID_MESSAGE"


def test_with_the_right_op_its_signature_is_still_refused(gateway: Server) -> None:
    """65 bytes are no P-256 signature in the form r and s, even if the first 64 would verify."""
    device = registered(gateway)
    request = device.request("follow", message=device.message("follow", ts=str(now_ms())))
    answer = send(gateway, "follow", {**request, "signature": request["signature"] + "1b"})
    assert answer["status"] == "INVALID_SIGNATURE"


@pytest.mark.arrangements
def test_with_the_right_op_and_a_real_key_it_succeeds(arrangement: Arrangement) -> None:
    """The quoted `ts` of the example is accepted; follow, then the example's unfollow, put right; the site
    shows both.
    """
    gateway = arrangement.gateway
    device = registered(gateway)
    count = gateway.follower_count("shiyu")

    follow = device.request("follow", message=device.message("follow", ts=str(now_ms())))
    assert send(gateway, "follow", follow)["status"] == "SUCCESS"
    assert gateway.follows(device.address, "shiyu")
    assert gateway.follower_count("shiyu") == arrangement.shown_count() == count + 1

    unfollow = device.request("unfollow", message=device.message("unfollow", ts=str(now_ms())))
    assert send(gateway, "unfollow", unfollow)["status"] == "SUCCESS"
    assert not gateway.follows(device.address, "shiyu")
    assert gateway.follower_count("shiyu") == arrangement.shown_count() == count
