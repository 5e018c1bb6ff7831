"""Sessions: opaque, replaced at sign-in, over at sign-out, several accounts side by side."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.browsers import CONFIG, Browser, another, personal_sign, problem
from tests.support.databases import count, written
from tests.support.people import Person, Ticker, Wallet
from tests.support.worker import worker
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.config import SiteConfig
from webapp.web.sessions.store import FRESH_MS, MAX_ADDRESSES
from webapp.web.sessions.tables import web_sessions
from webapp.web.site import create_site


def test_t05_signing_in_replaces_the_cookie_and_the_token(visitor: Browser, alice: Person) -> None:
    """A cookie that was planted before is worth nothing after."""
    planted, token = visitor.cookie(), visitor.token
    visitor.sign_in(alice.wallet)
    assert visitor.cookie() != planted
    assert visitor.token != token
    assert another(visitor, planted, token).session()["address"] is None
    assert problem(another(visitor, planted, token).get("/api/signing-keys")) == (401, "not-signed-in")


def test_two_tabs_that_sign_in_at_once_both_can(visitor: Browser, alice: Person, bob: Person) -> None:
    """Both texts are written before either is signed; the second goes with the cookie that the first got."""
    first, second = visitor.challenge(alice.wallet), visitor.challenge(bob.wallet)
    visitor.login(first, personal_sign(alice.wallet, first))
    reply = visitor.login(second, personal_sign(bob.wallet, second))
    assert set(reply.get_json()["addresses"]) == {alice.address, bob.address}


def test_two_tabs_whose_sign_ins_both_left_with_the_first_cookie_both_can(
    visitor: Browser, alice: Person
) -> None:
    """Whichever reply arrives last, its cookie is that of somebody who is signed in."""
    first, second = visitor.challenge(alice.wallet), visitor.challenge(alice.wallet)
    other = another(visitor, visitor.cookie(), visitor.token)
    for tab, text in ((visitor, first), (other, second)):
        assert tab.login(text, personal_sign(alice.wallet, text)).status_code == 200
    assert visitor.session()["address"] == other.session()["address"] == alice.address
    third = another(visitor, visitor.cookie(), visitor.token)
    text = other.challenge(alice.wallet)
    assert third.login(text, personal_sign(alice.wallet, text)).status_code == 200


def test_t05_a_planted_cookie_signs_in_nobody_but_whoever_signs(
    visitor: Browser, alice: Person, bob: Person
) -> None:
    """What was asked for with it may be answered with it, and leads to no session but its own."""
    planted, token = visitor.cookie(), visitor.token
    thief = another(visitor, planted, token)
    text = thief.challenge(bob.wallet)
    visitor.sign_in(alice.wallet)
    assert thief.login(text, personal_sign(bob.wallet, text)).get_json()["addresses"] == [bob.address]
    assert thief.session()["addresses"] == [bob.address]
    assert visitor.session()["addresses"] == [alice.address]


def test_t03_of_a_cookie_only_the_first_half_is_shared(visitor: Browser, alice: Person) -> None:
    """Whoever knows with which cookie a browser began, and makes up the rest, is nobody."""
    planted = visitor.cookie()
    visitor.sign_in(alice.wallet)
    secret, _, first = visitor.cookie().partition(".")
    assert first == planted
    for guessed in (planted, secret, f"{'A' * 43}.{planted}", f"{planted}.{planted}", f"{secret}.{'A' * 43}"):
        assert another(visitor, guessed, "").session()["address"] is None


def test_the_session_tells_whether_the_cookie_came_back(visitor: Browser) -> None:
    """So a browser that keeps none can be told from one whose session ended."""
    assert visitor.session()["cookie"] is True
    first = visitor.app.test_client().get("/api/session", base_url=visitor.origin)
    assert first.get_json()["cookie"] is False


def test_t14_a_copied_cookie_is_worth_nothing_after_signing_out(visitor: Browser, alice: Person) -> None:
    visitor.sign_in(alice.wallet)
    cookie, token = visitor.cookie(), visitor.token
    assert another(visitor, cookie, token).session()["address"] == alice.address
    reply = visitor.post("/api/logout", {})
    assert reply.get_json()["address"] is None
    assert visitor.cookie() != cookie
    thief = another(visitor, cookie, token)
    assert thief.session()["address"] is None
    assert problem(thief.get("/api/signing-keys")) == (401, "not-signed-in")
    follow = thief.post("/api/follow", alice.request("follow", "shiyu", 1))
    assert problem(follow) == (401, "not-signed-in")


def test_a_session_outlives_a_restart_and_ends_with_its_lifetime(
    visitor: Browser, alice: Person, database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    visitor.sign_in(alice.wallet)
    after = Browser(create_site(CONFIG, database, embedded, clock))
    after.set_cookie(visitor.cookie())
    clock.now += CONFIG.session_lifetime_ms - 1
    assert after.session()["address"] == alice.address
    clock.now += 1
    assert after.session()["address"] is None


def test_a_clock_that_was_ahead_for_a_while_ends_no_session(
    visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    visitor.sign_in(alice.wallet)
    clock.now += 2 * CONFIG.session_lifetime_ms - 1
    assert visitor.session()["address"] is None
    Browser(visitor.app).sign_in(bob.wallet)
    clock.now -= 2 * CONFIG.session_lifetime_ms - 1
    assert visitor.session()["address"] == alice.address


def test_expired_sessions_are_removed_a_lifetime_later(
    visitor: Browser, alice: Person, bob: Person, clock: Ticker, database: Database
) -> None:
    visitor.sign_in(alice.wallet)
    clock.now += 2 * CONFIG.session_lifetime_ms
    Browser(visitor.app).sign_in(bob.wallet)
    with database.read() as connection:
        assert list(connection.scalars(select(web_sessions.c.address))) == [bob.address]


def test_the_database_holds_no_cookie(
    visitor: Browser, alice: Person, database: Database, tmp_path: Path
) -> None:
    """A copy of it signs nobody in."""
    visitor.challenge(alice.wallet)
    before = visitor.cookie()
    visitor.sign_in(alice.wallet)
    cookies = [visitor.cookie(), before]
    found = written(database, tmp_path)
    assert alice.address.encode() in found
    assert not [cookie for cookie in cookies if cookie.encode() in found]


# --- what a stolen cookie is good for, and how its owner ends it ---


def test_t22_a_wallet_that_signs_in_with_a_copied_cookie_takes_nobody_along(
    visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    """The thief is left with what his own wallet signed; the owner signs in again, and only she is alice."""
    visitor.sign_in(alice.wallet)
    clock.now += FRESH_MS + 1
    thief = another(visitor, visitor.cookie(), visitor.token)
    assert thief.sign_in(bob.wallet)["addresses"] == [bob.address]
    refused = thief.post("/api/session/active", {"address": alice.address})
    assert problem(refused) == (401, "not-signed-in")
    assert visitor.session()["addresses"] == []
    visitor.token = visitor.session()["csrfToken"]
    assert visitor.sign_in(alice.wallet)["addresses"] == [alice.address]
    assert thief.session()["addresses"] == [bob.address]


def test_signing_in_again_ends_a_copied_cookie(visitor: Browser, alice: Person, clock: Ticker) -> None:
    visitor.sign_in(alice.wallet)
    thief = another(visitor, visitor.cookie(), visitor.token)
    clock.now += FRESH_MS + 1
    visitor.sign_in(alice.wallet)
    assert thief.session()["addresses"] == []


def test_accounts_signed_in_one_after_the_other_stay_side_by_side_and_older_ones_sign_in_again(
    visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    visitor.sign_in(alice.wallet)
    clock.now += FRESH_MS
    assert visitor.sign_in(bob.wallet)["addresses"] == [alice.address, bob.address]
    clock.now += 1
    assert visitor.sign_in(bob.wallet)["addresses"] == [bob.address]


def test_a_sign_in_of_a_clock_that_was_ahead_vouches_for_nothing_now(
    visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    visitor.sign_in(alice.wallet)
    clock.now -= FRESH_MS + 1
    assert visitor.sign_in(bob.wallet)["addresses"] == [bob.address]


def test_t22_all_sessions_of_an_address_are_ended_by_a_fresh_signature_of_its_wallet(
    site: Flask, visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    elsewhere, stranger = Browser(site), Browser(site)
    elsewhere.sign_in(alice.wallet)
    elsewhere.sign_in(bob.wallet)
    stranger.sign_in(bob.wallet)
    visitor.sign_in(alice.wallet)
    before = visitor.cookie()
    thief = another(visitor, before, visitor.token)
    clock.now += FRESH_MS
    reply = visitor.post("/api/sessions/revoke", {"address": alice.address}).get_json()
    assert (reply["address"], reply["ended"]) == (alice.address, 1)
    assert visitor.cookie() != before
    assert visitor.session()["address"] == alice.address
    assert problem(thief.get("/api/signing-keys")) == (401, "not-signed-in")
    assert elsewhere.session()["addresses"] == [bob.address]
    assert stranger.session()["addresses"] == [bob.address]


def test_t22_a_cookie_without_a_fresh_signature_ends_nothing(
    site: Flask, visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    owner = Browser(site)
    owner.sign_in(alice.wallet)
    visitor.sign_in(alice.wallet)
    clock.now += FRESH_MS + 1
    visitor.sign_in(bob.wallet)
    wrong = visitor.post("/api/sessions/revoke", {"address": alice.address})
    assert problem(wrong) == (403, "wrong-account")
    stale = owner.post("/api/sessions/revoke", {"address": alice.address})
    assert problem(stale) == (403, "sign-in-again")
    assert owner.session()["address"] == alice.address
    nobody = Browser(site).post("/api/sessions/revoke", {"address": alice.address})
    assert problem(nobody) == (401, "not-signed-in")


def test_ending_all_sessions_takes_nobody_along_either(
    visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    """Else a thief's own wallet would get him a cookie that he alone has, with the owner's account in it."""
    visitor.sign_in(alice.wallet)
    clock.now += FRESH_MS
    visitor.sign_in(bob.wallet)
    clock.now += 1
    reply = visitor.post("/api/sessions/revoke", {"address": bob.address})
    assert reply.get_json()["addresses"] == [bob.address]


def test_t22_a_session_is_ended_in_every_process_at_once(
    site: Flask, visitor: Browser, alice: Person, database: Database
) -> None:
    """Another process on the same database: it knows by its next request, by sign-out and by revocation."""
    with worker(database.url) as address_at:
        for path, body in (("/api/logout", {}), ("/api/sessions/revoke", {"address": alice.address})):
            one, other = Browser(site), visitor
            one.sign_in(alice.wallet)
            other.sign_in(alice.wallet)
            stolen = other.cookie() if path == "/api/logout" else one.cookie()
            assert address_at(stolen) == alice.address
            assert other.post(path, body).status_code == 200
            assert address_at(stolen) is None


# --- several accounts in one visitor ---


def test_switching_accounts_and_back_needs_no_new_login(
    visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    visitor.sign_in(alice.wallet)
    clock.now += 1
    session = visitor.sign_in(bob.wallet)
    assert session["address"] == bob.address
    assert session["addresses"] == [alice.address, bob.address]
    back = visitor.post("/api/session/active", {"address": alice.address.lower()}).get_json()
    assert back["address"] == alice.address
    assert visitor.session()["address"] == alice.address
    assert visitor.session()["addresses"] == [alice.address, bob.address]


def test_switching_to_an_account_that_never_signed_in_is_refused(
    site: Flask, visitor: Browser, alice: Person, bob: Person
) -> None:
    Browser(site).sign_in(bob.wallet)
    visitor.sign_in(alice.wallet)
    reply = visitor.post("/api/session/active", {"address": bob.address})
    assert problem(reply) == (401, "not-signed-in")
    assert visitor.session()["address"] == alice.address


def test_switching_without_any_account_is_refused(visitor: Browser, alice: Person) -> None:
    reply = visitor.post("/api/session/active", {"address": alice.address})
    assert problem(reply) == (401, "not-signed-in")


def test_each_account_has_its_own_end(visitor: Browser, alice: Person, bob: Person, clock: Ticker) -> None:
    """Signing another account in does not lengthen the first one's session."""
    visitor.sign_in(alice.wallet)
    clock.now += FRESH_MS
    visitor.sign_in(bob.wallet)
    visitor.post("/api/session/active", {"address": alice.address})
    clock.now += CONFIG.session_lifetime_ms - FRESH_MS
    session = visitor.session()
    assert (session["address"], session["addresses"]) == (None, [bob.address])
    reply = visitor.post("/api/session/active", {"address": alice.address})
    assert problem(reply) == (401, "not-signed-in")


