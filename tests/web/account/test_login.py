"""Signing in: one challenge, one visitor, one answer."""

import dataclasses
import re
import socket

import pytest
from flask import Flask

from tests.support.browsers import CONFIG, Browser, personal_sign, problem, reason
from tests.support.databases import count
from tests.support.people import DAY, NOW, Person, Ticker
from tests.support.work import at_once
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.config import SiteConfig
from webapp.web.sessions.tables import web_sessions
from webapp.web.site import create_site

LIFETIME = CONFIG.nonce_lifetime_ms


def test_signing_in(visitor: Browser, alice: Person) -> None:
    assert visitor.session()["address"] is None
    session = visitor.sign_in(alice.wallet)
    assert session["address"] == alice.address
    assert session == visitor.session()
    assert set(session) == {"csrfToken", "address", "addresses", "entity", "chainIds", "cookie"}


def test_the_challenge_names_this_origin_and_this_account(visitor: Browser, alice: Person) -> None:
    reply = visitor.post("/api/login/challenge", {"address": alice.address.lower(), "chainId": 97})
    text = reply.get_json()["message"]
    assert text.startswith(
        "127.0.0.1:8000 wants you to sign in with your Ethereum account:\n" + alice.address
    )
    assert "URI: http://127.0.0.1:8000\nVersion: 1\nChain ID: 97\n" in text
    assert reply.get_json()["expiresAt"] == NOW + LIFETIME


def test_two_challenges_never_share_a_nonce(visitor: Browser, alice: Person) -> None:
    assert len({visitor.challenge(alice.wallet) for _ in range(20)}) == 20


def test_a_whole_number_may_have_a_point(visitor: Browser, alice: Person) -> None:
    reply = visitor.post("/api/login/challenge", {"address": alice.address, "chainId": 97.0})
    assert "Chain ID: 97\n" in reply.get_json()["message"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"address", "chainId"}),
        ({"address": "0x12", "chainId": 1}, {"address"}),
        ({"address": None, "chainId": 1}, {"address"}),
        ({"address": "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "chainId": 1}, {"address"}),
        ({"address": "0x" + "ab" * 20, "chainId": 0}, {"chainId"}),
        ({"address": "0x" + "ab" * 20, "chainId": -1}, {"chainId"}),
        ({"address": "0x" + "ab" * 20, "chainId": "1"}, {"chainId"}),
        ({"address": "0x" + "ab" * 20, "chainId": 1.5}, {"chainId"}),
        ({"address": "0x" + "ab" * 20, "chainId": -1.0}, {"chainId"}),
        ({"address": "0x" + "ab" * 20, "chainId": True}, {"chainId"}),
        ({"address": "0x" + "ab" * 20, "chainId": 2**53}, {"chainId"}),
        ({"address": "0x" + "ab" * 20, "chainId": 1, "nonce": "a\nb"}, {"nonce"}),
        ({"address": "0x" + "ab" * 20, "chainId": 1, "domain": "evil.example"}, {"domain"}),
    ],
)
def test_a_challenge_is_asked_for_with_an_address_and_a_chain(
    visitor: Browser, body: object, fields: set[str]
) -> None:
    reply = visitor.post("/api/login/challenge", body)
    assert problem(reply) == (400, "invalid-request")
    assert {error["field"] for error in reply.get_json()["errors"]} == fields


def test_chains_can_be_limited(
    database: Database, embedded: UpstreamClient, clock: Ticker, alice: Person
) -> None:
    config = SiteConfig(origins=CONFIG.origins, chain_ids=frozenset({56, 1}))
    visitor = Browser(create_site(config, database, embedded, clock))
    assert visitor.session()["chainIds"] == [1, 56]
    visitor.challenge(alice.wallet, 56)
    reply = visitor.post("/api/login/challenge", {"address": alice.address, "chainId": 97})
    assert reason(reply) == "chain"


# --- an answer counts once, in one visitor, for some minutes ---


def test_t02_the_same_answer_does_not_sign_in_twice(visitor: Browser, alice: Person) -> None:
    text = visitor.challenge(alice.wallet)
    signature = personal_sign(alice.wallet, text)
    assert visitor.login(text, signature).status_code == 200
    assert reason(visitor.login(text, signature)) == "nonce-unknown"


@pytest.mark.parametrize("together", [50, pytest.param(500, marks=pytest.mark.soak)])
def test_t02_of_many_at_once_at_two_workers_one_signs_in(
    together: int, visitor: Browser, alice: Person, embedded: UpstreamClient, database: Database
) -> None:
    """The workers have nothing in common but the database."""
    other = Database.open(database.url)
    workers = [visitor.app, create_site(CONFIG, other, embedded, Ticker())]
    text = visitor.challenge(alice.wallet)
    signature, cookie, token = personal_sign(alice.wallet, text), visitor.cookie(), visitor.token

    def answer(number: int) -> int:
        same = Browser(workers[number % 2])
        same.set_cookie(cookie)
        same.token = token
        return same.login(text, signature).status_code

    statuses = at_once(together, answer)
    assert sorted(set(statuses)) in ([200, 401], [200, 401, 503])  # 503: waited too long for its turn
    assert statuses.count(200) == 1
    assert count(database, web_sessions) == 1
    other.close()


