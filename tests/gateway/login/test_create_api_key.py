"""`createAPIKey`: for nobody unless a setting opens it, then a few an hour; nothing of an owner is kept."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.people import Client, Ticker, headers
from webapp.applications.api_keys import ApiKeys
from webapp.gateway.config import AdmissionConfig, GatewayConfig
from webapp.gateway.http.admission import Admission
from webapp.gateway.http.service import GatewayRequest, GatewayResponse, create_gateway
from webapp.network.request_limits import RequestLimits
from webapp.storage.database import Database

# As the published guides have it.
CREATE_KEY = """mutation CreateAPIKey($input: CreateAPIKeyInput!) {
  createAPIKey(input: $input) { apiKey }
}"""
FORM = {"email": "canary@example.org", "twitterID": "canary", "origin": "https://app.example"}


@pytest.fixture
def admission(database: Database, clock: Ticker) -> Iterator[Admission]:
    made = Admission(ApiKeys(database, clock), AdmissionConfig(open_api_keys=True), RequestLimits(), clock)
    yield made
    made.close()


def ask_for_key(client: Client, peer: str = "203.0.113.7", **changes: str) -> GatewayResponse:
    body = json.dumps({"query": CREATE_KEY, "variables": {"input": {**FORM, **changes}}}).encode()
    request = GatewayRequest("POST", {"content-type": "application/json"}, body, client=peer)
    return client.gateway.handle(request)


def create_key(client: Client, peer: str = "203.0.113.7", **changes: str) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads(ask_for_key(client, peer, **changes).body)
    return reply


def test_keys_are_made_for_nobody_unless_a_setting_opens_it(
    client: Client, database: Database, clock: Ticker
) -> None:
    closed = Admission(ApiKeys(database, clock), AdmissionConfig(), RequestLimits(), clock)
    for each in (client, Client(create_gateway(database, GatewayConfig(), clock, admission=closed), clock)):
        [error] = create_key(each)["errors"]
        assert error["extensions"]["code"] == "API_KEYS_CLOSED"
    assert ApiKeys(database, clock).all() == []
    closed.close()


def test_five_keys_an_hour_are_made_for_an_address(
    admission: Admission, database: Database, clock: Ticker, caplog: pytest.LogCaptureFixture
) -> None:
    """They work, they carry the origin's name, and nothing of their owner is kept or logged."""
    client = Client(create_gateway(database, GatewayConfig(), clock, admission=admission), clock)
    with caplog.at_level(logging.DEBUG):
        made = [create_key(client)["data"]["createAPIKey"]["apiKey"] for _ in range(5)]
        response = ask_for_key(client)
    [error] = json.loads(response.body)["errors"]
    assert error["extensions"]["code"] == "TOO_MANY_REQUESTS"
    assert 0 < error["extensions"]["retryAfter"] <= 3600
    assert headers(response)["retry-after"] == str(error["extensions"]["retryAfter"])
    assert create_key(client, "203.0.113.8")["data"]
    assert client.post({"query": "{ __typename }"}, x_api_key=made[0]).status == 200
    assert {application.name for application in admission.keys.all()} == {"https://app.example"}
    assert not any(key in caplog.text for key in made)
    with database.read() as connection:
        assert "canary" not in str(connection.exec_driver_sql("SELECT * FROM api_keys").all())


def test_an_origin_that_cannot_be_a_name_is_named(
    admission: Admission, database: Database, clock: Ticker
) -> None:
    client = Client(create_gateway(database, GatewayConfig(), clock, admission=admission), clock)
    [error] = create_key(client, origin="a\nb")["errors"]
    assert error["message"].startswith("input.origin: expected")
    assert error["extensions"]["code"] == "BAD_ARGUMENT"
