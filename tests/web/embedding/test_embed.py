"""What pages of other sites embed: public, the same for everybody, and nothing else of the site with it."""

import gzip
import re
import socket

import pytest
from flask import Flask

from tests.support import faults
from tests.support.browsers import CONFIG, ORIGIN, Browser, problem
from tests.support.faults import FaultServer
from tests.support.people import Person, Ticker
from webapp.server.static_files import Asset, Assets
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.config import SiteConfig
from webapp.web.context import EXTENSION
from webapp.web.http.cross_origin import PUBLIC, WINDOW
from webapp.web.site import create_site

SCRIPT = b"customElements.define('follow-button', class extends HTMLElement {});" * 20
NAMES = ("follow-button.js", "follow-button.mjs", "follow-button.d.ts")
BUILT = ("follow-button-ABCD1234.js", "follow-button-ABCD1234.mjs", "follow-button.d.ts")
EVERYWHERE = (
    "/",
    "/people",
    "/@shiyu",
    "/apps",
    "/nowhere",
    "/api/session",
    "/api/profiles/shiyu",
    "/static/x.js",
)
NEAR = (
    "/embed/",
    "/embed/follow/",
    "/embed/follow-button.js/",
    "/embed/profiles/",
    "/embed/follow-button.js.map",
)


@pytest.fixture
def built(site: Flask) -> Flask:
    kinds = ("text/javascript; charset=utf-8", "text/javascript; charset=utf-8", "text/plain; charset=utf-8")
    files = {
        name: Asset(SCRIPT, kind, immutable="ABCD" in name, packable=True)
        for name, kind in zip(BUILT, kinds, strict=True)
    }
    assets = Assets(files, dict(zip(NAMES, BUILT, strict=True)), {})
    object.__setattr__(site.extensions[EXTENSION], "assets", assets)
    return site


