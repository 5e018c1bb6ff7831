"""Floods at the two doors, the page's and the API's: they fill nothing and shut nobody out."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect

from tests.support.browsers import Browser, personal_sign, problem, reason
from tests.support.databases import count, written
from tests.support.figures import Figure
from tests.support.login import GET_MESSAGE, VERIFY, account
from tests.support.people import Person, Ticker, Wallet
from webapp.applications.api_keys import ApiKeys
from webapp.gateway.config import AdmissionConfig, GatewayConfig
from webapp.gateway.http.admission import Admission
from webapp.gateway.http.service import Gateway, GatewayRequest, create_gateway
from webapp.network.request_limits import RequestLimits
from webapp.siwe.tables import used_nonces
from webapp.storage.database import Database
from webapp.web.account.login import WRONG_ANSWERS
from webapp.web.sessions import challenges
from webapp.web.sessions.cookie import BrowserSession

pytestmark = pytest.mark.usefixtures("frozen")

FLOODER, NEIGHBOUR, ELSEWHERE = "203.0.113.7", "203.0.113.7", "198.51.100.9"
ALLOWED = WRONG_ANSWERS.most.amount


@pytest.fixture
def api(database: Database, clock: Ticker) -> Iterator[Gateway]:
    """It knows networks, and counts requests so generously that nothing is refused for their number."""
    config = AdmissionConfig(anonymous_per_minute=1_000_000_000)
    admission = Admission(ApiKeys(database, clock), config, RequestLimits(), clock)
    yield create_gateway(database, GatewayConfig(), clock, admission=admission)
    admission.close()


def visitor_from(site: Flask, network: str) -> Browser:
    visitor = Browser(site)
    visitor.client.environ_base["REMOTE_ADDR"] = network
    return visitor


def with_made_up_cookie(visitor: Browser, number: int) -> Browser:
    """A cookie needs no page, and its token follows from it by a public rule."""
    cookie = urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
    visitor.set_cookie(cookie)
    visitor.token = BrowserSession(cookie, known=True, framed=False).csrf_token
    return visitor


def ask_api(api: Gateway, network: str, wallet: Wallet) -> str:
    """Give the text that `loginGetMessage` gives."""
    content = {"query": GET_MESSAGE, "variables": account(wallet)}
    text: str = _data(api, network, content)["loginGetMessage"]["message"]
    return text


def sign_in_at_api(api: Gateway, network: str, wallet: Wallet, text: str | None = None) -> None:
    signature = wallet.sign(text or ask_api(api, network, wallet))
    content = {"query": VERIFY, "variables": {**account(wallet), "signature": signature}}
    assert _data(api, network, content)["loginVerify"]["accessToken"]


def _data(api: Gateway, network: str, content: Mapping[str, object]) -> dict[str, dict[str, str]]:
    sent = GatewayRequest(
        "POST", {"content-type": "application/json"}, json.dumps(content).encode(), client=network
    )
    reply: dict[str, dict[str, dict[str, str]]] = json.loads(api.handle(sent).body)
    assert "errors" not in reply, reply
    return reply["data"]


def pages(database: Database) -> int:
    """Pages of the database file that hold something; on PostgreSQL, rows."""
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            names = inspect(connection).get_table_names()
            return sum(
                connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in names
            )
        total, free = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_count", "freelist_count")
        )
    return int(total - free)


@pytest.mark.parametrize(
    "questions", [200, pytest.param(20_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_t65_a_flood_of_questions_leaves_nothing_and_shuts_nobody_out(
    questions: int, site: Flask, api: Gateway, database: Database, figure: Figure
) -> None:
    """From one network: its neighbours and all others sign in, also with what they had asked for before."""
    alice = Person("alice")
    early = visitor_from(site, NEIGHBOUR)
    page_text, api_text = early.challenge(alice.wallet), ask_api(api, NEIGHBOUR, alice.wallet)
    before = pages(database)

    mallory = visitor_from(site, FLOODER)
    nobodies = [Wallet(f"nobody {number}") for number in range(10)]
    for number in range(questions):
        victim = alice.wallet if number % 2 else nobodies[number // 2 % 10]
        assert with_made_up_cookie(mallory, number).challenge(victim)
        assert ask_api(api, FLOODER, victim)
    of = f"{2 * questions} questions from one network"
    figure(
        "pages of the database taken by sign-ins that nobody answers",
        pages(database) - before,
        at_most=0,
        of=of,
    )
    figure("rows of them", count(database, used_nonces), at_most=0, of=of)

    assert early.login(page_text, personal_sign(alice.wallet, page_text)).status_code == 200
    sign_in_at_api(api, NEIGHBOUR, alice.wallet, api_text)
    for network in (NEIGHBOUR, ELSEWHERE):
        wallet = Wallet(f"somebody at {network}")
        visitor_from(site, network).sign_in(wallet)
        sign_in_at_api(api, network, wallet)


@pytest.mark.parametrize("answers", [3 * ALLOWED, pytest.param(10_000, marks=pytest.mark.soak)])
def test_t66_a_flood_of_wrong_answers_is_told_when_to_return_and_locks_nobody_out(
    answers: int, site: Flask, api: Gateway, database: Database, figure: Figure
) -> None:
    """In a victim's name: whoever answers rightly gets in, from the same network too."""
    alice = Person("alice")
    early = visitor_from(site, NEIGHBOUR)
    text, api_text = early.challenge(alice.wallet), ask_api(api, NEIGHBOUR, alice.wallet)
    wrong = personal_sign(Wallet("mallory"), text)

    mallory = visitor_from(site, FLOODER)
    refused = 0
    for number in range(answers):
        reply = mallory.login(with_made_up_cookie(mallory, number).challenge(alice.wallet), wrong)
        if number < ALLOWED:
            assert reason(reply) == "signature"
        else:
            assert problem(reply) == (429, "too-many-requests")
            assert int(reply.headers["retry-after"]) > 0
            refused += 1
        assert mallory.login(text, wrong).status_code == 401, "the victim's own is not one of these visitors'"
    figure(
        "rows that wrong answers leave",
        count(database, used_nonces),
        at_most=ALLOWED,
        of=f"{answers} from one network",
    )
    assert refused == answers - ALLOWED

    other = visitor_from(site, ELSEWHERE)
    assert reason(other.login(other.challenge(alice.wallet), wrong)) == "signature"
    assert early.login(text, personal_sign(alice.wallet, text)).status_code == 200
    sign_in_at_api(api, NEIGHBOUR, alice.wallet, api_text)
    for network in (NEIGHBOUR, ELSEWHERE):
        visitor_from(site, network).sign_in(alice.wallet)


