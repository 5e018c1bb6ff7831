"""`/docs`: pages and files for everybody alike, which caches may keep; found by words, and safe from them."""

import gzip
import re
from dataclasses import replace

import pytest
from flask import Flask

from tests.support.browsers import CONFIG, ORIGIN, Browser
from tests.support.people import Person, Ticker
from tests.support.places import ROOT
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.site import create_site


def test_every_page_has_a_title_a_description_its_contents_and_its_neighbours(visitor: Browser) -> None:
    reply = visitor.get("/docs/contract")
    assert reply.content_type == "text/html; charset=utf-8"
    page = reply.text
    assert "<title>The wire contract · Countersign docs</title>" in page
    assert '<meta name="description" content="What a client sends to the gateway' in page
    assert '<a href="/docs" aria-current="page">Docs</a>' in page
    assert (
        '<a href="/docs/contract" aria-current="page">The wire contract</a><ul><li><a href="#three-acts">'
        in page
    )
    assert re.search(r'<a rel="prev" href="/docs/[\w-]+">', page)
    assert re.search(r'<a rel="next" href="/docs/[\w-]+">', page)
    assert page.count("<h1>") == 1


def test_the_index_leads_to_all_of_it(visitor: Browser) -> None:
    page = visitor.get("/docs").text
    for name in ("quick-start", "statuses", "contract", "proofs", "operating", "architecture", "decisions"):
        assert f'href="/docs/{name}"' in page
    assert '<form role="search" action="/docs">' in page


@pytest.mark.parametrize(
    ("path", "media_type", "begins"),
    [
        ("/docs/contract.md", "text/markdown; charset=utf-8", b"# The wire contract"),
        ("/docs/examples/statuses.py", "text/plain; charset=utf-8", b'"""Earn every status'),
        ("/docs/images/performance.svg", "image/svg+xml", b"<?xml"),
        ("/docs/images/followed-dark.png", "image/png", b"\x89PNG"),
    ],
)
def test_what_pages_show_and_lead_to_is_served(
    visitor: Browser, path: str, media_type: str, begins: bytes
) -> None:
    reply = visitor.get(path)
    assert reply.content_type == media_type
    assert reply.data.startswith(begins)
    assert reply.data == (ROOT / path[1:]).read_bytes()
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "contract/",
        "../README.md",
        "..%2fREADME.md",
        "%2e%2e/README.md",
        "/etc/passwd",
        "index",
        "%00",
        "decisions/no",
    ],
)
def test_anything_else_is_our_404(visitor: Browser, path: str) -> None:
    reply = visitor.get(f"/docs/{path}")
    assert reply.status_code == 404
    assert "Nothing is here" in reply.text
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/docs", "/docs/contract", "/docs?q=proxy", "/docs/images/performance.svg"])
def test_what_a_cache_has_is_asked_for_and_not_sent_again(visitor: Browser, path: str) -> None:
    first = visitor.get(path, accept_encoding="gzip")
    assert first.headers["cache-control"] == "no-cache"
    assert "cookie" in first.headers["vary"].lower()
    again = visitor.get(path, if_none_match=first.headers["etag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert visitor.get(path, if_none_match='W/"another"').status_code == 200
    assert "content-security-policy" in again.headers


def test_each_theme_is_another_page_to_a_cache(visitor: Browser) -> None:
    plain = visitor.get("/docs/contract")
    visitor.client.set_cookie("theme", "dark", domain="127.0.0.1")
    dark = visitor.get("/docs/contract", if_none_match=plain.headers["etag"])
    assert dark.status_code == 200
    assert '<html lang="en" data-theme="dark">' in dark.text
    assert dark.headers["etag"] != plain.headers["etag"]


def test_pages_travel_compressed_where_the_browser_can(visitor: Browser) -> None:
    plain = visitor.get("/docs/contract")
    packed = visitor.get("/docs/contract", accept_encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3


def test_pages_are_the_same_for_everybody(site: Flask, alice: Person) -> None:
    """No session is looked up, none begins, and nothing of whoever is signed in is there."""
    visitor, stranger = Browser(site), Browser(site)
    visitor.sign_in(alice.wallet)
    for path in ("/docs", "/docs/contract", "/docs?q=key"):
        reply = visitor.get(path)
        assert "set-cookie" not in reply.headers
        assert reply.data == stranger.get(path).data


def test_pages_need_no_database_and_no_gateway(
    database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    app = create_site(CONFIG, database, embedded, clock)
    embedded.close()
    database.close()
    client = app.test_client()
    client.set_cookie("countersign-8000", "a" * 43, domain="127.0.0.1")
    for path in ("/docs", "/docs/statuses", "/docs?q=key"):
        assert client.get(path, base_url=ORIGIN).status_code == 200


def test_examples_name_the_gateway_beside_the_site(
    database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    """And where it is elsewhere, that of the reader's own machine, as the files do."""
    there = "https://follow.example/graphql"
    config = replace(CONFIG, graphql_url=there)
    page = Browser(create_site(config, database, embedded, clock)).get("/docs/quick-start").text
    assert there in page
    assert "127.0.0.1:8000/graphql" not in page
    assert (
        "127.0.0.1:8000/graphql"
        in Browser(create_site(CONFIG, database, embedded, clock)).get("/docs/quick-start").text
    )


# --- search ---


def test_words_are_found_best_first_and_marked(visitor: Browser) -> None:
    page = visitor.get("/docs?q=revoked+key").text
    assert "<title>revoked key · Search · Countersign docs</title>" in page
    assert 'value="revoked key"' in page
    assert re.search(r"\d+ places have “revoked key”\.", page)
    assert '<a href="/docs/contract#signing-keys">' in page
    assert "<mark>revoked</mark>" in page
    first = re.search(r'<ol class="hits">\s*<li><h2><a href="([^"]+)"', visitor.get("/docs?q=security").text)
    assert first is not None
    assert first[1] == "/docs/security"


def test_what_is_searched_for_is_text(visitor: Browser) -> None:
    page = visitor.get("/docs?q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in page
    assert "Nothing here has “&lt;script&gt;alert(1)&lt;/script&gt;”" in page
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in page


def test_excerpts_are_text(visitor: Browser) -> None:
    page = visitor.get("/docs?q=iframe+src").text
    assert "&lt;<mark>iframe</mark> <mark>src</mark>=" in page


@pytest.mark.parametrize("query", ["", "%20", "%00", "%ed%a0%80", "x" * 4000])
def test_a_question_that_asks_nothing_is_answered_all_the_same(visitor: Browser, query: str) -> None:
    assert visitor.get(f"/docs?q={query}").status_code == 200
