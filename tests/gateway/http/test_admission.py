"""Who may ask the gateway, and how often."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from tests.support.minutes import Frozen
from tests.support.people import Client, Person, Ticker, check_refusal, headers
from tests.support.work import at_once
from webapp.applications.api_keys import ApiKeys, Application
from webapp.gateway.config import AdmissionConfig, GatewayConfig
from webapp.gateway.http.admission import Admission
from webapp.gateway.http.in_process import InProcessCarrier
from webapp.gateway.http.service import Gateway, GatewayRequest, create_gateway
from webapp.gateway.http.wsgi import gateway_wsgi
from webapp.network.clients import UNREADABLE, client_of
from webapp.network.fetch import JsonEndpoint
from webapp.network.request_limits import RequestLimits
from webapp.storage.database import Database

BODY = json.dumps({"query": "{ __typename }"}).encode()
NOT_EVEN_JSON = b"{" * 70_000

Open = Callable[[AdmissionConfig], Gateway]


def ask(
    gateway: Gateway, peer: str = "203.0.113.7", key: str = "", forwarded: str = "", body: bytes = BODY
) -> int:
    return answer(gateway, peer, key, forwarded, body)[0]


def answer(
    gateway: Gateway, peer: str, key: str = "", forwarded: str = "", body: bytes = BODY
) -> tuple[int, dict[str, str], bytes]:
    sent = {"content-type": "application/json"}
    sent |= {"x-api-key": key} if key else {}
    sent |= {"x-forwarded-for": forwarded} if forwarded else {}
    response = gateway.handle(GatewayRequest("POST", sent, body, client=peer))
    return response.status, headers(response), response.body


pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def keys(database: Database, clock: Ticker) -> ApiKeys:
    return ApiKeys(database, clock)


@pytest.fixture
def opened(database: Database, keys: ApiKeys, clock: Ticker) -> Iterator[Open]:
    """Makes gateways that count on their own."""
    made: list[Admission] = []

    def opening(config: AdmissionConfig) -> Gateway:
        made.append(Admission(keys, config, RequestLimits(), clock))
        return create_gateway(database, GatewayConfig(), clock, admission=made[-1])

    yield opening
    for admission in made:
        admission.close()


@pytest.mark.parametrize(
    ("hops", "peer", "forwarded", "counted"),
    [
        (0, "203.0.113.7", "", "203.0.113.7"),
        (0, "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (0, "203.0.113.7", "198.51.100.1, 198.51.100.2", "203.0.113.7"),
        (1, "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", "1.1.1.1,2.2.2.2,198.51.100.1", "198.51.100.1"),
        (2, "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", None, "10.0.0.1"),
        (1, "10.0.0.1", "", UNREADABLE),
        (1, "10.0.0.1", " , ,", UNREADABLE),
        (1, "10.0.0.1", "1.1.1.1,", UNREADABLE),
        (2, "10.0.0.1", "1.1.1.1, 198.51.100.1, ", "198.51.100.1"),
        (2, "10.0.0.1", "1.1.1.1, , 10.0.0.2", UNREADABLE),
        (1, "10.0.0.1", "1.1.1.1, unknown", UNREADABLE),
        (1, "10.0.0.9", "1.1.1.1, unknown", UNREADABLE),
        (1, "10.0.0.1", "1.1.1.1, _hidden", UNREADABLE),
        (1, "10.0.0.1", "1.1.1.1, \xa0198.51.100.1", UNREADABLE),
        (1, "10.0.0.1", "1.1.1.1,\t198.51.100.1 ", "198.51.100.1"),
        (1, "10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        (1, "10.0.0.1", "[2001:db8:1:2::5]:4711", "2001:db8:1:2::/64"),
        (1, "10.0.0.1", "[2001:db8:1:2::5]", "2001:db8:1:2::/64"),
        (1, "10.0.0.1", "198.51.100.256", UNREADABLE),
        (1, "10.0.0.1", "0x7f.1", UNREADABLE),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
        (0, "2001:DB8:1:2:0:0:0:1", "", "2001:db8:1:2::/64"),
        (0, "2001:db8:1:3::1", "", "2001:db8:1:3::/64"),
        (0, "::ffff:203.0.113.7", "", "203.0.113.7"),
        (0, "::1", "", "::/64"),
        (0, "fe80::1%eth0", "", "fe80::/64"),
        (0, "", None, ""),
    ],
)
def test_t64_a_client_is_counted_under_what_it_cannot_choose(
    hops: int, peer: str, forwarded: str | None, counted: str
) -> None:
    """Entries beyond one's own proxies are what anybody wrote; of IPv6, a subscriber has 2^64 addresses."""
    assert client_of(peer, forwarded, hops) == counted


def test_one_address_has_its_requests_and_no_more(opened: Open) -> None:
    """Nor does it help to claim other addresses, or to use one's others; everybody else is served."""
    gateway = opened(AdmissionConfig(anonymous_per_minute=3))
    assert [ask(gateway, forwarded=f"198.51.100.{number}") for number in range(5)] == [200] * 3 + [429] * 2
    assert ask(gateway, "203.0.113.8") == 200
    assert [ask(gateway, f"2001:db8::{number}") for number in range(5)] == [200] * 3 + [429] * 2
    assert ask(gateway, "2001:db8:0:1::1") == 200


