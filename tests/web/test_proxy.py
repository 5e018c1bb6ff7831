"""From the page through the site to a gateway and back: the same in one process and over a socket."""

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from flask import Flask

from tests.support import faults
from tests.support.browsers import CONFIG, Browser, problem
from tests.support.faults import FaultServer
from tests.support.people import NOW, Device, Person, Ticker
from tests.support.upstream import AMPLE_S, API_KEY, connected
from webapp.storage.database import Database
from webapp.web.http.bodies import MAX_TEXT
from webapp.web.site import create_site


@pytest.fixture(params=["embedded", "networked"])
def visitor(request: pytest.FixtureRequest, database: Database, clock: Ticker) -> Browser:
    """A visitor of a site in either arrangement."""
    return Browser(create_site(CONFIG, database, request.getfixturevalue(request.param), clock))


def profile(visitor: Browser, handle: str = "shiyu") -> dict[str, Any]:
    found: dict[str, Any] = visitor.get(f"/api/profiles/{handle}").get_json()
    return found


def act(visitor: Browser, op: str, request: dict[str, str]) -> str:
    reply = visitor.post(f"/api/{op}", request)
    assert reply.status_code == 200, reply.text
    status: str = reply.get_json()["status"]
    return status


def test_follow_and_unfollow(ready: Browser, alice: Person, clock: Ticker) -> None:
    before = profile(ready)
    assert before["isFollowedByMe"] is False
    assert act(ready, "follow", alice.request("follow", "shiyu", clock())) == "SUCCESS"
    assert profile(ready) == {
        **before,
        "followerCount": before["followerCount"] + 1,
        "isFollowedByMe": True,
    }
    clock.now += 1
    assert act(ready, "follow", alice.request("follow", "shiyu", clock())) == "ALREADY_DONE"
    clock.now += 1
    assert act(ready, "unfollow", alice.request("unfollow", "shiyu", clock())) == "SUCCESS"
    assert profile(ready) == before


def test_a_status_comes_with_the_gateway_s_time_and_the_exact_exchange(
    ready: Browser, alice: Person, clock: Ticker
) -> None:
    request = alice.request("follow", "shiyu", clock())
    reply = ready.post("/api/follow", request).get_json()
    assert set(reply) == {"status", "tsInServer", "exchange"}
    assert reply["tsInServer"] >= NOW
    exchange = reply["exchange"]
    assert json.loads(exchange["request"]["body"])["variables"] == {"input": request}
    answered = json.loads(exchange["response"]["body"])
    assert answered == {"data": {"follow": {"status": "SUCCESS", "tsInServer": reply["tsInServer"]}}}
    assert exchange["request"]["method"] == "POST"
    assert exchange["request"]["url"].endswith("/graphql")
    assert exchange["response"]["status"] == 200
    assert exchange["durationMs"] > 0
    assert API_KEY not in json.dumps(reply)


STATUSES: list[tuple[str, dict[str, str], str]] = [
    ("HANDLE_NOT_FOUND", {"handle": "nobody"}, "follow"),
    ("HANDLE_NOT_FOUND", {"handle": "a\r\nx-api-key: b"}, "follow"),
    ("INVALID_MESSAGE", {"message": "{}"}, "follow"),
    ("INVALID_MESSAGE", {"message": "\ud800"}, "follow"),
    ("INVALID_MESSAGE", {"message": "{\r\n\r\n}"}, "follow"),
    ("INVALID_MESSAGE", {}, "unfollow"),
    ("INVALID_SIGNING_KEY", {"signingKey": ""}, "follow"),
    ("INVALID_SIGNING_KEY", {"signingKey": Device("stranger").signing_key}, "follow"),
    ("INVALID_SIGNATURE", {"signature": "0x" + "00" * 64}, "follow"),
    ("INVALID_SIGNATURE", {"signature": "0x" + "11" * 65}, "follow"),
]


@pytest.mark.parametrize(("status", "changes", "op"), STATUSES)
def test_a_refusal_is_the_gateway_s_own(
    ready: Browser, alice: Person, clock: Ticker, *, status: str, changes: dict[str, str], op: str
) -> None:
    request = {**alice.request("follow", "shiyu", clock()), **changes}
    assert act(ready, op, request) == status


