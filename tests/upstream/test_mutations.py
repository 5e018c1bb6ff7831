"""Replies to mutations: how long somebody is to wait who asks too often."""

import pytest

from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.upstream import SIGNED
from webapp.upstream.client import UpstreamClient


@pytest.mark.parametrize(
    ("extensions", "told"),
    [({"retryAfter": 7}, 7), ({}, None), ({"retryAfter": "soon"}, None), ({"retryAfter": -1}, None)],
)
def test_how_long_to_wait_is_passed_on_where_the_gateway_says_it(
    server: FaultServer, client: UpstreamClient, extensions: dict[str, object], told: int | None
) -> None:
    limited = {"follow": {"status": "RATE_LIMITED", "tsInServer": 1}}
    server.fault = faults.reply({"data": limited, "extensions": extensions})
    reply = client.follow(SIGNED)
    assert reply.retry_after == told
    assert reply.as_json().get("retryAfter") == told
    server.fault = faults.reply({"data": faults.SUCCESS["data"], "extensions": extensions})
    assert client.follow(SIGNED).retry_after is None