# --- the button -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_button_has_a_url_that_stays_and_is_asked_for_anew_soon(built: Flask, name: str) -> None:
    client = built.test_client()
    reply = client.get(f"/embed/{name}", base_url=ORIGIN)
    assert reply.data == SCRIPT
    assert reply.headers["cache-control"] == "public, max-age=300"
    assert reply.content_type == (
        "text/plain; charset=utf-8" if name.endswith(".ts") else "text/javascript; charset=utf-8"
    )
    packed = client.get(f"/embed/{name}", base_url=ORIGIN, headers={"accept-encoding": "gzip"})
    assert gzip.decompress(packed.data) == SCRIPT
    again = client.get(f"/embed/{name}", base_url=ORIGIN, headers={"if-none-match": packed.headers["etag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["etag"] == reply.headers["etag"]
    assert again.headers["cross-origin-resource-policy"] == "cross-origin"


def test_without_a_build_there_is_no_button(site: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    assets = Assets.load(tmp_path_factory.mktemp("nothing"))
    object.__setattr__(site.extensions[EXTENSION], "assets", assets)
    for name in NAMES:
        assert site.test_client().get(f"/embed/{name}", base_url=ORIGIN).status_code == 404


# --- what it shows ----------------------------------------------------------------------------------------


def test_counts_of_several_handles_are_one_answer(visitor: Browser) -> None:
    reply = visitor.get("/embed/profiles?handle=shiyu&handle=nobody-has-this&handle=link3&handle=shiyu")
    first, second = reply.get_json()["profiles"]
    assert (first["handle"], second["handle"]) == ("shiyu", "link3")
    for shown in (first, second):
        assert set(shown) == {"handle", "followerCount"}
        known = visitor.get(f"/api/profiles/{shown['handle']}").get_json()
        assert shown["followerCount"] == known["followerCount"]
    assert reply.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?handle=",
        "?handle=Shiyu",
        "?handle=%3Cimg%20onerror%3E",
        "?handle=%00",
        "?handle=" + "a" * 21,
        "?" + "&".join(f"handle=h{i}" for i in range(21)),
    ],
)
def test_what_is_no_handle_is_refused_by_name(visitor: Browser, query: str) -> None:
    reply = visitor.get(f"/embed/profiles{query}")
    assert problem(reply) == (400, "invalid-request")
    assert reply.get_json()["errors"][0]["field"] == "handle"
    assert reply.headers["access-control-allow-origin"] == "*"


def test_twenty_handles_are_answered(visitor: Browser) -> None:
    query = "&".join(f"handle=h{i}" for i in range(20))
    assert visitor.get(f"/embed/profiles?{query}").get_json() == {"profiles": []}


def test_e9_what_is_embedded_is_the_same_for_everybody_and_reads_no_cookie(
    visitor: Browser, alice: Person
) -> None:
    """Nor does it give one: not to the page around the button, and to nobody who only looks at it."""
    before = visitor.get("/embed/profiles?handle=shiyu")
    visitor.sign_in(alice.wallet)
    after = visitor.get("/embed/profiles?handle=shiyu", origin="https://docs.example")
    assert after.data == before.data
    assert "cookie" not in after.headers.get("vary", "").lower()
    for path in PUBLIC:
        reply = visitor.app.test_client().get(path, base_url=ORIGIN)
        assert not reply.headers.getlist("set-cookie"), path


def test_a_gateway_without_the_extension_is_asked_one_by_one(remote: Browser, elsewhere: FaultServer) -> None:
    shown = {"handle": "shiyu", "followerCount": 7, "avatar": "", "owner": {"address": Person("bob").address}}
    refused = faults.reply({"errors": [{"message": "Cannot query field"}]})

    def answer(connection: socket.socket) -> None:
        asked = elsewhere.requests[-1]
        plain = faults.reply({"data": {"profileByHandle": None if b'"link3"' in asked else shown}})
        (plain if b'"operationName":"Profile"' in asked else refused)(connection)

    elsewhere.fault = answer
    reply = remote.get("/embed/profiles?handle=shiyu&handle=link3")
    assert reply.get_json() == {"profiles": [{"handle": "shiyu", "followerCount": 7}]}


# --- what other origins may have ---------------------------------------------------------------------------


def test_e9_other_origins_have_what_is_embedded_and_nothing_else(built: Flask) -> None:
    client = built.test_client()

    def policies(path: str) -> tuple[str, str, str | None]:
        headers = client.get(path, base_url=ORIGIN).headers
        return (
            headers["cross-origin-opener-policy"],
            headers["cross-origin-resource-policy"],
            headers.get("access-control-allow-origin"),
        )

    for path in PUBLIC:
        assert policies(path) == ("same-origin", "cross-origin", "*"), path
    assert policies(f"{WINDOW}?handle=shiyu") == ("unsafe-none", "same-origin", None)
    for path in (*EVERYWHERE, *NEAR):
        assert policies(path) == ("same-origin", "same-origin", None), path
    for path in (*PUBLIC, *EVERYWHERE):
        assert "access-control-allow-credentials" not in client.get(path, base_url=ORIGIN).headers


@pytest.mark.parametrize("ancestors", [(), ("https://docs.example",)])
def test_e1_the_window_is_never_framed(
    ancestors: tuple[str, ...], database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    """Not by those either who may frame the sandbox."""
    config = SiteConfig(origins=CONFIG.origins, frame_ancestors=ancestors)
    client = create_site(config, database, embedded, clock).test_client()
    for query in ("?handle=shiyu", "?handle=nobody-has-this", ""):
        headers = client.get(f"{WINDOW}{query}", base_url=ORIGIN).headers
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


# --- the window -------------------------------------------------------------------------------------------


def test_the_window_shows_the_profile_that_its_address_names(visitor: Browser) -> None:
    page = visitor.get(f"{WINDOW}?handle=link3").text
    assert "<title>Follow @link3 · Countersign</title>" in page
    assert '"featuredHandle": "link3"' in page
    assert '<nav aria-label="Main"' not in page, "a link to another page would cut the tie to whoever asks"


def test_the_window_s_button_takes_no_press_before_what_it_is_about_could_be_read(visitor: Browser) -> None:
    """Nor between the page's coming and its script's: one that looked ready would swallow the press."""
    page = visitor.get(f"{WINDOW}?handle=shiyu").text
    [button] = re.findall(r'<button [^>]*data-part="follow"[^>]*>', page)
    assert 'aria-disabled="true"' in button
    [button] = re.findall(r'<button [^>]*data-part="follow"[^>]*>', visitor.get("/@shiyu").text)
    assert "aria-disabled" not in button, "nothing waits there"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?handle=",
        "?handle=nobody-has-this",
        "?handle=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
        "?handle=%00",
    ],
)
def test_e6_a_handle_that_is_none_is_a_page_that_says_so(visitor: Browser, query: str) -> None:
    reply = visitor.get(f"{WINDOW}{query}")
    assert reply.status_code == 404
    assert "<img" not in reply.text
    assert reply.headers["cross-origin-opener-policy"] == "unsafe-none"


def test_e7_nothing_in_the_address_asks_claims_or_presses(visitor: Browser) -> None:
    """Whatever else stands there, the page is the same to the byte, but for the cookie's own token."""
    token = re.compile(r'"csrfToken": "[^"]*"')
    plain = token.sub("", visitor.get(f"{WINDOW}?handle=shiyu").text)
    more = "&origin=https://bank.example&confirm=1&op=follow&address=0x1&status=SUCCESS&from=bank#press"
    assert token.sub("", visitor.get(f"{WINDOW}?handle=shiyu{more}").text) == plain
    assert "bank" not in plain