def test_t65_wrong_answers_of_many_networks_fill_nothing(
    site: Flask, database: Database, alice: Person, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    """Whoever answers rightly meanwhile signs in, once."""
    monkeypatch.setattr(challenges, "MOST_SPOILT", 20)
    mallory, visitor = visitor_from(site, FLOODER), visitor_from(site, ELSEWHERE)
    for number in range(100):
        mallory.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        assert reason(mallory.login(mallory.challenge(alice.wallet), "0x00")) == "signature"
    figure(
        "rows of wrong answers", count(database, used_nonces), at_most=20, of="100 networks, where 20 are let"
    )
    text = visitor.challenge(alice.wallet)
    signature = personal_sign(alice.wallet, text)
    assert visitor.login(text, signature).status_code == 200
    assert reason(visitor.login(text, signature)) == "nonce-unknown"


def test_t64_wrong_answers_from_one_ipv6_network_count_together(site: Flask, alice: Person) -> None:
    """And nothing that a client says about where it comes from is believed."""
    mallory = Browser(site)
    replies = []
    for number in range(ALLOWED + 1):
        mallory.client.environ_base["REMOTE_ADDR"] = f"2001:db8::{number + 1:x}"
        mallory.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
        replies.append(mallory.login(mallory.challenge(alice.wallet), "0x00").status_code)
    assert replies == [401] * ALLOWED + [429]
    mallory.client.environ_base["REMOTE_ADDR"] = "2001:db8:0:1::1"
    assert reason(mallory.login(mallory.challenge(alice.wallet), "0x00")) == "signature"


def test_what_is_refused_for_its_number_may_be_answered_rightly(site: Flask, alice: Person) -> None:
    mallory, visitor = visitor_from(site, FLOODER), visitor_from(site, NEIGHBOUR)
    for _ in range(ALLOWED):
        mallory.login(mallory.challenge(alice.wallet), "0x00")
    text = visitor.challenge(alice.wallet)
    assert visitor.login(text, "0x00").status_code == 429
    assert visitor.login(text, personal_sign(alice.wallet, text)).status_code == 200


def test_a_text_of_one_door_signs_nobody_in_at_the_other(site: Flask, api: Gateway, alice: Person) -> None:
    """Of the same domain, account and moment, and alike but for the nonce."""
    visitor = Browser(site)
    of = {**account(alice.wallet), "domain": visitor.origin.partition("//")[2]}
    asked = {"query": GET_MESSAGE, "variables": of}
    api_text = _data(api, NEIGHBOUR, asked)["loginGetMessage"]["message"]
    page_text = visitor.challenge(alice.wallet)
    assert reason(visitor.login(api_text, personal_sign(alice.wallet, api_text))) == "nonce-unknown"
    given = {**of, "signature": alice.wallet.sign(page_text)}
    with pytest.raises(AssertionError, match="LOGIN_REFUSED"):
        _data(api, NEIGHBOUR, {"query": VERIFY, "variables": given})


def test_t73_who_asks_to_sign_in_is_written_nowhere(
    site: Flask, api: Gateway, database: Database, tmp_path: Path
) -> None:
    """Neither the wallet's address nor the network's, answered wrongly or not at all."""
    asker = Wallet("asks and goes away")
    visitor = visitor_from(site, FLOODER)
    text = visitor.challenge(asker)
    visitor.login(visitor.challenge(asker), "0x00")
    ask_api(api, FLOODER, asker)
    found = written(database, tmp_path).lower()
    assert found
    for told in (asker.address, asker.address[2:], FLOODER, text.splitlines()[-3].removeprefix("Nonce: ")):
        assert told.lower().encode() not in found, told
    assert bytes.fromhex(asker.address[2:]) not in found
