"""How many login texts may be open: of one caller, so that others find room, and of all together."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from tests.gateway.people import NOW, Client, Ticker, Wallet
from tests.gateway.test_http import headers
from tests.gateway.test_login import GET_MESSAGE, LIFETIME, VERIFY, account
from webapp.applications.api_keys import ApiKeys
from webapp.gateway.admission import Admission
from webapp.gateway.config import AdmissionConfig, GatewayConfig
from webapp.gateway.open_logins import MOST_OF_ONE, MOST_OPEN
from webapp.gateway.service import GatewayRequest, GatewayResponse, create_gateway
from webapp.gateway.tables import api_logins
from webapp.network.request_limits import RequestLimits
from webapp.storage.database import Database

HERE, THERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def admission(database: Database, clock: Ticker) -> Iterator[Admission]:
    made = Admission(ApiKeys(database, clock), AdmissionConfig(), RequestLimits(), clock)
    yield made
    made.close()


@pytest.fixture
def client(database: Database, clock: Ticker, admission: Admission) -> Client:
    return Client(create_gateway(database, GatewayConfig(), clock, admission=admission), clock)


def fill(database: Database, number: int, asked_by: str = "somebody else") -> None:
    """Open so many logins of other accounts, each of which ends a millisecond after the one before."""
    template = {"domain": "a.example", "address": "0x", "chain_id": 1, "message": "", "issued_at": NOW}
    rows = [
        {**template, "nonce": f"{asked_by} {each}", "expires_at": NOW + 60_001 + each, "asked_by": asked_by}
        for each in range(number)
    ]
    with database.write() as connection:
        connection.execute(insert(api_logins), rows)


def ask(client: Client, wallet: Wallet, peer: str = HERE, key: str = "") -> GatewayResponse:
    body = json.dumps({"query": GET_MESSAGE, "variables": account(wallet)}).encode()
    sent = {"content-type": "application/json", **({"x-api-key": key} if key else {})}
    return client.gateway.handle(GatewayRequest("POST", sent, body, client=peer))


def text(response: GatewayResponse) -> str:
    given: str = json.loads(response.body)["data"]["loginGetMessage"]["message"]
    return given


def check_full(response: GatewayResponse, seconds: int) -> None:
    [error] = json.loads(response.body)["errors"]
    assert error["extensions"] == {"code": "TOO_MANY_LOGINS", "retryAfter": seconds}
    assert error["message"] == f"Too many logins are open; try again in {seconds} s."
    assert headers(response)["retry-after"] == str(seconds)


def test_a_flood_by_one_address_refuses_nobody_else(
    client: Client, database: Database, admission: Admission, clock: Ticker
) -> None:
    mine = text(ask(client, Wallet("alice")))
    fill(database, MOST_OF_ONE - 2, f"client {HERE}")
    assert text(ask(client, Wallet("one more")))
    check_full(ask(client, Wallet("one too many")), 61)
    assert text(ask(client, Wallet("one too many"), THERE))
    key = admission.keys.create("app", None).text
    assert text(ask(client, Wallet("of an application"), HERE, key))
    # What is open already is given again, and answering it makes room.
    assert text(ask(client, Wallet("alice"))) == mine
    answer = {**account(Wallet("alice")), "signature": Wallet("alice").sign(mine)}
    assert client.data(VERIFY, **answer)["loginVerify"]
    assert text(ask(client, Wallet("in its place")))
    check_full(ask(client, Wallet("too many again")), 61)
    clock.now += 60_001
    assert text(ask(client, Wallet("too many again")))


def test_an_application_has_a_share_of_its_own_from_wherever(
    client: Client, database: Database, admission: Admission
) -> None:
    one, other = (admission.keys.create(name, None) for name in ("one", "other"))
    fill(database, MOST_OF_ONE, f"application {one.application.id}")
    for peer in (HERE, THERE):
        check_full(ask(client, Wallet("alice"), peer, one.text), 61)
    assert text(ask(client, Wallet("bob"), HERE, other.text))
    assert text(ask(client, Wallet("alice"), HERE))


def test_all_together_have_an_end_too(client: Client, database: Database, clock: Ticker) -> None:
    """A hundred callers at their ends: the table does not grow for ever, and empties by itself."""
    fill(database, MOST_OPEN - 1)
    assert text(ask(client, Wallet("the last")))
    check_full(ask(client, Wallet("too late")), 61)
    clock.now += LIFETIME
    assert text(ask(client, Wallet("too late")))
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM api_logins").scalar() == 1
