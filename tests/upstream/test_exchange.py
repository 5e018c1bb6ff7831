"""What the inspector is given of a request and its reply: everything but secrets."""

import io
import json
import logging
import time

import pytest

from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.upstream import API_KEY, SIGNED
from webapp.network.transport import network_transport
from webapp.upstream.client import UpstreamClient
from webapp.upstream.errors import UpstreamError


def test_an_exchange_has_the_exact_bodies(server: FaultServer, client: UpstreamClient) -> None:
    text = '{ "data":{"follow":{"status":"SUCCESS",\n"tsInServer":7, "extra":"é"}} }'
    server.fault = faults.body(text.encode())
    began = time.perf_counter()
    exchange = client.follow(SIGNED).exchange
    took_ms = (time.perf_counter() - began) * 1000
    assert exchange.response.body == text
    assert exchange.request.body.encode() == server.requests[-1].partition(b"\r\n\r\n")[2]
    assert (exchange.request.method, exchange.request.url, exchange.response.status) == (
        "POST",
        server.url,
        200,
    )
    assert exchange.request.headers["content-type"] == "application/json"
    assert 0 < exchange.duration_ms < took_ms
    assert set(exchange.as_json()) == {"request", "response", "durationMs"}


def test_t54_the_api_key_is_in_no_exchange_even_if_the_upstream_echoes_it(
    server: FaultServer, client: UpstreamClient
) -> None:
    server.fault = faults.body(
        json.dumps({**faults.SUCCESS, "extensions": {"you": API_KEY}}).encode(),
        X_Echo=f"key={API_KEY}",
        Set_Cookie="a=b",
    )
    exchange = client.follow(SIGNED).exchange
    assert API_KEY not in json.dumps(exchange.as_json())
    assert API_KEY not in repr(client)
    assert "x-api-key" not in exchange.request.headers
    assert "set-cookie" not in exchange.response.headers
    assert exchange.response.headers["x-echo"] == "key=[removed]"


def test_t54_a_query_of_the_url_is_sent_but_not_shown(server: FaultServer) -> None:
    url = f"{server.url}?token=canary-url"
    client = UpstreamClient(url=url, transport=network_transport(url), api_key=None)
    exchange = client.follow(SIGNED).exchange
    client.close()
    assert b"/graphql?token=canary-url" in server.requests[-1]
    assert "canary-url" not in json.dumps(exchange.as_json())


@pytest.mark.parametrize(
    "fault", [faults.reset, faults.body(b"{}", status="401 No"), faults.raw(b"\x00\r\n\r\n")]
)
def test_t54_the_api_key_is_in_no_log_and_no_error(
    server: FaultServer, client: UpstreamClient, fault: faults.Fault
) -> None:
    """At every level, of every library."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        client.follow(SIGNED)
        server.fault = fault
        with pytest.raises(UpstreamError) as caught:
            client.follow(SIGNED)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert written.getvalue()
    assert API_KEY not in written.getvalue()
    assert API_KEY not in str(caught.value)