def test_signing_in_again_renews(visitor: Browser, alice: Person, clock: Ticker) -> None:
    visitor.sign_in(alice.wallet)
    clock.now += CONFIG.session_lifetime_ms - 1
    assert visitor.sign_in(alice.wallet)["addresses"] == [alice.address]
    clock.now += 1
    assert visitor.session()["address"] == alice.address


def test_signing_out_ends_every_account_of_this_browser_and_of_no_other(
    site: Flask, visitor: Browser, alice: Person, bob: Person
) -> None:
    elsewhere = Browser(site)
    elsewhere.sign_in(alice.wallet)
    visitor.sign_in(alice.wallet)
    visitor.sign_in(bob.wallet)
    assert visitor.post("/api/logout", {}).get_json()["addresses"] == []
    assert visitor.session()["addresses"] == []
    assert elsewhere.session()["address"] == alice.address


def test_the_oldest_of_too_many_accounts_is_let_go(visitor: Browser, clock: Ticker) -> None:
    wallets = [Wallet(f"account {number}") for number in range(MAX_ADDRESSES + 1)]
    for wallet in wallets:
        clock.now += 1
        visitor.sign_in(wallet)
    assert visitor.session()["addresses"] == [wallet.address for wallet in wallets[1:]]


# --- the cookie ---


