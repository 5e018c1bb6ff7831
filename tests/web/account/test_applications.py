"""Applications on the site: made, listed and revoked by the wallet that has them, and by nobody else."""

from typing import Any

import pytest
from flask import Flask

from tests.support.browsers import CONFIG, Browser, problem
from tests.support.people import Person, Ticker
from webapp.applications.api_keys import LONGEST_NAME, MOST_KEYS_OF_OWNER, MOST_REVOKED_SHOWN, ApiKeys
from webapp.protocol.address import Address
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.site import create_site


@pytest.fixture
def stranger(site: Flask, bob: Person) -> Browser:
    browser = Browser(site)
    browser.sign_in(bob.wallet)
    return browser


def made(browser: Browser, person: Person, name: str = "Feed reader") -> dict[str, Any]:
    reply = browser.post("/api/applications", {"address": person.address, "name": name})
    assert reply.status_code == 200, reply.text
    content: dict[str, Any] = reply.get_json()
    return content


def listed(browser: Browser) -> list[dict[str, Any]]:
    reply = browser.get("/api/applications")
    assert reply.status_code == 200, reply.text
    applications: list[dict[str, Any]] = reply.get_json()["applications"]
    return applications


def test_a_key_is_told_once_and_works(
    owner: Browser, alice: Person, api_keys: ApiKeys, clock: Ticker
) -> None:
    """The reply that makes it has it; neither the list nor the page has it again."""
    content = made(owner, alice)
    key, application = content["key"], content["application"]
    assert application == {
        "id": application["id"],
        "name": "Feed reader",
        "prefix": key[:10],
        "createdAt": clock(),
        "lastUsedAt": None,
        "revokedAt": None,
    }
    found = api_keys.find(key)
    assert found is not None
    assert found.owner is not None
    assert str(found.owner) == alice.address
    assert listed(owner) == [application]
    for path in ("/api/applications", "/apps"):
        reply = owner.get(path)
        assert key not in reply.text
        assert key[:10] in reply.text
        assert reply.headers["cache-control"] == "no-store"


def test_the_list_says_when_a_key_was_used(
    owner: Browser, alice: Person, api_keys: ApiKeys, clock: Ticker
) -> None:
    application = made(owner, alice)["application"]
    api_keys.note_use(application["id"], clock() + 5)
    assert listed(owner) == [{**application, "lastUsedAt": clock() + 5}]


def test_the_list_has_an_end_and_says_what_lies_behind(
    owner: Browser, alice: Person, api_keys: ApiKeys, clock: Ticker
) -> None:
    def revoked(times: int) -> None:
        for _ in range(times):
            clock.now += 1
            api_keys.revoke(api_keys.create("Old", Address.parse(alice.address)).application.id)

    revoked(MOST_REVOKED_SHOWN)
    assert owner.get("/api/applications").get_json()["omitted"] == 0
    assert "Not shown" not in owner.get("/apps").text
    for omitted, words in ((1, "Not shown: 1 older revoked key."), (2, "Not shown: 2 older revoked keys.")):
        revoked(1)
        reply = owner.get("/api/applications").get_json()
        assert (len(reply["applications"]), reply["omitted"]) == (MOST_REVOKED_SHOWN, omitted)
        assert words in owner.get("/apps").text


def test_revoking_ends_a_key_at_once_and_again_changes_nothing(
    owner: Browser, alice: Person, api_keys: ApiKeys, clock: Ticker
) -> None:
    content = made(owner, alice)
    wanted = {"address": alice.address, "id": content["application"]["id"]}
    clock.now += 10
    revoked = owner.post("/api/applications/revoke", wanted).get_json()["application"]
    assert revoked == {**content["application"], "revokedAt": clock()}
    assert api_keys.find(content["key"]) is None
    clock.now += 10
    assert owner.post("/api/applications/revoke", wanted).get_json()["application"] == revoked
    assert listed(owner) == [revoked]


def test_t71_nobody_sees_or_ends_what_is_anothers(
    owner: Browser, stranger: Browser, alice: Person, bob: Person, api_keys: ApiKeys
) -> None:
    """Another wallet's key is answered like one that never was."""
    content = made(owner, alice)
    assert listed(stranger) == []
    assert content["key"][:10] not in stranger.get("/apps").text
    refusals = [
        stranger.post("/api/applications/revoke", {"address": bob.address, "id": wanted})
        for wanted in (content["application"]["id"], "0" * 12, "", "\ud800")
    ]
    assert [problem(refusal) for refusal in refusals] == [(404, "not-found")] * 4
    assert len({refusal.get_json()["detail"] for refusal in refusals}) == 1
    assert api_keys.find(content["key"]) is not None


def test_keys_made_in_a_terminal_are_nobodys_here(owner: Browser, alice: Person, api_keys: ApiKeys) -> None:
    key = api_keys.create("Backup")
    assert listed(owner) == []
    wanted = {"address": alice.address, "id": key.application.id}
    assert problem(owner.post("/api/applications/revoke", wanted)) == (404, "not-found")
    assert api_keys.find(key.text) is not None


