"""The page inside a frame of another site: a session of its own there, and nothing for anybody else."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.browsers import CONFIG, ORIGIN, Browser, personal_sign, problem, reason
from tests.support.people import Person, Ticker
from webapp.applications.api_keys import ApiKeys
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.config import SiteConfig
from webapp.web.site import create_site

DOCS = "https://docs.example"
OWN, FRAME = "countersign-8000", "countersign-8000-frame"
INTO_FRAME = {"sec_fetch_dest": "iframe", "sec_fetch_site": "cross-site"}
MARK = {"x_countersign_frame": "1"}


def site_framed_by(
    *ancestors: str, origin: str = ORIGIN, database: Database, embedded: UpstreamClient, clock: Ticker
) -> Flask:
    config = SiteConfig(origins=(origin,), frame_ancestors=ancestors)
    return create_site(config, database, embedded, clock, api_keys=ApiKeys(database, clock))


@pytest.fixture
def framed_site(database: Database, embedded: UpstreamClient, clock: Ticker) -> Flask:
    return site_framed_by(DOCS, database=database, embedded=embedded, clock=clock)


class FramedBrowser(Browser):
    """The page's script in the frame: it says so with everything that it asks for."""

    def get(self, path: str, **headers: str) -> TestResponse:
        return super().get(path, **{**MARK, **headers})

    def post(self, path: str, body: object, **headers: str | None) -> TestResponse:
        return super().post(path, body, **{**MARK, **headers})

    def cookie(self) -> str:
        found = self.client.get_cookie(FRAME, domain="127.0.0.1")
        assert found is not None
        return found.value


@pytest.fixture
def framed(framed_site: Flask, alice: Person) -> FramedBrowser:
    """Somebody who has signed in inside the frame."""
    browser = FramedBrowser(framed_site)
    browser.sign_in(alice.wallet)
    return browser


def bearing(app: Flask, name: str, value: str) -> Browser:
    """Somebody who has this cookie alone."""
    browser = Browser(app)
    browser.client.delete_cookie(OWN, domain="127.0.0.1")
    browser.client.set_cookie(name, value, domain="127.0.0.1")
    return browser


def signed_in(reply: TestResponse, person: Person) -> bool:
    """Whether a page or a session tells of somebody who is signed in."""
    return person.address in reply.text


# --- which cookie -----------------------------------------------------------------------------------------


def test_t16_in_the_frame_the_cookie_is_one_that_browsers_send_there(framed_site: Flask) -> None:
    reply = framed_site.test_client().get("/", base_url=ORIGIN, headers={"sec-fetch-dest": "iframe"})
    [cookie] = reply.headers.getlist("set-cookie")
    name, *attributes = cookie.partition("=")[0], *cookie.split("; ")[1:]
    assert name == FRAME
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"}


def test_over_https_its_name_keeps_other_hosts_from_setting_it(
    database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    origin = "https://follow.example"
    site = site_framed_by(DOCS, origin=origin, database=database, embedded=embedded, clock=clock)
    reply = site.test_client().get("/", base_url=origin, headers={"sec-fetch-dest": "iframe"})
    assert reply.headers["set-cookie"].startswith("__Host-countersign-frame=")


def test_anywhere_else_it_is_the_one_that_stays_on_this_site(framed_site: Flask) -> None:
    for headers in (
        {},
        {"sec-fetch-dest": "document"},
        {"sec-fetch-dest": "iframe", "sec-fetch-site": "same-site"},
    ):
        reply = framed_site.test_client().get("/", base_url=ORIGIN, headers=headers)
        cookie = reply.headers["set-cookie"]
        assert cookie.startswith(f"{OWN}=")
        assert "SameSite=Lax" in cookie
        assert "Partitioned" not in cookie


# What is asked for, how, and whether the frame's cookie counts.
PLACES: list[tuple[str, dict[str, str], bool]] = [
    ("/", {}, False),
    ("/", {"sec_fetch_dest": "document", "sec_fetch_site": "cross-site"}, False),
    ("/", {"sec_fetch_dest": "document", **MARK}, True),  # no browser's page can: a script may
    ("/", INTO_FRAME, True),
    ("/", {**INTO_FRAME, "sec_fetch_dest": "object"}, True),
    ("/", {**INTO_FRAME, "sec_fetch_site": "same-origin"}, True),  # reloaded, with no other cookie
    ("/", {**INTO_FRAME, "sec_fetch_site": "same-site"}, False),
    ("/api/session", {}, False),
    ("/api/session", {"sec_fetch_dest": "empty", "sec_fetch_site": "same-origin"}, False),
    ("/api/session", {"x_countersign_frame": "0"}, False),
    ("/api/session", MARK, True),
]


def test_each_cookie_counts_in_its_own_place_only(framed: FramedBrowser, alice: Person) -> None:
    """The same cookie of somebody signed in, under either name."""
    value = framed.cookie()
    for path, headers, in_frame in PLACES:
        only_frame, only_own = bearing(framed.app, FRAME, value), bearing(framed.app, OWN, value)
        assert signed_in(only_frame.get(path, **headers), alice) is in_frame, headers
        if headers.get("sec_fetch_site") != "same-origin":
            assert signed_in(only_own.get(path, **headers), alice) is not in_frame, headers


def test_in_a_frame_of_the_same_site_reloading_keeps_the_ordinary_session(
    framed: FramedBrowser, alice: Person
) -> None:
    reply = bearing(framed.app, OWN, framed.cookie()).get(
        "/", sec_fetch_dest="iframe", sec_fetch_site="same-origin"
    )
    assert signed_in(reply, alice)


def test_signing_out_of_the_frame_leaves_the_tab_signed_in(framed_site: Flask, alice: Person) -> None:
    browser = Browser(framed_site)
    browser.sign_in(alice.wallet)
    in_frame = FramedBrowser(framed_site)
    in_frame.client = browser.client
    in_frame.token = in_frame.session()["csrfToken"]
    in_frame.sign_in(alice.wallet)
    in_frame.post("/api/logout", {})
    assert in_frame.session()["address"] is None
    assert browser.session()["address"] == alice.address


def test_where_nobody_may_frame_the_page_there_is_one_cookie(site: Flask, alice: Person) -> None:
    visitor = Browser(site)
    visitor.sign_in(alice.wallet)
    for headers in (INTO_FRAME, MARK, {}):
        assert signed_in(visitor.get("/", **headers), alice)
    assert (
        site.test_client()
        .get("/", base_url=ORIGIN, headers={"x-countersign-frame": "1"})
        .headers["set-cookie"]
        .startswith(f"{OWN}=")
    )


# --- and nothing for anybody else ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sign",
    [
        {"origin": None},
        {"origin": "null"},
        {"origin": DOCS},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"x_csrf_token": None},
        {"x_csrf_token": "guessed"},
    ],
    ids=str,
)
def test_each_sign_of_the_own_page_is_asked_for_in_the_frame_too(
    sign: dict[str, str | None], framed: FramedBrowser, alice: Person
) -> None:
    """The framing site is another one like any: its requests carry the cookie, and that is all they have."""
    for path in ("/api/logout", "/api/follow", "/api/signing-keys", "/api/session/active", "/api/login"):
        assert problem(framed.post(path, {}, **sign)) == (403, "csrf")
    assert framed.session()["address"] == alice.address