def test_an_old_message_is_answered_with_a_time_that_works(ready: Browser, alice: Person) -> None:
    reply = ready.post("/api/follow", alice.request("follow", "shiyu", 1)).get_json()
    assert reply["status"] == "MESSAGE_EXPIRED"
    assert act(ready, "follow", alice.request("follow", "shiyu", reply["tsInServer"])) == "SUCCESS"


def test_a_wrong_checksum_of_the_right_account_is_for_the_gateway_to_refuse(
    ready: Browser, alice: Person, clock: Ticker
) -> None:
    wrong = "0x" + alice.address[2:].swapcase()
    request = {**alice.request("follow", "shiyu", clock()), "address": wrong}
    assert act(ready, "follow", request) == "INVALID_ADDRESS"


def test_an_expired_key(ready: Browser, alice: Person, clock: Ticker) -> None:
    clock.now += 30 * 86_400_000 - 1
    ready.sign_in(alice.wallet)
    assert act(ready, "follow", alice.request("follow", "shiyu", clock())) == "SUCCESS"
    clock.now += 1
    assert act(ready, "unfollow", alice.request("unfollow", "shiyu", clock())) == "EXPIRED_SIGNING_KEY"


def test_registration_and_its_list(visitor: Browser, alice: Person, clock: Ticker) -> None:
    visitor.sign_in(alice.wallet)
    assert visitor.get("/api/signing-keys").get_json() == {"signingKeys": []}
    reply = visitor.post("/api/signing-keys", alice.registration()).get_json()
    assert set(reply) == {"status", "exchange"}
    (key,) = visitor.get("/api/signing-keys").get_json()["signingKeys"]
    members = {"signingKey", "fingerprint", "name", "entity", "registeredAt", "expiresAt", "revokedAt"}
    assert set(key) == {*members, "lastUsedAt"}
    assert key["signingKey"] == alice.device.signing_key
    assert (key["registeredAt"], key["revokedAt"]) == (clock(), None)


def test_a_registration_signed_by_another_wallet(visitor: Browser, alice: Person, bob: Person) -> None:
    visitor.sign_in(alice.wallet)
    request = {**bob.registration(), "address": alice.address}
    assert visitor.post("/api/signing-keys", request).get_json()["status"] == "INVALID_SIGNATURE"


@pytest.mark.parametrize("path", ["/api/follow", "/api/unfollow", "/api/signing-keys"])
def test_nobody_acts_without_signing_in(visitor: Browser, alice: Person, path: str) -> None:
    assert problem(visitor.post(path, alice.request("follow", "shiyu", 1))) == (401, "not-signed-in")


@pytest.mark.parametrize("op", ["follow", "unfollow"])
def test_t21_nobody_acts_as_another_account(
    ready: Browser, alice: Person, bob: Person, clock: Ticker, op: str
) -> None:
    """Not with the other's own valid signature, nor with one that is signed in here but not active."""
    assert problem(ready.post(f"/api/{op}", bob.request(op, "shiyu", clock()))) == (403, "wrong-account")
    clock.now += 1
    ready.sign_in(bob.wallet)
    request = alice.request(op, "shiyu", clock())
    assert problem(ready.post(f"/api/{op}", request)) == (403, "wrong-account")
    for address in ("", "0x", alice.address[:-1], alice.address + " "):
        assert problem(ready.post(f"/api/{op}", {**request, "address": address})) == (403, "wrong-account")


def test_t21_nobody_registers_a_key_for_another_account(visitor: Browser, alice: Person, bob: Person) -> None:
    visitor.sign_in(alice.wallet)
    assert problem(visitor.post("/api/signing-keys", bob.registration())) == (403, "wrong-account")


def test_fields_of_the_largest_size_still_reach_the_gateway(ready: Browser, alice: Person) -> None:
    """Control characters grow sixfold in JSON: five such fields must fit into the gateway's 64 KiB."""
    largest = "\x01" * MAX_TEXT
    request = {
        "address": alice.address,
        "handle": largest,
        "message": largest,
        "signature": largest,
        "signingKey": largest,
    }
    assert act(ready, "follow", request) == "HANDLE_NOT_FOUND"


# --- profiles ---


