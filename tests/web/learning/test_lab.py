"""The lesson's requests: anybody's, really answered, whoever is signed in; and the demo signers."""

import json
from typing import Any

import pytest
from flask import Flask
from limits import RateLimitItemPerMinute

from tests.support.browsers import CONFIG, Browser, problem
from tests.support.databases import add_profile, migrated
from tests.support.people import Person, Ticker
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.in_process import InProcessCarrier
from webapp.gateway.http.service import create_gateway
from webapp.protocol.demo_signers import DEMO_SIGNERS
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.http.network_shares import Share
from webapp.web.learning import lab
from webapp.web.site import create_site


@pytest.fixture(params=["embedded", "networked"])
def visitor(request: pytest.FixtureRequest, database: Database, clock: Ticker) -> Browser:
    """A visitor of a site in either arrangement, who is not signed in."""
    upstream: UpstreamClient = request.getfixturevalue(request.param)
    return Browser(create_site(CONFIG, database, upstream, clock))


def sent(visitor: Browser, path: str, body: object) -> dict[str, Any]:
    reply = visitor.post(f"/api/lab/{path}", body)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.get_json()
    return answer


def test_an_address_of_no_session_is_answered_by_the_gateway(
    visitor: Browser, alice: Person, clock: Ticker
) -> None:
    """Registered, followed and unfollowed, with the exchange as it was; nobody is signed in after it."""
    assert sent(visitor, "signing-keys", alice.registration())["status"] == "SUCCESS"
    request = alice.request("follow", "shiyu", clock())
    answer = sent(visitor, "follow", request)
    assert answer["status"] == "SUCCESS"
    assert json.loads(answer["exchange"]["request"]["body"])["variables"] == {"input": request}
    clock.now += 1
    assert sent(visitor, "unfollow", alice.request("unfollow", "shiyu", clock()))["status"] == "SUCCESS"
    assert visitor.session()["address"] is None


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"address": "0x1"}, "INVALID_ADDRESS"),
        ({"handle": "nobody-here"}, "HANDLE_NOT_FOUND"),
        ({"message": "\ud800"}, "INVALID_MESSAGE"),
        ({"signingKey": ""}, "INVALID_SIGNING_KEY"),
        ({"signature": "0x"}, "INVALID_SIGNATURE"),
    ],
)
def test_whatever_is_wrong_is_for_the_gateway_to_say(
    changed: dict[str, str], status: str, visitor: Browser, alice: Person, clock: Ticker
) -> None:
    sent(visitor, "signing-keys", alice.registration())
    assert (
        sent(visitor, "follow", {**alice.request("follow", "shiyu", clock()), **changed})["status"] == status
    )


def test_t21_the_lesson_lends_nobody_a_session(visitor: Browser, alice: Person, clock: Ticker) -> None:
    """What alice did not sign is not hers, though she is signed in where it comes from."""
    mallory = Person("mallory")
    visitor.sign_in(alice.wallet)
    forged = {**mallory.request("follow", "shiyu", clock()), "address": alice.address}
    assert sent(visitor, "follow", forged)["status"] == "INVALID_MESSAGE"
    refused = visitor.post("/api/follow", mallory.request("follow", "shiyu", clock()))
    assert problem(refused) == (403, "wrong-account")


@pytest.mark.parametrize("path", ["follow", "unfollow", "signing-keys"])
def test_bad_bodies_are_told_by_member(path: str, visitor: Browser) -> None:
    bodies: tuple[object, ...] = ({}, {"address": 1}, {"address": "0x" + "0" * 4_000}, [], "text")
    for body in bodies:
        assert problem(visitor.post(f"/api/lab/{path}", body)) == (400, "invalid-request")


def test_a_network_has_a_share_of_it(
    visitor: Browser, alice: Person, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to be signed in: one visitor could use up the site's own requests at the gateway."""
    monkeypatch.setattr(lab, "LESSONS", Share("requests of the lesson", RateLimitItemPerMinute(3)))
    sent(visitor, "signing-keys", alice.registration())
    for op in ("follow", "unfollow"):
        clock.now += 1
        sent(visitor, op, alice.request(op, "shiyu", clock()))
    for path in ("follow", "unfollow", "signing-keys"):
        assert problem(visitor.post(f"/api/lab/{path}", {})) == (429, "too-many-requests")


# --- demo signers ---


def test_the_demo_signers_are_told_with_their_addresses(visitor: Browser) -> None:
    signers = visitor.get("/api/lab/signers").get_json()["signers"]
    assert [(one["handle"], one["deviceSecret"], one["earns"]) for one in signers] == [
        ("expired-key", "0xc0ffee", "EXPIRED_SIGNING_KEY"),
        ("zero-quota", "0xdecaf", "RATE_LIMITED"),
    ]
    assert len({one["address"] for one in signers} - {None}) == 2


@pytest.fixture
def without_demo(database: Database, clock: Ticker, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A site whose gateway has no demo data; but somebody else has one of the handles."""
    bare = migrated(tmp_path_factory.mktemp("bare") / "gateway.sqlite3")
    add_profile(bare, DEMO_SIGNERS[0].handle, Person("somebody else").address, 1)
    gateway = create_gateway(bare, GatewayConfig(), clock)
    transport = InProcessCarrier(gateway)
    upstream = UpstreamClient(url="http://127.0.0.1:8000/graphql", transport=transport, api_key=None)
    return create_site(CONFIG, database, upstream, clock)


def test_who_merely_has_a_demo_signers_handle_is_none(without_demo: Flask) -> None:
    signers = Browser(without_demo).get("/api/lab/signers").get_json()["signers"]
    assert [one["address"] for one in signers] == [None, None]
