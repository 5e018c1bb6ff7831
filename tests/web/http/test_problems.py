"""Every failure says what went wrong, in the form of its path, under an id that the log has too."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from tests.support.browsers import ORIGIN, Browser, personal_sign, problem
from tests.support.databases import FailingCommits
from tests.support.people import NOW, Person
from webapp.network.request_bodies import MAX_BODY
from webapp.server.answers.metrics import Metrics
from webapp.server.record.answered import AnsweredRequests
from webapp.server.record.request_line import network_of
from webapp.siwe.tables import used_nonces
from webapp.storage.database import Database
from webapp.web.http.bodies import MAX_TEXT
from webapp.web.http.problems import Kind
from webapp.web.sessions.tables import web_sessions


def test_slugs_and_statuses_are_the_documented_ones() -> None:
    assert {kind.slug: kind.status for kind in Kind} == {
        "invalid-request": 400,
        "wrong-host": 400,
        "not-signed-in": 401,
        "login-refused": 401,
        "forbidden": 403,
        "csrf": 403,
        "sign-in-again": 403,
        "wrong-account": 403,
        "not-found": 404,
        "method-not-allowed": 405,
        "request-timeout": 408,
        "too-many-keys": 409,
        "too-large": 413,
        "unsupported-media-type": 415,
        "too-many-requests": 429,
        "internal": 500,
        "upstream-unreachable": 502,
        "upstream-malformed": 502,
        "unavailable": 503,
        "upstream-timeout": 504,
        "chain-unreachable": 502,
        "chain-timeout": 504,
        "outcome-unknown": 503,
    }


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/profiles/a/b", "/api/session/active/x"])
def test_an_unknown_path_under_api(visitor: Browser, path: str) -> None:
    assert problem(visitor.get(path)) == (404, "not-found")
    assert problem(visitor.post(path, {}, origin=None)) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/api/session", "GET, HEAD, OPTIONS"),
        ("GET", "/api/follow", "OPTIONS, POST"),
        ("DELETE", "/api/login", "OPTIONS, POST"),
    ],
)
def test_another_method(site: Flask, method: str, path: str, allow: str) -> None:
    reply = site.test_client().open(path, method=method, base_url=ORIGIN)
    assert problem(reply) == (405, "method-not-allowed")
    assert reply.headers["allow"] == allow


def test_elsewhere_a_failure_is_a_page(site: Flask) -> None:
    reply = site.test_client().get("/nothing", base_url=ORIGIN)
    assert reply.status_code == 404
    assert reply.mimetype == "text/html"
    assert "Nothing is here" in reply.text
    assert reply.headers["x-request-id"] in reply.text


@pytest.mark.parametrize("path", ["/<img src=x onerror=alert(1)>", "/%3Cscript%3E", "/{{7*7}}"])
def test_a_page_about_a_failure_repeats_nothing_of_the_request(site: Flask, path: str) -> None:
    text = site.test_client().get(path, base_url=ORIGIN).text
    for part in ("onerror", "%3Cscript", "49"):
        assert part not in re.sub(r"Request id.*", "", text)


# --- bodies ---

BODIES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "body"),
    ("not JSON", b"address=0x", "body"),
    ("cut short", b'{"address": "0x', "body"),
    ("trailing text", b"{} {}", "body"),
    ("BOM", b"\xef\xbb\xbf{}", "body"),
    ("not UTF-8", b'{"address": "\xff"}', "body"),
    ("UTF-16", '{"address": 1}'.encode("utf-16"), "body"),
    ("a list", b"[]", "body"),
    ("a string", b'"x"', "body"),
    ("null", b"null", "body"),
    ("a repeated member", b'{"address": "0x", "address": "0x"}', "body"),
    ("a repeated member deep down", b'{"address": {"a": 1, "a": 2}}', "body"),
    ("NaN", b'{"chainId": NaN}', "body"),
    ("Infinity", b'{"chainId": -Infinity}', "body"),
    ("deep nesting", b'{"address": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "body"),
    ("a number too long", b'{"chainId": ' + b"9" * 5_000 + b"}", "body"),
    ("a number past 64-bit floats", b'{"chainId": 1e400}', "body"),
    ("an unknown member", b'{"address": "0x' + b"ab" * 20 + b'", "chainId": 1, "__proto__": 1}', "__proto__"),
]


@pytest.mark.parametrize(("body", "field"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_a_body_that_cannot_be_read(visitor: Browser, body: bytes, field: str) -> None:
    reply = visitor.post("/api/login/challenge", body)
    assert problem(reply) == (400, "invalid-request")
    assert [error["field"] for error in reply.get_json()["errors"]] == [field]


def test_all_faults_are_told_at_once(visitor: Browser, alice: Person) -> None:
    visitor.sign_in(alice.wallet)
    reply = visitor.post(
        "/api/follow", {"address": 5, "handle": None, "message": "x" * (MAX_TEXT + 1), "extra": 1}
    )
    assert problem(reply) == (400, "invalid-request")
    told = {error["field"]: error["expected"] for error in reply.get_json()["errors"]}
    assert told == {
        "extra": "no such member; members are: address, handle, message, signature, signingKey",
        "address": "a string",
        "handle": "a string",
        "message": "at most 2048 bytes",
        "signature": "a string",
        "signingKey": "a string",
    }


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(visitor: Browser) -> None:
    fits = b"{}".ljust(MAX_BODY)
    assert problem(visitor.post("/api/login", fits)) == (400, "invalid-request")
    assert problem(visitor.post("/api/login", fits + b" ")) == (413, "too-large")


def test_a_body_without_a_length_is_read_no_further(visitor: Browser) -> None:
    """As a chunked one comes from the server: a stream that ends when it ends."""
    taken = 0

    class Endless:
        def read(self, size: int = -1) -> bytes:
            nonlocal taken
            assert size >= 0, "asked for everything"
            taken += size
            return b" " * size

    environ = EnvironBuilder(
        "/api/login", ORIGIN, method="POST", content_type="application/json"
    ).get_environ()
    environ |= {
        "HTTP_ORIGIN": ORIGIN,
        "HTTP_X_CSRF_TOKEN": visitor.token,
        "HTTP_COOKIE": f"countersign-8000={visitor.cookie()}",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": Endless(),
        "wsgi.input_terminated": True,
    }
    assert problem(Response(*run_wsgi_app(visitor.app, environ))) == (413, "too-large")
    assert taken <= 2 * MAX_BODY


# --- our own faults, and the database's ---


@pytest.fixture
def faulty(site: Flask) -> Flask:
    @site.get("/api/fault")
    @site.get("/fault")
    def fault() -> str:
        raise RuntimeError("canary: what went wrong")

    return site


@pytest.mark.parametrize("path", ["/api/fault", "/fault"])
def test_a_fault_of_ours_tells_an_id_and_no_more(
    faulty: Flask, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    reply = faulty.test_client().get(path, base_url=ORIGIN)
    assert reply.status_code == 500
    assert "canary" not in reply.text
    assert "Traceback" not in reply.text
    incident = reply.headers["x-request-id"]
    assert incident in reply.text
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert incident in record.getMessage()
    assert record.exc_info
    if path.startswith("/api/"):
        assert problem(reply) == (500, "internal")


@pytest.fixture
def locked(database: Database) -> Iterator[None]:
    """Another writer that does not let go."""
    with database.write(alone=[web_sessions, used_nonces]):
        yield


@pytest.mark.usefixtures("locked")
def test_a_locked_database_is_busy_not_broken(visitor: Browser, alice: Person) -> None:
    """Asking for a challenge writes nothing; answering it does, and may be tried again."""
    text = visitor.challenge(alice.wallet)
    reply = visitor.login(text, personal_sign(alice.wallet, text))
    assert problem(reply) == (503, "unavailable")
    assert reply.headers["retry-after"] == "2"


@pytest.mark.sqlite
def test_a_database_that_is_gone_is_busy_not_broken(
    visitor: Browser, database: Database, tmp_path: Path
) -> None:
    database.close()
    for path in tmp_path.glob("site.sqlite3*"):
        path.unlink()
    (tmp_path / "site.sqlite3").mkdir()
    assert problem(visitor.get("/api/session")) == (503, "unavailable")
    assert visitor.get("/").status_code == 503


@pytest.fixture
def disk(database: Database) -> FailingCommits:
    """Ask for it before whatever uses the database."""
    return FailingCommits(database)


@pytest.mark.parametrize("kept", [True, False])
def test_a_follow_that_the_disk_failed_is_not_called_undone(
    disk: FailingCommits, visitor: Browser, alice: Person, *, kept: bool
) -> None:
    """The page may send the same bytes again, and hears what became of them."""
    visitor.sign_in(alice.wallet)
    assert visitor.post("/api/signing-keys", alice.registration()).get_json()["status"] == "SUCCESS"
    request = alice.request("follow", "shiyu", NOW)
    disk.armed, disk.kept = True, kept
    reply = visitor.post("/api/follow", request)
    assert problem(reply) == (503, "outcome-unknown")
    assert reply.headers["retry-after"] == "2"
    disk.armed = False
    again = visitor.post("/api/follow", request).get_json()
    assert again["status"] == ("ALREADY_DONE" if kept else "SUCCESS")


# --- the log ---


@pytest.fixture
def lines(site: Flask, caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What is written down of requests, as a server does it around a site."""
    answered = AnsweredRequests(Metrics().room("site"), logging.getLogger("webapp.web.requests"))
    site.wsgi_app = answered.of(site.wsgi_app)  # type: ignore[method-assign, assignment]

    def written() -> list[str]:
        answered.flush()
        return [record.getMessage() for record in caplog.records if record.name == "webapp.web.requests"]

    return written


