"""A device's key ends itself, also where nobody is signed in any more."""

import json

import pytest
from limits import RateLimitItemPerMinute

from tests.support.browsers import Browser, problem
from tests.support.people import Device, Person, Ticker
from webapp.web import devices
from webapp.web.network_shares import Share

LAPTOP = Device("laptop")


def revocation(person: Person, clock: Ticker, key: Device, by: Device) -> dict[str, str]:
    members = {"op": "revoke", "address": person.address, "signingKey": key.signing_key, "ts": clock()}
    text = json.dumps(members, separators=(",", ":"))
    fields = {"address": person.address, "signingKey": key.signing_key}
    return {**fields, "message": text, "signature": by.sign(text)}


def revoke(browser: Browser, request: dict[str, str]) -> str:
    status: str = browser.post("/api/signing-keys/revoke", request).get_json()["status"]
    return status


@pytest.fixture
def left(visitor: Browser, alice: Person) -> Browser:
    """Whoever was here has authorised two devices, and signed out."""
    visitor.sign_in(alice.wallet)
    for device in (alice.device, LAPTOP):
        visitor.post("/api/signing-keys", alice.registration(device))
    visitor.post("/api/logout", {})
    return visitor


def test_a_key_revokes_itself_after_its_owner_signed_out(left: Browser, alice: Person, clock: Ticker) -> None:
    """No session and no wallet: the key's own signature is enough, and nothing more comes of it."""
    request = revocation(alice, clock, alice.device, alice.device)
    reply = left.post("/api/signing-keys/revoke", request).get_json()
    assert (set(reply), reply["status"]) == ({"status", "tsInServer", "exchange"}, "SUCCESS")
    assert revoke(left, request) == "ALREADY_DONE"
    left.sign_in(alice.wallet)
    follow = left.post("/api/follow", alice.request("follow", "shiyu", clock())).get_json()
    assert follow["status"] == "INVALID_SIGNING_KEY"
    live = [key for key in left.get("/api/signing-keys").get_json()["signingKeys"] if not key["revokedAt"]]
    assert [key["signingKey"] for key in live] == [LAPTOP.signing_key]


def test_a_key_revokes_no_other_key_here(left: Browser, alice: Person, clock: Ticker) -> None:
    """The gateway lets it; through the site, where nobody is signed in, it ends itself alone."""
    assert revoke(left, revocation(alice, clock, alice.device, LAPTOP)) == "INVALID_SIGNATURE"
    assert revoke(left, revocation(alice, clock, Device("stranger"), LAPTOP)) == "INVALID_SIGNING_KEY"


@pytest.mark.parametrize("missing", ["address", "signingKey", "message", "signature"])
def test_every_field_is_asked_for(left: Browser, alice: Person, clock: Ticker, missing: str) -> None:
    request = revocation(alice, clock, alice.device, alice.device)
    del request[missing]
    reply = left.post("/api/signing-keys/revoke", request)
    assert problem(reply) == (400, "invalid-request")
    assert [error["field"] for error in reply.get_json()["errors"]] == [missing]


@pytest.mark.usefixtures("frozen")
def test_a_network_has_a_share_of_revocations(
    left: Browser, alice: Person, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody needs to be signed in: one visitor could use up the site's own requests at the gateway."""
    monkeypatch.setattr(devices, "REVOCATIONS", Share("revocations", RateLimitItemPerMinute(2)))
    request = revocation(alice, clock, alice.device, LAPTOP)
    assert [revoke(left, request) for _ in range(2)] == ["INVALID_SIGNATURE"] * 2
    assert problem(left.post("/api/signing-keys/revoke", request)) == (429, "too-many-requests")
