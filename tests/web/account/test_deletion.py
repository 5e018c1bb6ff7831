"""What the site does where somebody deletes an account: told before, vouched for, and nobody else's."""

import pytest
from flask import Flask

from tests.support.browsers import CONFIG, Browser, problem
from tests.support.handles import act
from tests.support.people import Client, Person, Ticker
from webapp.applications.api_keys import ApiKeys
from webapp.protocol.address import Address
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.upstream.errors import UpstreamRefusal
from webapp.upstream.graphql_over_http import GraphqlEndpoint
from webapp.web.sessions.store import FRESH_MS
from webapp.web.site import create_site

DELETE = "/api/applications/delete"


@pytest.fixture
def client(people: Client, alice: Person, bob: Person) -> Client:
    people.register(alice)
    people.register(bob)
    return people


def test_all_keys_go_at_once_and_nobody_else_s(
    owner: Browser, alice: Person, bob: Person, api_keys: ApiKeys
) -> None:
    live, old = (api_keys.create(name, Address.parse(alice.address)) for name in ("live", "old"))
    api_keys.revoke(old.application.id)
    others = [api_keys.create("bob's", Address.parse(bob.address)), api_keys.create("made in a terminal")]
    for deleted in (2, 0):
        assert owner.post(DELETE, {"address": alice.address}).get_json() == {"deleted": deleted}
    assert api_keys.find(live.text) is None
    assert {each.id for each in api_keys.all()} == {each.application.id for each in others}
    assert owner.get("/api/applications").get_json() == {"applications": [], "omitted": 0}


def test_t22_who_has_only_the_cookie_deletes_no_keys(
    owner: Browser, alice: Person, bob: Person, api_keys: ApiKeys, clock: Ticker
) -> None:
    """A quarter of an hour after the wallet signed; and nobody acts for another, or for nobody."""
    made = api_keys.create("live", Address.parse(alice.address))
    assert problem(owner.post(DELETE, {"address": bob.address})) == (403, "wrong-account")
    assert problem(owner.post(DELETE, {})) == (400, "invalid-request")
    clock.now += FRESH_MS + 1
    assert problem(owner.post(DELETE, {"address": alice.address})) == (403, "sign-in-again")
    owner.post("/api/logout", {})
    assert problem(owner.post(DELETE, {"address": alice.address})) == (401, "not-signed-in")
    assert api_keys.find(made.text) is not None


def test_where_the_gateway_is_elsewhere_its_keys_are_not_here(
    database: Database, networked: UpstreamClient, clock: Ticker, alice: Person
) -> None:
    """The page says so before, and whom to ask."""
    browser = Browser(create_site(CONFIG, database, networked, clock))
    browser.sign_in(alice.wallet)
    page = browser.get("/activity").text
    assert "API keys that you have at the gateway. They are not kept here: ask whoever runs it." in page
    assert "Your API keys, revoked ones too." not in page
    assert problem(browser.post(DELETE, {"address": alice.address})) == (404, "not-found")


def test_the_page_says_before_what_goes_and_what_stays(owner: Browser, site: Flask) -> None:
    page = owner.get("/activity").text
    for words in (
        "Every sign-in, in all browsers.",
        "Your API keys, revoked ones too.",
        "Your signing keys: each is revoked",
        "Everything that you signed before, earlier names and pictures too.",
        "Whom you follow.",
    ):
        assert page.index(words) < page.index('data-part="delete"')
    assert "not kept here" not in page
    assert 'id="deletion"' not in Browser(site).get("/activity").text


def test_one_s_own_handles_are_told_with_what_they_show(
    owner: Browser, client: Client, alice: Person, bob: Person
) -> None:
    assert owner.get("/api/handles").get_json() == {"handles": []}
    for person, handle in ((alice, "dora"), (alice, "dorb"), (alice, "dorc"), (alice, "dord"), (bob, "bob")):
        assert act(client, "claim", person, handle) == "SUCCESS"
    assert act(client, "profile", alice, "dorb", displayName="Dora") == "SUCCESS"
    assert act(client, "profile", alice, "dorc", bio="Stamps") == "SUCCESS"
    assert act(client, "profile", alice, "dord", avatar="https://example.org/a.png") == "SUCCESS"
    told = owner.get("/api/handles").get_json()["handles"]
    assert {own["handle"]: own["isBlank"] for own in told} == {
        "dora": True,
        "dorb": False,
        "dorc": False,
        "dord": False,
    }
    for handle in ("dorb", "dorc", "dord"):
        assert act(client, "profile", alice, handle) == "SUCCESS"
    assert all(own["isBlank"] for own in owner.get("/api/handles").get_json()["handles"])


def test_nobody_s_handles_are_not_told(visitor: Browser) -> None:
    assert problem(visitor.get("/api/handles")) == (401, "not-signed-in")


def test_a_gateway_that_lists_no_handles_is_told_from_one_that_has_none(
    owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UpstreamRefusal("the gateway refused the document")

    monkeypatch.setattr(GraphqlEndpoint, "ask", refuse)
    assert owner.get("/api/handles").get_json() == {"handles": None}
