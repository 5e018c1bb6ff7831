"""What neither the gateway nor the site has seen is refused in the form that its path's callers read."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tests.support.adapters import adapter, asked, scope
from tests.support.browsers import problem
from tests.support.databases import migrated
from webapp.app import create_app
from webapp.gateway_app import create_gateway_app
from webapp.server.answers.metrics import Metrics
from webapp.server.application import Application
from webapp.server.front import lingering
from webapp.server.front.adapter import CollectingAdapter, CollectingConfig
from webapp.server.front.wsgi import Message
from webapp.settings.environment import Serves, Settings

SITE, GATEWAY = "run", "gateway"


@pytest.fixture(scope="module", params=[SITE, GATEWAY])
def application(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    database = migrated(tmp_path_factory.mktemp("refusals") / "x.sqlite3")
    database.close()
    serves, create = (
        (Serves.SITE, create_app) if request.param == SITE else (Serves.GATEWAY, create_gateway_app)
    )
    made = create(Settings.from_env({"DATABASE_URL": database.url, "PORT": "8000"}, serves=serves), Metrics())
    yield made
    made.close()


@pytest.fixture(autouse=True)
def nobody_lingers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering, "SILENT_S", 0.001)


def around(application: Application, wsgi: Any) -> CollectingAdapter:
    config = CollectingConfig(threads=1, max_body=10, deadline_ms=1)
    return adapter(wsgi, config, refuse=application.refusal, form=application.form)


def told(
    application: Application,
    path: str,
    *headers: tuple[bytes, bytes],
    broken: bool = False,
    garbled: bool = False,
) -> Response:
    """Send a head and never a body, or one that no server can read; or a whole request to what fails."""

    def fails(_environ: object, _start: object) -> list[bytes]:
        raise RuntimeError("canary")

    async def receive() -> Message:
        if not garbled:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}  # what the server says of a chunk that is none

    served = around(application, fails if broken else application)
    start, body = asyncio.run(asked(served, scope(*headers, path=path.encode()), receive))
    headers_sent = [(name.decode(), value.decode()) for name, value in start["headers"]]
    return Response(body["body"], start["status"], headers_sent)


SLOW = (b"content-length", b"4")
CHUNKED = (b"transfer-encoding", b"chunked")


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/", "/testnet/", "/testnet"])
def test_at_the_gateways_paths_it_is_json_that_any_page_can_read(application: Application, path: str) -> None:
    if path not in application.gateway_paths:
        pytest.skip("a path of the site's")
    for reply, status, code in (
        (told(application, path, SLOW), 408, "REQUEST_TIMEOUT"),
        (told(application, path, CHUNKED, garbled=True), 400, "BAD_REQUEST"),
        (told(application, path, broken=True), 500, "INTERNAL"),
    ):
        assert reply.status_code == status
        assert reply.content_type == "application/json; charset=utf-8"
        assert reply.headers["access-control-allow-origin"] == "*"
        assert reply.headers["x-request-id"]
        [error] = json.loads(reply.data)["errors"]
        assert error["message"]
        assert error["extensions"] == {"code": code}
    newer = told(application, path, SLOW, (b"accept", b"application/graphql-response+json"))
    assert newer.mimetype == "application/graphql-response+json"


@pytest.mark.parametrize("path", ["/api/login", "/x", "/healthz", "/metrics", "/", "/testnet/"])
def test_elsewhere_it_is_a_problem_like_the_sites_own(
    application: Application, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    if path in application.gateway_paths:
        pytest.skip("a path of the gateway's")
    caplog.set_level("INFO")
    slow = told(application, path, SLOW)
    assert problem(slow) == (408, "request-timeout")
    assert slow.headers["connection"] == "close"
    assert json.loads(slow.data)["detail"] == "expected the whole body within 1 milliseconds"
    assert problem(told(application, path, CHUNKED, garbled=True)) == (400, "invalid-request")
    assert problem(told(application, path, broken=True)) == (500, "internal")
    assert slow.headers["x-request-id"] in caplog.text
    assert "canary" in caplog.text


def test_a_path_cannot_forge_a_line(application: Application, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    told(application, "/x%0aGET%20/forged", SLOW)
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_the_small_rooms_refuse_with_problems_too(application: Application) -> None:
    def wsgi(method: str, path: str) -> Response:
        return Client(application).open(path, method=method, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})

    for path in ("/healthz", "/readyz"):
        refused = wsgi("POST", path)
        assert problem(refused) == (405, "method-not-allowed")
        assert refused.headers["allow"] == "GET, HEAD"
    assert problem(wsgi("GET", "/metrics")) == (403, "forbidden")
    if application.gateway_paths >= {"/"}:  # the gateway alone serves GraphiQL's files
        assert problem(wsgi("GET", "/static/missing.js")) == (404, "not-found")
        assert problem(wsgi("POST", "/static/graphiql.js")) == (405, "method-not-allowed")


def test_what_is_told_to_many_is_told_to_each_in_the_form_of_their_path_and_accept_header(
    application: Application,
) -> None:
    """However the first of them spells either."""
    served = around(application, application)

    def media_type(path: bytes, *headers: tuple[bytes, bytes]) -> str:
        of_text = {name.decode(): value.decode() for name, value in headers}
        described = dict(served._busy(scope(*headers, path=path), of_text).headers)
        return described[b"content-type"].decode()

    assert media_type(b"/%67raphql") == "application/json; charset=utf-8"
    assert media_type(b"/api/login") == "application/problem+json"
    padded = b"application/json;q=0.1" + b"," * 400 + b"application/graphql-response+json"
    assert media_type(b"/graphql/", (b"accept", padded)) == "application/json; charset=utf-8"
    assert media_type(b"/graphql", (b"accept", b"application/json")) == "application/json; charset=utf-8"
