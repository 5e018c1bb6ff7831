"""Keys are renamed, renewed and revoked here; a key ends itself also where nobody is signed in."""

import json

import pytest
from limits import RateLimitItemPerMinute

from tests.support import keys
from tests.support.browsers import Browser, problem
from tests.support.people import Device, Person, Ticker, Wallet
from webapp.web.account import devices
from webapp.web.http.network_shares import Share

LAPTOP = Device("laptop")


def revocation(person: Person, clock: Ticker, key: Device, by: Device) -> dict[str, str]:
    members = {"op": "revoke", "address": person.address, "signingKey": key.signing_key, "ts": clock()}
    text = json.dumps(members, separators=(",", ":"))
    fields = {"address": person.address, "signingKey": key.signing_key}
    return {**fields, "message": text, "signature": by.sign(text)}


def signed(
    person: Person, op: str, key: Device, ts: int, by: Device | Wallet, **members: str
) -> dict[str, str]:
    """As the page sends it: a revocation or a name says who signed, the wallet with an empty text."""
    named: dict[str, str] = {} if op == "renew" else {"authorizedBy": ""}
    return named | keys.request(person, op, key, ts, by, **members)


def status(browser: Browser, op: str, request: dict[str, str]) -> str:
    found: str = browser.post(f"/api/signing-keys/{op}", request).get_json()["status"]
    return found


def listed(browser: Browser, key: Device) -> dict[str, object]:
    found = browser.get("/api/signing-keys").get_json()["signingKeys"]
    row: dict[str, object] = next(row for row in found if row["signingKey"] == key.signing_key)
    return row


def revoke(browser: Browser, request: dict[str, str]) -> str:
    status: str = browser.post("/api/signing-keys/revoke", request).get_json()["status"]
    return status


@pytest.fixture
def here(owner: Browser, alice: Person) -> Browser:
    """Signed in, with two devices."""
    for device in (alice.device, LAPTOP):
        owner.post("/api/signing-keys", alice.registration(device))
    return owner


@pytest.fixture
def left(here: Browser) -> Browser:
    """Whoever was here has authorised two devices, and signed out."""
    here.post("/api/logout", {})
    return here


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


# --- signed by another key of the account, or by its wallet ---


@pytest.mark.parametrize("by_wallet", [False, True])
def test_a_key_is_renamed_by_another_or_by_the_wallet(
    by_wallet: bool, here: Browser, alice: Person, clock: Ticker
) -> None:
    by = alice.wallet if by_wallet else alice.device
    clock.now += 1
    request = signed(alice, "rename", LAPTOP, clock(), by, name="Work laptop")
    assert status(here, "rename", request) == "SUCCESS"
    assert listed(here, LAPTOP)["name"] == "Work laptop"
    assert listed(here, alice.device)["name"] == ""


@pytest.mark.parametrize("by_wallet", [False, True])
def test_a_key_is_revoked_by_another_or_by_the_wallet(
    by_wallet: bool, here: Browser, alice: Person, clock: Ticker
) -> None:
    by = alice.wallet if by_wallet else LAPTOP
    request = signed(alice, "revoke", alice.device, clock(), by)
    assert status(here, "revoke", request) == "SUCCESS"
    follow = here.post("/api/follow", alice.request("follow", "shiyu", clock())).get_json()
    assert follow["status"] == "INVALID_SIGNING_KEY"
    assert listed(here, alice.device)["revokedAt"] == clock()


def test_a_key_is_renewed_by_the_wallet_alone(here: Browser, alice: Person, clock: Ticker) -> None:
    before = listed(here, LAPTOP)["expiresAt"]
    clock.now += 60_000
    forged = {**signed(alice, "renew", LAPTOP, clock(), alice.wallet), "signature": LAPTOP.sign("{}")}
    assert status(here, "renew", forged) == "INVALID_SIGNATURE"
    clock.now += 1
    assert status(here, "renew", signed(alice, "renew", LAPTOP, clock(), alice.wallet)) == "SUCCESS"
    assert listed(here, LAPTOP)["expiresAt"] == before + 60_001  # type: ignore[operator]
    by_key = signed(alice, "renew", LAPTOP, clock(), LAPTOP)
    assert problem(here.post("/api/signing-keys/renew", by_key)) == (400, "invalid-request")


@pytest.mark.parametrize("op", ["rename", "renew", "revoke"])
def test_t21_nobody_changes_anothers_keys_through_the_site(
    op: str, here: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    """Whatever is signed: the account of the session is the one that acts here."""
    members = {"name": "x"} if op == "rename" else {}
    request = signed(alice, op, LAPTOP, clock() + 1, alice.wallet, **members)
    other = Browser(here.app)
    assert problem(other.post(f"/api/signing-keys/{op}", request)) == (401, "not-signed-in")
    other.sign_in(bob.wallet)
    assert problem(other.post(f"/api/signing-keys/{op}", request)) == (403, "wrong-account")
    assert status(here, op, request) == "SUCCESS"


def test_who_signed_a_name_is_asked_for(here: Browser, alice: Person, clock: Ticker) -> None:
    request = signed(alice, "rename", LAPTOP, clock(), alice.wallet, name="x")
    del request["authorizedBy"]
    reply = here.post("/api/signing-keys/rename", request)
    assert [error["field"] for error in reply.get_json()["errors"]] == ["authorizedBy"]