def test_behind_a_proxy_its_clients_are_told_apart(opened: Open) -> None:
    gateway = opened(AdmissionConfig(anonymous_per_minute=2, trusted_proxy_hops=1))
    spoofed = [ask(gateway, "10.0.0.1", forwarded=f"1.1.1.{n}, 198.51.100.1") for n in range(3)]
    assert spoofed == [200, 200, 429]
    assert ask(gateway, "10.0.0.1", forwarded="198.51.100.2") == 200


def test_t64_whom_a_proxy_does_not_name_has_no_share_to_choose(opened: Open) -> None:
    """They have one together: not the proxy's own, and not one for each spelling."""
    gateway = opened(AdmissionConfig(anonymous_per_minute=3, trusted_proxy_hops=1))
    unreadable = ("unknown", "198.51.100.1,", "198.51.100.1, _a", "198.51.100.1, _b", "é", "[")
    assert [ask(gateway, "10.0.0.1", forwarded=text) for text in unreadable] == [200] * 3 + [429] * 3
    assert ask(gateway, "10.0.0.1") == 200
    assert ask(gateway, "10.0.0.1", forwarded="198.51.100.1") == 200


def test_a_request_too_many_is_told_when_to_come_again_before_it_is_read(opened: Open) -> None:
    """Whatever it holds: nothing of it is parsed."""
    gateway = opened(AdmissionConfig(anonymous_per_minute=1))
    assert ask(gateway) == 200
    request = GatewayRequest("POST", {"content-type": "text/plain"}, NOT_EVEN_JSON, client="203.0.113.7")
    response = gateway.handle(request)
    assert check_refusal(response, 429)["code"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(headers(response)["retry-after"]) <= 60
    assert headers(response)["access-control-expose-headers"] == "retry-after, x-request-id"
    assert b"1 requests a minute" in response.body


def test_after_the_time_told_the_next_request_is_allowed(opened: Open, frozen: Frozen) -> None:
    gateway = opened(AdmissionConfig(anonymous_per_minute=4))
    assert [ask(gateway) for _ in range(4)] == [200] * 4
    for _ in range(3):
        status, sent, _ = answer(gateway, "203.0.113.7")
        assert status == 429
        frozen.now += int(sent["retry-after"]) + 0.1
        assert ask(gateway) == 200


def test_a_preflight_is_always_answered(opened: Open) -> None:
    """Otherwise a page could not even read that it is to wait."""
    gateway = opened(AdmissionConfig(anonymous_per_minute=1, require_api_key=True))
    for _ in range(3):
        assert gateway.handle(GatewayRequest("OPTIONS", client="203.0.113.7")).status == 204


def test_an_application_has_its_own_share_from_wherever(opened: Open, keys: ApiKeys) -> None:
    gateway = opened(AdmissionConfig(anonymous_per_minute=1, application_per_minute=3))
    first, second = keys.create("first").text, keys.create("second").text
    assert [ask(gateway, f"203.0.113.{n}", key=first) for n in range(4)] == [200, 200, 200, 429]
    assert ask(gateway, "203.0.113.0", key=second) == 200
    assert ask(gateway, "203.0.113.0") == 200
    assert ask(gateway, "203.0.113.0") == 429
    assert ask(gateway, "203.0.113.0", key=second) == 200


@pytest.mark.parametrize(
    "key", ["nonsense", "cs_" + "a" * 43, "cs_" + "a" * 9000, "\xe9", "cs_" + "\xe9" * 43, "\xa0", "\ud800"]
)
def test_an_unknown_key_is_401(key: str, opened: Open) -> None:
    status, sent, body = answer(opened(AdmissionConfig()), "203.0.113.7", key)
    assert status == 401
    assert sent["www-authenticate"].startswith("ApiKey")
    assert sent["access-control-allow-origin"] == "*"
    error = json.loads(body)["errors"][0]
    assert error["extensions"]["code"] == "API_KEY_UNKNOWN"
    assert error["message"].startswith("X-API-KEY: expected")
    assert key not in body.decode()


def test_a_key_in_other_letters_was_given_all_the_same(opened: Open) -> None:
    """As servers hand headers on: each byte a letter of Latin-1 (PEP 3333)."""
    outside = gateway_wsgi(opened(AdmissionConfig(require_api_key=True)))
    for text, code in (("cs_é".encode().decode("latin-1"), "API_KEY_UNKNOWN"), ("", "API_KEY_REQUIRED")):
        environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": "query={__typename}", "HTTP_X_API_KEY": text}
        [body] = outside(environ, lambda *_: lambda _: None)
        assert json.loads(body)["errors"][0]["extensions"]["code"] == code


def test_guessing_keys_is_counted_as_asking_without_one(opened: Open) -> None:
    gateway = opened(AdmissionConfig(anonymous_per_minute=2))
    assert [ask(gateway, key=f"guess {number}") for number in range(4)] == [401, 401, 429, 429]
    assert ask(gateway) == 429


def test_a_revoked_key_is_refused_from_the_next_request_on(opened: Open, keys: ApiKeys) -> None:
    gateway = opened(AdmissionConfig())
    made = keys.create("app")
    assert ask(gateway, key=made.text) == 200
    keys.revoke(made.application.id)
    assert ask(gateway, key=made.text) == 401


def test_where_a_key_is_required_nobody_is_anonymous(opened: Open, keys: ApiKeys) -> None:
    gateway = opened(AdmissionConfig(require_api_key=True))
    status, sent, body = answer(gateway, "203.0.113.7")
    assert (status, sent["content-type"]) == (401, "application/json; charset=utf-8")
    assert json.loads(body)["errors"][0] == {
        "message": "X-API-KEY: expected an application's key",
        "extensions": {"code": "API_KEY_REQUIRED"},
    }
    assert ask(gateway, key=keys.create("app").text) == 200


def test_the_site_of_this_process_is_neither_counted_nor_asked_for_a_key(opened: Open) -> None:
    """All its visitors ask through it. What carries their requests says so: no header, nor any variable."""
    gateway = opened(AdmissionConfig(anonymous_per_minute=1, require_api_key=True))
    outside = httpx.WSGITransport(app=_claiming(gateway_wsgi(gateway)))
    for transport, statuses in ((InProcessCarrier(gateway), [200, 200, 200]), (outside, [401, 429, 429])):
        with closing(JsonEndpoint("http://127.0.0.1/", transport, max_bytes=10_000)) as endpoint:
            asked = [endpoint.post(b'{"query": "{__typename}"}', seconds=60) for _ in statuses]
            assert [reply.status for reply in asked] == statuses


def _claiming(application: Any) -> Any:
    claims = dict.fromkeys(("in_process", "HTTP_IN_PROCESS", "HTTP_X_IN_PROCESS", "webapp.in_process"), "1")
    return lambda environ, start_response: application({**environ, **claims}, start_response)


def test_use_is_noted_behind_the_requests_back(database: Database, keys: ApiKeys, clock: Ticker) -> None:
    """A request is answered though nobody can write, and at most one write a minute is asked for."""
    made = keys.create("app")

    def used() -> Application:
        admission = Admission(keys, AdmissionConfig(), RequestLimits(), clock)
        gateway = create_gateway(database, GatewayConfig(), clock, admission=admission)
        with database.write():
            assert [ask(gateway, key=made.text) for _ in range(5)] == [200] * 5
        admission.close()
        return keys.all()[0]

    began = clock.now
    assert used().last_used_at == began
    clock.now += 59_999
    assert used().last_used_at == began
    clock.now += 1
    assert used().last_used_at == clock.now


def test_requests_at_once_are_all_counted(opened: Open) -> None:
    gateway = opened(AdmissionConfig(anonymous_per_minute=40))
    answers = at_once(8, lambda _: [ask(gateway) for _ in range(10)])
    statuses = [status for each in answers for status in each]
    assert statuses.count(200) <= 40
    assert statuses.count(429) == 80 - statuses.count(200)
    assert statuses.count(200) >= 35  # hits that race for the last places may both be turned away


def test_t66_bad_signatures_lock_nobody_out(opened: Open, clock: Ticker) -> None:
    """What is sent in a victim's name counts against its sender; the victim, elsewhere, goes on."""
    gateway = opened(AdmissionConfig(anonymous_per_minute=5))
    alice, mallory = Person("alice"), Person("mallory")
    assert Client(gateway, clock).register(alice) == "SUCCESS"
    forged = alice.request("follow", "shiyu", clock.now, signature=mallory.device.sign("x"))
    text = "mutation ($input: FollowRequest!) { follow(input: $input) { status } }"
    spam = json.dumps({"query": text, "variables": {"input": forged}}).encode()
    assert [ask(gateway, "198.51.100.66", body=spam) for _ in range(7)] == [200] * 5 + [429] * 2
    assert Client(gateway, clock).act("follow", alice, "shiyu") == "SUCCESS"


def test_t73_a_key_stands_in_no_log(opened: Open, keys: ApiKeys, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a live one, nor an unknown or revoked one, nor on the way to an internal error."""
    gateway = opened(AdmissionConfig(application_per_minute=3))
    live, revoked = keys.create("live"), keys.create("revoked")
    keys.revoke(revoked.application.id)
    with caplog.at_level(logging.DEBUG):
        for key in (live.text, revoked.text, "cs_canary"):
            for _ in range(5):
                _, sent, body = answer(gateway, "203.0.113.7", key)
                assert key not in f"{sent} {body!r}"
        broken = {"x-api-key": live.text, "content-type": 7}
        gateway.handle(GatewayRequest("POST", broken, b"{}"))  # type: ignore[arg-type]  # wrong on purpose
    for key in (live.text, revoked.text, "cs_canary"):
        assert key not in caplog.text