def test_a_request_for_another_account_than_the_active_one_changes_nothing(
    owner: Browser, alice: Person, bob: Person, api_keys: ApiKeys
) -> None:
    """A tab that still shows one account makes and ends nothing for the other."""
    content = made(owner, alice)
    owner.sign_in(bob.wallet)
    body = {"address": alice.address, "name": "Late"}
    assert problem(owner.post("/api/applications", body)) == (403, "wrong-account")
    wanted = {"address": alice.address, "id": content["application"]["id"]}
    assert problem(owner.post("/api/applications/revoke", wanted)) == (403, "wrong-account")
    assert listed(owner) == []
    assert [application.revoked_at for application in api_keys.all()] == [None]


def test_without_signing_in_there_is_the_page_and_nothing_else(
    visitor: Browser, alice: Person, api_keys: ApiKeys
) -> None:
    page = visitor.get("/apps")
    assert page.status_code == 200
    assert "You are not signed in" in page.text
    assert problem(visitor.get("/api/applications")) == (401, "not-signed-in")
    body = {"address": alice.address, "name": "Feed reader"}
    assert problem(visitor.post("/api/applications", body)) == (401, "not-signed-in")
    wanted = {"address": alice.address, "id": "0" * 12}
    assert problem(visitor.post("/api/applications/revoke", wanted)) == (401, "not-signed-in")
    assert api_keys.all() == []


@pytest.mark.parametrize(
    "forged",
    [
        {"x_csrf_token": None},
        {"x_csrf_token": "another"},
        {"origin": "https://elsewhere.example"},
        {"sec_fetch_site": "cross-site"},
    ],
)
def test_other_sites_make_and_end_nothing(
    owner: Browser, alice: Person, api_keys: ApiKeys, forged: dict[str, str | None]
) -> None:
    content = made(owner, alice)
    body = {"address": alice.address, "name": "Forged"}
    assert problem(owner.post("/api/applications", body, **forged)) == (403, "csrf")
    wanted = {"address": alice.address, "id": content["application"]["id"]}
    assert problem(owner.post("/api/applications/revoke", wanted, **forged)) == (403, "csrf")
    assert [application.name for application in api_keys.all()] == ["Feed reader"]
    assert api_keys.find(content["key"]) is not None


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " Feed reader",
        "x" * (LONGEST_NAME + 1),
        "two\nlines",
        "\u202ereader",
        "\ud800",
        "\0",
        None,
        7,
        [],
    ],
)
def test_a_name_that_would_not_show_is_refused_by_name(
    owner: Browser, alice: Person, api_keys: ApiKeys, name: object
) -> None:
    reply = owner.post("/api/applications", {"address": alice.address, "name": name})
    assert problem(reply) == (400, "invalid-request")
    assert [error["field"] for error in reply.get_json()["errors"]] == ["name"]
    assert api_keys.all() == []


def test_names_are_shown_as_they_are_and_are_never_markup(owner: Browser, alice: Person) -> None:
    name = "</body><script>'\"é🔑" + "x" * (LONGEST_NAME - 19)
    assert made(owner, alice, name)["application"]["name"] == name
    assert listed(owner)[0]["name"] == name
    assert "<script>" not in owner.get("/apps").text


def test_a_wallet_has_so_many_live_keys_and_no_more(
    owner: Browser, stranger: Browser, alice: Person, bob: Person
) -> None:
    """Told clearly; a revoked key makes room; other wallets have their own."""
    for number in range(MOST_KEYS_OF_OWNER):
        made(owner, alice, f"Number {number}")
    body = {"address": alice.address, "name": "One more"}
    refusal = owner.post("/api/applications", body)
    assert problem(refusal) == (409, "too-many-keys")
    assert str(MOST_KEYS_OF_OWNER) in refusal.get_json()["detail"]
    made(stranger, bob)
    wanted = {"address": alice.address, "id": listed(owner)[0]["id"]}
    owner.post("/api/applications/revoke", wanted)
    assert owner.post("/api/applications", body).status_code == 200


def test_where_the_gateway_is_elsewhere_there_is_no_page(
    database: Database, embedded: UpstreamClient, clock: Ticker, alice: Person
) -> None:
    """Its applications are in a database that the site does not have: neither page, API nor link."""
    browser = Browser(create_site(CONFIG, database, embedded, clock))
    browser.sign_in(alice.wallet)
    assert browser.get("/apps").status_code == 404
    assert problem(browser.get("/api/applications")) == (404, "not-found")
    body = {"address": alice.address, "name": "Feed reader"}
    assert problem(browser.post("/api/applications", body)) == (404, "not-found")
    wanted = {"address": alice.address, "id": "0" * 12}
    assert problem(browser.post("/api/applications/revoke", wanted)) == (404, "not-found")
    assert 'href="/apps"' not in browser.get("/").text


def test_the_link_says_where_one_is(owner: Browser) -> None:
    assert '<a href="/apps">' in owner.get("/").text
    assert '<a href="/apps" aria-current="page">' in owner.get("/apps").text