def test_t16_on_loopback_the_cookie_is_plain_but_out_of_scripts_reach(
    visitor: Browser, alice: Person
) -> None:
    new = visitor.app.test_client()
    first = new.get("/api/session", base_url=visitor.origin).headers["set-cookie"]
    assert re.fullmatch(r"countersign-8000=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", first)
    visitor.sign_in(alice.wallet)
    assert visitor.get("/api/session").headers.get("set-cookie") is None


def test_t16_over_https_the_cookie_is_bound_to_the_host(
    database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    config = SiteConfig(origins=("https://follow.example",))
    client = create_site(config, database, embedded, clock).test_client()
    reply = client.get("/api/session", base_url="https://follow.example")
    cookie = reply.headers["set-cookie"]
    assert re.fullmatch(r"__Host-countersign=[\w-]{43}; Secure; HttpOnly; Path=/; SameSite=Lax", cookie)
    assert reply.headers["strict-transport-security"]


def test_a_signed_in_cookie_lasts_as_long_as_its_session(visitor: Browser, alice: Person) -> None:
    text = visitor.challenge(alice.wallet)
    cookie = visitor.login(text, personal_sign(alice.wallet, text)).headers["set-cookie"]
    assert f"Max-Age={CONFIG.session_lifetime_ms // 1000};" in cookie


@pytest.mark.parametrize("value", ["", "short", "a" * 44, "é" * 43, "a" * 42 + "'", "a" * 3000])
def test_a_cookie_of_another_form_is_replaced(site: Flask, value: str) -> None:
    visitor = Browser(site)
    visitor.set_cookie(value)
    reply = visitor.get("/api/session")
    assert reply.status_code == 200
    assert reply.headers["set-cookie"]


def test_no_cookie_is_set_where_none_is_needed(site: Flask) -> None:
    for path in ("/api/profiles/shiyu", "/api/nothing", "/static/nothing.js", "/nothing"):
        reply = site.test_client().get(path, base_url=CONFIG.origins[0])
        assert "set-cookie" not in reply.headers


def test_a_remember_cookie_does_nothing(visitor: Browser) -> None:
    """Flask-Login would read one with a secret key, and there is none."""
    visitor.client.set_cookie("remember_token", "0x00|00", domain="127.0.0.1")
    assert visitor.session()["address"] is None
    assert visitor.get("/api/signing-keys").status_code == 401


def test_nobody_signed_in_costs_no_row(site: Flask, database: Database) -> None:
    for _ in range(20):
        Browser(site).get("/")
    assert count(database, web_sessions) == 0


@pytest.mark.parametrize(
    ("origin", "cookie"),
    [
        ("http://localhost:8001", "countersign-8001"),
        ("http://[::1]:8001", "countersign-8001"),
        ("http://[::1]", "countersign-80"),
        ("https://follow.example:8443", "__Host-countersign"),
    ],
)
def test_servers_on_two_ports_of_one_host_have_a_cookie_each(
    origin: str, cookie: str, database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    app = create_site(replace(CONFIG, origins=(origin,)), database, embedded, clock)
    reply = app.test_client().get("/api/session", base_url=origin)
    assert reply.headers["set-cookie"].startswith(f"{cookie}=")