def test_t73_a_request_is_one_line_that_names_nobody(
    lines: Callable[[], list[str]], visitor: Browser, alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visitor.sign_in(alice.wallet)
    cookie = visitor.cookie()
    request = alice.request("follow", "shiyu", 1)
    before = len(lines())
    reply = visitor.post("/api/follow", request)
    [line] = lines()[before:]
    incident = re.escape(reply.headers["x-request-id"])
    assert re.fullmatch(rf"POST /api/follow 200 [\d.]+ ms, request {incident} from 127\.0\.0\.0/24", line)
    secrets = (
        cookie,
        visitor.token,
        request["signature"],
        request["message"],
        alice.address,
        "canary",
        "127.0.0.1 ",
    )
    for secret in secrets:
        assert secret not in caplog.text


def test_a_path_cannot_forge_a_line(
    lines: Callable[[], list[str]], visitor: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    visitor.get("/api/x%0aGET /forged 200")
    assert "forged" in lines()[-1]
    assert all("\n" not in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("path", "length"), [("/" + "a" * 60_000, 60_001), ("/" + "%F0%9F%98%80" * 5_000, 5_001), ("/a", None)]
)
def test_a_long_path_makes_a_short_line(
    lines: Callable[[], list[str]],
    visitor: Browser,
    caplog: pytest.LogCaptureFixture,
    path: str,
    length: int | None,
) -> None:
    caplog.set_level(logging.INFO)
    visitor.get(path)
    line = lines()[-1]
    assert len(line) < 500
    assert ("characters)" in line) is (length is not None)
    assert length is None or f"({length} characters)" in line


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("", "-"),
        (None, "-"),
        ("unix:", "-"),
    ],
)
def test_client_addresses_are_shortened(client: str | None, network: str) -> None:
    assert network_of(client) == network


def test_problems_are_json_that_a_page_can_read(visitor: Browser) -> None:
    reply = visitor.get("/api/nothing")
    assert set(json.loads(reply.data)) == {"type", "title", "status", "detail", "requestId"}
