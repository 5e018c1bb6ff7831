"""Only this site's own pages act, under its own names only, and browsers are told to hold the rest off."""

import base64
import inspect
import secrets

import pytest
import sqlalchemy
from flask import Flask

from tests.support.browsers import CONFIG, ORIGIN, Browser, problem
from tests.support.people import Person, Ticker
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.config import SiteConfig
from webapp.web.http.origins import Origins
from webapp.web.site import create_site

POSTS = [
    "/api/login/challenge",
    "/api/login",
    "/api/session/active",
    "/api/handles/block",
    "/api/handles/claim",
    "/api/handles/profile",
    "/api/handles/release",
    "/api/handles/remove",
    "/api/handles/unblock",
    "/api/lab/follow",
    "/api/lab/signing-keys",
    "/api/lab/unfollow",
    "/api/sessions/end",
    "/api/sessions/revoke",
    "/api/logout",
    "/api/signing-keys",
    "/api/signing-keys/rename",
    "/api/signing-keys/renew",
    "/api/signing-keys/revoke",
    "/api/takeout",
    "/api/follow",
    "/api/unfollow",
    "/api/applications",
    "/api/applications/delete",
    "/api/applications/revoke",
]
LISTS = {"/api/signing-keys", "/api/applications"}
"""What GET answers under the paths of POSTS."""


# --- requests that change something ---


def test_every_route_that_changes_something_is_tested_here(site: Flask) -> None:
    found = {
        rule.rule
        for rule in site.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    assert found == set(POSTS)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": None},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:8000"},
        {"origin": "https://127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": "http://127.0.0.1:8000.evil.example"},
        {"origin": "http://127.0.0.1:8000/"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"x_csrf_token": None},
        {"x_csrf_token": ""},
        {"x_csrf_token": "a" * 43},
        {"x_csrf_token": "\xe9"},
    ],
    ids=str,
)
def test_t15_a_request_from_elsewhere_is_refused(
    visitor: Browser, alice: Person, headers: dict[str, str | None]
) -> None:
    visitor.sign_in(alice.wallet)
    for path in POSTS:
        assert problem(visitor.post(path, {}, **headers)) == (403, "csrf"), path
    assert visitor.session()["address"] == alice.address


def test_another_visitor_s_token_is_refused(site: Flask, alice: Person) -> None:
    visitor, other = Browser(site), Browser(site)
    visitor.sign_in(alice.wallet)
    assert problem(visitor.post("/api/logout", {}, x_csrf_token=other.token)) == (403, "csrf")


def test_a_browser_that_sends_no_fetch_metadata_is_served(visitor: Browser, alice: Person) -> None:
    body = {"address": alice.address, "chainId": 1}
    assert visitor.post("/api/login/challenge", body, sec_fetch_site=None).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/jsonp",
    ],
)
def test_t15_a_form_s_content_type_is_refused(visitor: Browser, alice: Person, content_type: str) -> None:
    visitor.sign_in(alice.wallet)
    for path in POSTS:
        reply = visitor.post(path, {}, content_type=content_type)
        assert problem(reply) == (415, "unsupported-media-type"), path


def test_a_compressed_body_is_not_read(visitor: Browser, alice: Person) -> None:
    visitor.sign_in(alice.wallet)
    for path in POSTS:
        reply = visitor.post(path, {}, content_encoding="gzip")
        assert problem(reply) == (415, "unsupported-media-type"), path
        assert reply.headers["accept-encoding"] == "identity"
    assert visitor.post("/api/login/challenge", {}, content_encoding="identity").status_code == 400


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_changes_nothing(visitor: Browser, alice: Person, database: Database, method: str) -> None:
    """A browser sends these for anybody's link or picture, with the cookie: no row of any table differs."""
    visitor.sign_in(alice.wallet)
    before = rows(database)
    assert before["web_sessions"]
    for path in POSTS:
        reply = visitor.client.open(path, method=method, base_url=ORIGIN, json={"address": alice.address})
        answered = 200 if method == "OPTIONS" or path in LISTS else 405
        assert reply.status_code == answered, path
        assert set(reply.headers.getlist("set-cookie")) <= {f"countersign-8000={visitor.cookie()}"}
    assert rows(database) == before
    assert visitor.session()["address"] == alice.address


def rows(database: Database) -> dict[str, list[str]]:
    """All that the database holds, by table."""
    with database.read() as connection:
        return {
            name: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{name}"')))
            for name in sqlalchemy.inspect(connection).get_table_names()
        }