def test_t03_a_challenge_of_another_browser_is_refused_and_stays_good(site: Flask, alice: Person) -> None:
    """Nobody can be signed in to an attacker's account with the attacker's challenge."""
    mallory, victim = Browser(site), Browser(site)
    text = mallory.challenge(alice.wallet)
    signature = personal_sign(alice.wallet, text)
    assert reason(victim.login(text, signature)) == "nonce-unknown"
    assert mallory.login(text, signature).status_code == 200


@pytest.mark.parametrize("later", [0, 1000, LIFETIME - 1000, LIFETIME - 1])
def test_t04_a_challenge_is_good_until_it_expires(
    visitor: Browser, alice: Person, clock: Ticker, later: int
) -> None:
    text = visitor.challenge(alice.wallet)
    clock.now += later
    assert visitor.login(text, personal_sign(alice.wallet, text)).status_code == 200


@pytest.mark.parametrize("later", [LIFETIME, LIFETIME + 1, LIFETIME + 1000, 2 * LIFETIME - 1])
def test_t04_and_not_from_then_on(visitor: Browser, alice: Person, clock: Ticker, later: int) -> None:
    text = visitor.challenge(alice.wallet)
    clock.now += later
    assert reason(visitor.login(text, personal_sign(alice.wallet, text))) == "nonce-expired"


def test_an_expired_challenge_is_told_as_such_before_its_answer_is_read(
    visitor: Browser, alice: Person, clock: Ticker
) -> None:
    text = visitor.challenge(alice.wallet)
    clock.now += LIFETIME
    assert reason(visitor.login(text + " ", "0x")) == "nonce-expired"


def test_t04_a_clock_that_jumped_back_far_refuses(visitor: Browser, alice: Person, clock: Ticker) -> None:
    text = visitor.challenge(alice.wallet)
    clock.now -= LIFETIME + 1
    assert reason(visitor.login(text, personal_sign(alice.wallet, text))) == "nonce-expired"


def test_a_challenge_outlives_a_restart(
    visitor: Browser, alice: Person, database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    text = visitor.challenge(alice.wallet)
    after = Browser(create_site(CONFIG, database, embedded, clock))
    after.set_cookie(visitor.cookie())
    after.token = visitor.token
    assert after.login(text, personal_sign(alice.wallet, text)).status_code == 200


@pytest.mark.parametrize("away", [DAY, 400 * DAY, -DAY, -400 * DAY])
def test_t62_a_clock_that_leaves_and_returns_makes_no_answered_challenge_good(
    visitor: Browser, alice: Person, clock: Ticker, away: int
) -> None:
    """Somebody signs in meanwhile; a challenge that is open all the time stays so."""
    text, still_open = visitor.challenge(alice.wallet), visitor.challenge(alice.wallet)
    signature = personal_sign(alice.wallet, text)
    assert visitor.login(text, signature).status_code == 200
    clock.now += away
    visitor.sign_in(alice.wallet)
    clock.now -= away
    assert reason(visitor.login(text, signature)) == "nonce-unknown"
    assert visitor.login(still_open, personal_sign(alice.wallet, still_open)).status_code == 200


def test_a_challenge_that_was_good_for_another_time_is_none(
    visitor: Browser, alice: Person, database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    """The server was restarted with another lifetime of challenges."""
    text = visitor.challenge(alice.wallet)
    config = dataclasses.replace(CONFIG, nonce_lifetime_ms=LIFETIME * 2)
    after = Browser(create_site(config, database, embedded, clock))
    after.set_cookie(visitor.cookie())
    after.token = visitor.token
    assert reason(after.login(text, personal_sign(alice.wallet, text))) == "nonce-unknown"


# --- and for exactly the text that was issued ---


@pytest.mark.parametrize(
    ("at", "expected"),
    [*((at, "nonce-unknown") for at in (0, 15, 16, 31)), *((at, "text-differs") for at in (32, 47))],
)
def test_t03_no_character_of_a_nonce_is_another_s(
    visitor: Browser, alice: Person, at: int, expected: str
) -> None:
    """Nor may one be missing, or be a capital letter: nobody makes up a challenge that was not asked for.

    One that is right but for its last part uses its challenge up.
    """
    text = visitor.challenge(alice.wallet)
    nonce = next(line for line in text.splitlines() if line.startswith("Nonce: ")).removeprefix("Nonce: ")
    assert re.fullmatch("[a-z2-7]{48}", nonce)
    other = "b" if nonce[at] == "a" else "a"
    for changed, why in (
        (nonce[:at] + other + nonce[at + 1 :], expected),
        (nonce[:at] + nonce[at + 1 :], "nonce-unknown"),
        (nonce.upper(), "nonce-unknown"),
    ):
        forged = text.replace(nonce, changed)
        assert reason(visitor.login(forged, personal_sign(alice.wallet, forged))) == why
    answer = visitor.login(text, personal_sign(alice.wallet, text))
    assert answer.status_code == 200 if expected == "nonce-unknown" else reason(answer) == "nonce-unknown"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("127.0.0.1:8000 wants", "evil.example wants"),
        ("127.0.0.1:8000 wants", "a.127.0.0.1:8000 wants"),
        ("127.0.0.1:8000 wants", "127.0.0.1:8001 wants"),
        ("127.0.0.1:8000 wants", "user@127.0.0.1:8000 wants"),
        ("127.0.0.1:8000 wants", "LOCALHOST:8000 wants"),
        ("URI: http:", "URI: https:"),
        ("Chain ID: 1", "Chain ID: 0"),
        ("Chain ID: 1", "Chain ID: 01"),
        ("Version: 1", "Version: 1\nVersion: 1"),
        ("This is free", "This costs"),
        ("Sign in to", "Sign in to\n\nURI: http://x"),
        ("Issued At: 2026", "Issued At: 2036"),
        ("Expiration Time: 2026", "Expiration Time: 2036"),
    ],
)
def test_t01_another_text_is_refused_and_its_challenge_spent(
    visitor: Browser, alice: Person, database: Database, old: str, new: str
) -> None:
    text = visitor.challenge(alice.wallet)
    changed = text.replace(old, new, 1)
    assert changed != text
    assert reason(visitor.login(changed, personal_sign(alice.wallet, changed))) == "text-differs"
    assert reason(visitor.login(text, personal_sign(alice.wallet, text))) == "nonce-unknown"
    assert count(database, web_sessions) == 0