def test_what_comes_without_the_header_has_no_session_of_the_frame(framed: FramedBrowser) -> None:
    """A form of another site cannot have it, even if all the rest were right."""
    assert problem(framed.post("/api/logout", {}, x_countersign_frame=None)) == (403, "csrf")


def test_no_other_site_may_send_the_header(framed: FramedBrowser) -> None:
    asked = {"origin": DOCS, "access-control-request-method": "POST"}
    asked["access-control-request-headers"] = "x-countersign-frame, x-csrf-token, content-type"
    reply = framed.client.options("/api/logout", base_url=ORIGIN, headers=asked)
    assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("asks", [Browser, FramedBrowser])
def test_nobody_is_signed_in_by_the_answer_to_a_challenge_of_another_place(
    asks: Callable[[Flask], Browser], framed_site: Flask, bob: Person
) -> None:
    """Login CSRF: Mallory asks outside of the frame, or in it, and has it answered on the other side."""
    mallory = asks(framed_site)
    victim = (FramedBrowser if asks is Browser else Browser)(framed_site)
    text = mallory.challenge(bob.wallet)
    assert reason(victim.login(text, personal_sign(bob.wallet, text))) == "nonce-unknown"
    victim.client = mallory.client
    victim.token = victim.session()["csrfToken"]
    assert reason(victim.login(text, personal_sign(bob.wallet, text))) == "nonce-unknown"


def test_no_page_but_the_sandbox_can_be_framed(framed_site: Flask) -> None:
    for path in ("/apps", "/nowhere", "/api/session", "/static/nothing.js"):
        headers = framed_site.test_client().get(path, base_url=ORIGIN).headers
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    headers = framed_site.test_client().get("/", base_url=ORIGIN).headers
    assert f"frame-ancestors {DOCS};" in headers["content-security-policy"]


# --- what is in it ---------------------------------------------------------------------------------------


def test_the_way_to_a_tab_of_its_own_is_in_the_frame_also_without_javascript(
    framed_site: Flask, site: Flask
) -> None:
    client = framed_site.test_client()
    inside = client.get("/", base_url=ORIGIN, headers={"sec-fetch-dest": "iframe"}).text
    assert "<body data-framed=" in inside
    assert '<form class="own-tab" id="own-tab" action="/" target="_blank" rel="noopener">' in inside
    outside = client.get("/", base_url=ORIGIN).text
    assert "data-framed" not in outside
    assert 'rel="noopener" hidden>' in outside
    assert "own-tab" not in site.test_client().get("/", base_url=ORIGIN).text


def test_the_page_opens_at_the_profile_that_its_address_names(site: Flask) -> None:
    shown = {
        "": CONFIG.featured_handle,
        "?handle=cyberconnect": "cyberconnect",
        "?handle=%00<b>": None,
        "?handle=": None,
    }
    for query, handle in shown.items():
        page = site.test_client().get(f"/{query}", base_url=ORIGIN).text
        assert ('"featured": null' in page) is (handle is None), query
        assert handle is None or f'aria-label="{handle}"' in page
        assert "<b>" not in page.partition('id="handle"')[2].partition(">")[0]