# --- hosts ---


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "127.0.0.1:8001",
        "127.0.0.1:8000.evil.example",
        "user@127.0.0.1:8000",
        "127.0.0.1:8000@evil.example",
        "127.0.0.1:8000, evil.example",
        "127.0.0.1:8000 ",
        "[::1]:8000",
        "",
        "127.0.0.1:8000/..",
        "localhost:8000.",
    ],
)
def test_t20_another_host_is_refused(site: Flask, host: str) -> None:
    for path in ("/", "/api/session", "/static/manifest.json", "/nothing"):
        reply = site.test_client().get(path, headers={"host": host})
        assert reply.status_code == 400, path
        assert reply.is_json == path.startswith("/api/")
        assert "evil" not in reply.text


def test_a_host_s_letter_case_does_not_matter(site: Flask) -> None:
    assert site.test_client().get("/api/session", headers={"host": "LocalHost:8000"}).status_code == 200


def test_forwarding_headers_change_nothing(site: Flask) -> None:
    headers = {"host": "127.0.0.1:8000", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    assert site.test_client().get("/api/session", headers=headers).status_code == 200
    headers = {"host": "evil.example", "x-forwarded-host": "127.0.0.1:8000"}
    assert site.test_client().get("/api/session", headers=headers).status_code == 400


def test_a_default_port_may_be_named_or_not() -> None:
    hosts = Origins.of(
        ("https://follow.example", "http://localhost", "http://[::1]", "http://[::1]:81")
    ).by_host
    assert hosts == {
        "follow.example": "https://follow.example",
        "follow.example:443": "https://follow.example",
        "localhost": "http://localhost",
        "localhost:80": "http://localhost",
        "[::1]": "http://[::1]",
        "[::1]:80": "http://[::1]",
        "[::1]:81": "http://[::1]:81",
    }


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/..",
        "/api/session/..//evil.example",
        "/api//session",
        "/api/session/",
        "/../evil.example",
        "/\\evil.example",
    ],
)
def test_t20_nothing_redirects(site: Flask, path: str) -> None:
    reply = site.test_client().get("/", base_url=ORIGIN, environ_overrides={"PATH_INFO": path})
    assert not 300 <= reply.status_code < 400
    assert "location" not in reply.headers


# --- what browsers are told ---

EVERYWHERE = [
    "/",
    "/nothing",
    "/api/session",
    "/api/nothing",
    "/api/profiles/shiyu",
    "/api/signing-keys",
    "/static/nothing.js",
]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "evil.example"])
def test_every_reply_carries_the_headers(site: Flask, path: str, host: str) -> None:
    headers = site.test_client().get(path, headers={"host": host}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["vary"].lower() == "cookie"
    assert "access-control-allow-origin" not in headers
    assert headers["content-security-policy"]
    media_type = headers["content-type"].lower()
    assert media_type.startswith(("application/json", "application/problem+json")) or (
        media_type == "text/html; charset=utf-8"
    )


def test_over_https_every_reply_says_to_come_so_for_a_year(
    database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    config = SiteConfig(origins=("https://follow.example",))
    client = create_site(config, database, embedded, clock).test_client()
    for path in EVERYWHERE:
        for host in ("follow.example", "evil.example"):
            headers = client.get(path, headers={"host": host}).headers
            assert headers["strict-transport-security"] == "max-age=31536000", path


def test_a_session_s_token_has_256_bits_of_the_system_s_generator(site: Flask) -> None:
    assert inspect.signature(create_site).parameters["token"].default is secrets.token_urlsafe
    cookies = {Browser(site).cookie() for _ in range(50)}
    assert len(cookies) == 50
    assert {len(base64.urlsafe_b64decode(cookie + "=")) for cookie in cookies} == {32}


def test_t18_the_policy_allows_this_origin_s_files_and_nothing_inline(site: Flask) -> None:
    policy = policy_of(site)
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert "unsafe" not in str(policy)


def test_framing_can_be_allowed_by_name(database: Database, embedded: UpstreamClient, clock: Ticker) -> None:
    config = SiteConfig(
        origins=CONFIG.origins,
        frame_ancestors=("https://docs.example", "https://more.example"),
    )
    site = create_site(config, database, embedded, clock)
    assert policy_of(site)["frame-ancestors"] == "https://docs.example https://more.example"
    assert "x-frame-options" not in site.test_client().get("/", base_url=ORIGIN).headers


def policy_of(site: Flask) -> dict[str, str]:
    header = site.test_client().get("/", base_url=ORIGIN).headers["content-security-policy"]
    rows = (directive.partition(" ") for directive in header.split("; "))
    return {name: value for name, _, value in rows}