def test_a_profile(visitor: Browser) -> None:
    assert profile(visitor) == {
        "handle": "shiyu",
        "displayName": "Shiyu (demo)",
        "bio": "Demo data: this profile belongs to nobody.",
        "avatar": None,
        "followerCount": 5,
        "isFollowedByMe": False,
        "isMine": False,
    }
    assert problem(visitor.get("/api/profiles/nobody")) == (404, "not-found")


@pytest.mark.parametrize(
    "handle", ["SHIYU", "@shiyu", "shiyu.cc", "a" * 21, "%20", "a%0d%0ab", "%F0%9F%98%80"]
)
def test_a_handle_is_never_repaired(visitor: Browser, handle: str) -> None:
    reply = visitor.get(f"/api/profiles/{handle}")
    assert problem(reply) == (400, "invalid-request")
    assert reply.get_json()["errors"][0]["field"] == "handle"


def test_suggestions(visitor: Browser) -> None:
    found = visitor.get("/api/profiles?prefix=s").get_json()
    assert [one["handle"] for one in found["profiles"]] == ["satoshi", "shiyu"]
    assert set(found["profiles"][0]) == {"handle", "displayName", "followerCount"}
    assert visitor.get("/api/profiles?prefix=zzz").get_json() == {"profiles": []}


@pytest.mark.parametrize("query", ["", "?prefix=", "?prefix=S", "?prefix=a&prefix=b", "?prefix=%25"])
def test_a_prefix_is_the_beginning_of_a_handle(visitor: Browser, query: str) -> None:
    reply = visitor.get(f"/api/profiles{query}")
    assert problem(reply) == (400, "invalid-request")
    assert reply.get_json()["errors"][0]["field"] == "prefix"


def test_the_page_carries_what_it_needs(visitor: Browser, alice: Person) -> None:
    def bootstrap() -> dict[str, Any]:
        text = visitor.get("/").text
        found: dict[str, Any] = json.loads(text.partition("data-bootstrap='")[2].partition("'")[0])
        return found

    first = bootstrap()
    assert first == {
        **visitor.session(),
        "featured": profile(visitor),
        "featuredHandle": "shiyu",
        "featuredProblem": None,
        "keyLifetimeDays": 30,
        "upstream": "embedded gateway",
    }
    visitor.sign_in(alice.wallet)
    assert bootstrap()["address"] == alice.address


# --- gateways that fail, seen from the page ---


@pytest.fixture
def failing(
    request: pytest.FixtureRequest,
    elsewhere: FaultServer,
    database: Database,
    clock: Ticker,
    alice: Person,
) -> Iterator[Browser]:
    """Alice, signed in at a site whose gateway is elsewhere, and patient unless told."""
    upstream = connected(elsewhere, getattr(request, "param", AMPLE_S))
    visitor = Browser(create_site(CONFIG, database, upstream, clock))
    visitor.sign_in(alice.wallet)
    yield visitor
    upstream.close()


UNKNOWN, BUSY = (
    b'{"errors":[{"message":"","extensions":{"code":"%s"}}]}' % code
    for code in (b"OUTCOME_UNKNOWN", b"UNAVAILABLE")
)
FAULTS: list[tuple[str, faults.Fault, int, str]] = [
    ("reset", faults.reset, 502, "upstream-unreachable"),
    ("500", faults.body(b"{}", status="500 No"), 502, "upstream-unreachable"),
    ("drip", faults.drip(faults.http(b"{}")), 504, "upstream-timeout"),
    ("HTML", faults.body(b"<script>alert(1)</script>", kind="text/html"), 502, "upstream-malformed"),
    ("redirect", faults.body(b"", status="302 Found", Location="http://evil/"), 502, "upstream-malformed"),
    ("key refused", faults.body(b"{}", status="401 No"), 502, "upstream-malformed"),
    ("errors", faults.reply({**faults.SUCCESS, "errors": [{"message": "<b>x"}]}), 502, "upstream-malformed"),
    ("unknown status", faults.reply({"data": {"follow": {"status": "YES"}}}), 502, "upstream-malformed"),
    ("disk", faults.body(UNKNOWN, status="503 Disk", Retry_After="9"), 503, "outcome-unknown"),
    ("busy", faults.body(BUSY, status="503 Busy", Retry_After="9"), 503, "unavailable"),
    ("503", faults.body(b"{", status="503 Busy", Retry_After="9"), 503, "unavailable"),
    ("429", faults.body(b"{}", status="429 Slow", Retry_After="9"), 503, "unavailable"),
]


