"""The list of an account's sessions: what it tells, and how one of them is ended from another."""

import pytest
from flask import Flask
from sqlalchemy import insert

from tests.support.browsers import CONFIG, Browser, another, personal_sign, problem
from tests.support.databases import count
from tests.support.people import Person, Ticker
from tests.support.worker import worker
from webapp.storage.database import Database
from webapp.web.sessions.store import FRESH_MS, MOST_LISTED, SEEN_EVERY_MS
from webapp.web.sessions.tables import web_sessions

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def listed(browser: Browser) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = browser.get("/api/sessions").get_json()["sessions"]
    return rows


def seen_at(browser: Browser) -> object:
    return next(row["seenAt"] for row in listed(browser) if row["isThis"])


def sign_in_as_firefox(browser: Browser, person: Person) -> None:
    text = browser.challenge(person.wallet)
    answer = {"message": text, "signature": personal_sign(person.wallet, text)}
    assert browser.post("/api/login", answer, user_agent=FIREFOX).status_code == 200


def test_each_browser_is_listed_with_its_times_and_this_one_first(
    site: Flask, visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    """Others' sessions are not in it, and neither is a cookie nor its whole digest."""
    first = clock()
    visitor.sign_in(alice.wallet)
    clock.now += 60_000
    other = Browser(site)
    sign_in_as_firefox(other, alice)
    Browser(site).sign_in(bob.wallet)
    here, there = listed(visitor)
    assert here == {
        "id": here["id"],
        "browser": "A browser",
        "signedInAt": first,
        "seenAt": first,
        "expiresAt": first + CONFIG.session_lifetime_ms,
        "isThis": True,
    }
    assert (there["browser"], there["signedInAt"], there["isThis"]) == ("Firefox on Linux", clock(), False)
    assert [(row["id"], row["isThis"]) for row in listed(other)] == [(there["id"], True), (here["id"], False)]
    assert all(len(str(row["id"])) == 16 for row in (here, there))


def test_whoever_is_not_signed_in_is_told_nothing(visitor: Browser, alice: Person, clock: Ticker) -> None:
    assert problem(visitor.get("/api/sessions")) == (401, "not-signed-in")
    visitor.sign_in(alice.wallet)
    clock.now += CONFIG.session_lifetime_ms
    assert problem(visitor.get("/api/sessions")) == (401, "not-signed-in")


def test_a_session_that_ran_out_is_not_listed(
    site: Flask, visitor: Browser, alice: Person, clock: Ticker
) -> None:
    Browser(site).sign_in(alice.wallet)
    clock.now += CONFIG.session_lifetime_ms
    visitor.sign_in(alice.wallet)
    assert [row["isThis"] for row in listed(visitor)] == [True]


def test_no_more_than_a_page_of_them_is_listed(
    visitor: Browser, alice: Person, database: Database, clock: Ticker
) -> None:
    """This one among them, and then the newest."""
    visitor.sign_in(alice.wallet)
    with database.write() as connection:
        connection.execute(
            insert(web_sessions),
            [
                {
                    "session_digest": f"{number:064x}",
                    "address": alice.address,
                    "active": True,
                    "signed_in_at": clock() + number,
                    "expires_at": clock() + 1,
                    "browser": "A browser",
                    "seen_at": 5,
                }
                for number in range(MOST_LISTED + 5)
            ],
        )
    rows = listed(visitor)
    assert len(rows) == MOST_LISTED
    assert [row["isThis"] for row in rows[:2]] == [True, False]
    assert rows[1]["signedInAt"] == clock() + MOST_LISTED + 4


def test_when_a_browser_was_here_is_written_once_in_five_minutes(
    visitor: Browser, alice: Person, clock: Ticker
) -> None:
    """And at once where a clock that was ahead has been set back."""
    began = clock()
    visitor.sign_in(alice.wallet)
    clock.now += SEEN_EVERY_MS - 1
    assert seen_at(visitor) == began
    clock.now += 1
    assert seen_at(visitor) == began + SEEN_EVERY_MS
    clock.now -= 1
    assert seen_at(visitor) == clock()


def test_a_request_is_answered_also_where_nothing_can_be_written(
    visitor: Browser, alice: Person, database: Database, clock: Ticker
) -> None:
    """Another writer holds the database, or its disk takes nothing: the list is then a little old."""
    began = clock()
    visitor.sign_in(alice.wallet)
    clock.now += SEEN_EVERY_MS
    with database.write(alone=[web_sessions]):
        assert visitor.session()["address"] == alice.address
        assert seen_at(visitor) == began
    assert seen_at(visitor) == clock()


@pytest.mark.sqlite
def test_a_request_is_answered_from_a_database_that_cannot_be_written(
    visitor: Browser, alice: Person, database: Database, clock: Ticker
) -> None:
    visitor.sign_in(alice.wallet)
    clock.now += SEEN_EVERY_MS
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # the connection that is used next
    assert seen_at(visitor) == clock() - SEEN_EVERY_MS


# --- ending one ---


def test_t22_one_other_session_is_ended_in_every_process_at_once(
    visitor: Browser, alice: Person, bob: Person, clock: Ticker, database: Database
) -> None:
    """That of this account: who else is signed in in that browser stays; a second time there is none."""
    other, third = Browser(visitor.app), Browser(visitor.app)
    for browser in (other, third):
        browser.sign_in(alice.wallet)
    other.sign_in(bob.wallet)
    other.post("/api/session/active", {"address": alice.address})
    visitor.sign_in(alice.wallet)
    clock.now += FRESH_MS
    ended = next(row["id"] for row in listed(other) if row["isThis"])
    with worker(database.url) as address_at:
        assert address_at(other.cookie()) == alice.address
        request = {"address": alice.address, "id": ended}
        assert visitor.post("/api/sessions/end", request).get_json() == {"ended": 1}
        assert address_at(other.cookie()) is None
    assert visitor.post("/api/sessions/end", request).get_json() == {"ended": 0}
    assert other.session()["addresses"] == [bob.address]
    assert third.session()["address"] == visitor.session()["address"] == alice.address


def test_t22_a_cookie_without_a_fresh_signature_ends_no_session(
    site: Flask, visitor: Browser, alice: Person, clock: Ticker
) -> None:
    """Whoever copied a cookie long ago cannot sign its owner out elsewhere."""
    owner = Browser(site)
    visitor.sign_in(alice.wallet)
    clock.now += FRESH_MS + 1
    owner.sign_in(alice.wallet)
    thief = another(visitor, visitor.cookie(), visitor.token)
    request = {"address": alice.address, "id": next(row["id"] for row in listed(owner) if row["isThis"])}
    assert problem(thief.post("/api/sessions/end", request)) == (403, "sign-in-again")
    assert owner.session()["address"] == alice.address


def test_t71_nobody_ends_anothers_session(site: Flask, visitor: Browser, alice: Person, bob: Person) -> None:
    other = Browser(site)
    other.sign_in(bob.wallet)
    (row,) = listed(other)
    visitor.sign_in(alice.wallet)
    mine = {"address": alice.address, "id": row["id"]}
    assert visitor.post("/api/sessions/end", mine).get_json() == {"ended": 0}
    theirs = visitor.post("/api/sessions/end", {"address": bob.address, "id": row["id"]})
    assert problem(theirs) == (403, "wrong-account")
    assert other.session()["address"] == bob.address
    nobody = Browser(site).post("/api/sessions/end", {"address": bob.address, "id": row["id"]})
    assert problem(nobody) == (401, "not-signed-in")


@pytest.mark.parametrize("given", ["", "x" * 16, "0" * 15, "0" * 17, "٣" * 16, 7, None])
def test_an_id_of_another_form_is_refused_by_its_name(visitor: Browser, alice: Person, given: object) -> None:
    visitor.sign_in(alice.wallet)
    reply = visitor.post("/api/sessions/end", {"address": alice.address, "id": given})
    assert problem(reply) == (400, "invalid-request")
    assert {error["field"] for error in reply.get_json()["errors"]} == {"id"}


def test_this_very_session_ends_with_a_sign_out(visitor: Browser, alice: Person, database: Database) -> None:
    visitor.sign_in(alice.wallet)
    (row,) = listed(visitor)
    reply = visitor.post("/api/sessions/end", {"address": alice.address, "id": row["id"]})
    assert problem(reply) == (400, "invalid-request")
    assert count(database, web_sessions) == 1
