"""`/docs/try`: a program beside its result, in a frame under a policy of its own."""

from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from tests.support.browsers import CONFIG, ORIGIN, Browser
from tests.support.people import Person, Ticker
from webapp.server.static_files import Assets
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.context import EXTENSION
from webapp.web.learning.trying import FRAME
from webapp.web.sessions.store import SessionStore
from webapp.web.site import create_site

ENDPOINT = "http://127.0.0.1:8000/graphql"


@pytest.fixture
def beside(database: Database, embedded: UpstreamClient, clock: Ticker) -> Flask:
    """A site with its gateway beside it."""
    return create_site(replace(CONFIG, graphql_url=ENDPOINT), database, embedded, clock)


def policy(site: Flask, path: str, origin: str = ORIGIN) -> dict[str, str]:
    header = site.test_client().get(path, base_url=origin).headers["content-security-policy"]
    return {name: values for name, _, values in (one.partition(" ") for one in header.split("; "))}


def test_each_program_has_an_address(beside: Flask) -> None:
    client = beside.test_client()
    for program in beside.extensions[EXTENSION].shelf.library.programs:
        page = client.get(f"/docs/try?show={program.name}", base_url=ORIGIN).text
        assert program.code in unescape(page)
        assert f'aria-current="page">{program.title}</a>' in page
        assert " disabled" not in page
    assert (
        client.get("/docs/try", base_url=ORIGIN).text
        == client.get("/docs/try?show=follow", base_url=ORIGIN).text
    )


@pytest.mark.parametrize("name", ["", "nothing", "FOLLOW", "begin", "../quick-start", "%3Cb%3E", "%00"])
def test_a_name_that_is_none_is_no_page(beside: Flask, name: str) -> None:
    reply = beside.test_client().get(f"/docs/try?show={name}", base_url=ORIGIN)
    assert reply.status_code == 404
    assert "<b>" not in reply.text


def test_p1_the_frame_has_no_origin_and_reaches_the_gateway_alone(beside: Flask) -> None:
    assert policy(beside, FRAME) == {
        "sandbox": "allow-scripts",
        "default-src": "'none'",
        "script-src": f"{ORIGIN}/docs/try/ data:",
        "worker-src": f"{ORIGIN}/docs/try/ data:",
        "connect-src": ENDPOINT,
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": ORIGIN,
    }


def test_p2_one_page_frames_it_and_is_framed_by_none(beside: Flask) -> None:
    page, others = policy(beside, "/docs/try"), policy(beside, "/docs")
    assert page.pop("frame-src") == ORIGIN + FRAME
    assert page == others
    headers = beside.test_client().get("/docs/try", base_url=ORIGIN).headers
    assert headers.getlist("x-frame-options") == ["DENY"]
    for path in ("/docs/try", FRAME):
        assert (
            len(beside.test_client().get(path, base_url=ORIGIN).headers.getlist("content-security-policy"))
            == 1
        )


def test_each_of_the_site_s_names_has_its_own_frame(
    database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    other = "http://localhost:8000"
    config = replace(CONFIG, origins=(ORIGIN, other), graphql_url=ENDPOINT)
    site = create_site(config, database, embedded, clock)
    assert policy(site, "/docs/try", other)["frame-src"] == other + FRAME
    assert policy(site, FRAME, other)["script-src"] == f"{other}/docs/try/ data:"
    assert policy(site, FRAME, other)["connect-src"] == ENDPOINT


def test_where_the_gateway_is_elsewhere_nothing_runs_and_the_page_says_why(visitor: Browser) -> None:
    page = visitor.get("/docs/try").text
    assert 'id="run" aria-keyshortcuts="Control+Enter" disabled' in page
    assert "hands follows to a gateway elsewhere" in page
    assert policy(visitor.app, FRAME)["connect-src"] == "'none'"


def test_p3_it_is_the_same_for_everybody_and_reads_no_cookie(
    visitor: Browser, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = visitor.get("/docs/try").data
    visitor.sign_in(alice.wallet)
    looked_up: list[str] = []
    monkeypatch.setattr(SessionStore, "load", lambda _, session: looked_up.append(session))
    for path in ("/docs/try", FRAME, "/docs/try/worker.js"):
        assert not visitor.get(path).headers.getlist("set-cookie")
    assert visitor.get("/docs/try").data == before
    assert looked_up == []


def test_without_a_build_there_is_nothing_to_load(beside: Flask, tmp_path: Path) -> None:
    object.__setattr__(beside.extensions[EXTENSION], "assets", Assets.load(tmp_path))
    for name in ("frame.js", "worker.js", "viem-accounts.js", "cyberconnect-v2.js", "else.js"):
        assert beside.test_client().get(f"/docs/try/{name}", base_url=ORIGIN).status_code == 404