@pytest.mark.parametrize(
    ("failing", "fault", "status", "slug"),
    [(1.5 if row[2] == 504 else AMPLE_S, *row[1:]) for row in FAULTS],
    ids=[row[0] for row in FAULTS],
    indirect=["failing"],
)
def test_a_failing_gateway_is_a_problem_and_never_a_status(
    failing: Browser,
    elsewhere: FaultServer,
    alice: Person,
    caplog: pytest.LogCaptureFixture,
    *,
    fault: faults.Fault,
    status: int,
    slug: str,
) -> None:
    elsewhere.fault = fault
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    reply = failing.post("/api/follow", alice.request("follow", "shiyu", NOW))
    assert problem(reply) == (status, slug)
    assert "SUCCESS" not in reply.text
    assert "<" not in reply.text
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert reply.headers["x-request-id"] in warning.getMessage()
    assert API_KEY not in reply.text + caplog.text
    if slug == "unavailable":
        assert reply.headers["retry-after"] == "9"


def test_the_page_comes_without_its_profile_when_the_gateway_hangs(
    failing: Browser, elsewhere: FaultServer
) -> None:
    elsewhere.fault = faults.silence(elsewhere.stopped)
    reply = failing.get("/")
    assert reply.status_code == 200
    assert "&#34;featured&#34;: null" in reply.text or '"featured": null' in reply.text


def test_the_page_waits_a_second_for_its_profile_however_patient_the_client(
    elsewhere: FaultServer, database: Database, clock: Ticker
) -> None:
    """The client would wait for an hour, and this test with it."""
    elsewhere.fault = faults.silence(elsewhere.stopped)
    with closing(connected(elsewhere, 3_600)) as upstream:
        visitor = Browser(create_site(CONFIG, database, upstream, clock))
        assert visitor.get("/").status_code == 200


def test_a_gateway_without_our_extensions_is_enough(failing: Browser, elsewhere: FaultServer) -> None:
    elsewhere.fault = faults.reply({"errors": [{"message": "Cannot query field"}]})
    assert failing.get("/api/signing-keys").get_json() == {"signingKeys": None}
    assert failing.get("/api/profiles?prefix=s").get_json() == {"profiles": []}
    revocation = {"address": "", "signingKey": "", "message": "", "signature": ""}
    assert problem(failing.post("/api/signing-keys/revoke", revocation)) == (404, "not-found")
    alice = Person("alice")
    failing.sign_in(alice.wallet)
    renewal = {**revocation, "address": alice.address}
    assert problem(failing.post("/api/signing-keys/renew", renewal)) == (404, "not-found")
    renaming = {**renewal, "authorizedBy": ""}
    assert problem(failing.post("/api/signing-keys/rename", renaming)) == (404, "not-found")


def test_t17_text_of_the_gateway_stays_text(failing: Browser, elsewhere: FaultServer) -> None:
    evil = "'\"><img src=x onerror=alert(1)>"
    found = {
        "handle": evil,
        "avatar": "",
        "followerCount": 1,
        "owner": {"address": "0x"},
        "metadataInfo": {"displayName": evil},
    }
    elsewhere.fault = faults.reply({"data": {"profileByHandle": found}})
    assert "<img" not in failing.get("/").text


def test_t53_after_a_lost_reply_the_same_message_is_already_done(
    ready: Browser, alice: Person, clock: Ticker, site: Flask
) -> None:
    """The gateway commits, the socket dies, the page sends the same bytes again."""
    request = alice.request("follow", "shiyu", clock())
    count = profile(ready)["followerCount"]
    assert act(ready, "follow", request) == "SUCCESS"  # an answer that nobody got
    clock.now += 3_600_000
    again = Browser(site)
    again.sign_in(alice.wallet)
    assert act(again, "follow", request) == "ALREADY_DONE"
    assert profile(ready)["followerCount"] == count + 1