@pytest.mark.parametrize(
    "at", [":8000 wants", "account:", "\n\nURI", "\nVersion", "\nChain", "\nIssued", "\nExp"]
)
def test_t07_a_line_feed_in_any_field_is_another_text(visitor: Browser, alice: Person, at: str) -> None:
    text = visitor.challenge(alice.wallet)
    changed = text.replace(at, "\n" + at, 1)
    assert reason(visitor.login(changed, personal_sign(alice.wallet, changed))) == "text-differs"


@pytest.mark.parametrize(
    "text", ["", "hello", "Nonce: abc", "Nonce: " + "a" * 32, "\x00", "Nonce:  " + "a" * 32]
)
def test_a_text_that_answers_nothing_is_refused(visitor: Browser, text: str) -> None:
    assert reason(visitor.login(text, "0x")) == "nonce-unknown"


def test_a_challenge_of_one_origin_is_refused_at_another(site: Flask, alice: Person) -> None:
    first, second = Browser(site), Browser(site, "http://localhost:8000")
    text = first.challenge(alice.wallet)
    second.set_cookie(first.cookie())
    second.session()
    second.token = first.token
    assert reason(second.login(text, personal_sign(alice.wallet, text))) == "domain"


@pytest.mark.parametrize("message", [None, {}, [], 5, True, {"nonce": "a\nb", "domain": "127.0.0.1:8000"}])
def test_t07_only_text_is_a_message(visitor: Browser, message: object) -> None:
    reply = visitor.post("/api/login", {"message": message, "signature": "0x"})
    assert problem(reply) == (400, "invalid-request")
    assert [error["field"] for error in reply.get_json()["errors"]] == ["message"]


def test_t08_a_long_text_is_refused_before_it_is_read(visitor: Browser, alice: Person) -> None:
    text = visitor.challenge(alice.wallet).replace("This", "This" * 5_000)
    reply = visitor.login(text, "0x")
    assert problem(reply) == (413, "too-large")


@pytest.mark.parametrize(
    "signature",
    [None, [], {}, 5, "", "0x1", "0x" + "00" * 65, "0x" + "ff" * 65, "zz", "0x" + "ab" * 66, "\ud800"],
)
def test_t09_no_signature_is_more_than_a_refusal(visitor: Browser, alice: Person, signature: object) -> None:
    text = visitor.challenge(alice.wallet)
    assert reason(visitor.login(text, signature)) == "signature"


def test_a_missing_signature_is_a_refusal(visitor: Browser, alice: Person) -> None:
    text = visitor.challenge(alice.wallet)
    assert reason(visitor.post("/api/login", {"message": text})) == "signature"


def test_somebody_else_s_signature_is_refused(visitor: Browser, alice: Person, bob: Person) -> None:
    text = visitor.challenge(alice.wallet)
    assert reason(visitor.login(text, personal_sign(bob.wallet, text))) == "signature"
    assert visitor.session()["address"] is None


def test_a_contract_wallet_s_signature_starts_no_connection(
    visitor: Browser, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contract could send the verifier to any URL (EIP-3668)."""
    monkeypatch.setenv("WEB3_HTTP_PROVIDER_URI", "http://127.0.0.1:9/")
    attempts: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: attempts.append(address))
    for signature in ("0x" + "ab" * 200, "0x" + "ab" * 65, "0x"):
        text = visitor.challenge(alice.wallet)
        visitor.login(text, signature)
    text = visitor.challenge(alice.wallet)
    assert reason(visitor.login(text, "0x" + "ab" * 200)) == "unsupported-wallet"
    assert attempts == []
