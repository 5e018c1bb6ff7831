"""What operators' machines ask is answered to GET and HEAD, and to nothing else."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from tests.support.databases import migrated
from tests.support.serving import OPERATOR, Serving
from webapp.server.answers.health import health_wsgi
from webapp.server.answers.metrics import Metrics


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    database = migrated(tmp_path_factory.mktemp("probed") / "database.sqlite3")
    health = health_wsgi(database, None)
    yield {"/healthz": health, "/readyz": health, "/metrics": Metrics().wsgi(None, for_this_machine=True)}
    database.close()


def asked(rooms: dict[str, Any], path: str, method: str) -> tuple[str, dict[str, str], bytes]:
    began: list[Any] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    environ |= {"HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1"}
    body = b"".join(rooms[path](environ, lambda *given: began.extend(given)))
    return began[0], {name.lower(): value for name, value in began[1]}, body


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_it_is_read(path: str, rooms: dict[str, Any]) -> None:
    """HEAD tells what GET would, but for the body."""
    status, headers, body = asked(rooms, path, "GET")
    assert (status, headers["content-length"], headers["cache-control"]) == (
        "200 OK",
        str(len(body)),
        "no-store",
    )
    begun, described, nothing = asked(rooms, path, "HEAD")
    assert (begun, described.keys(), nothing) == (status, headers.keys(), b"")
    assert int(described["content-length"]) > 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", ""])
def test_nothing_else_is_done(path: str, method: str, rooms: dict[str, Any]) -> None:
    status, headers, body = asked(rooms, path, method)
    assert status == f"405 {HTTPStatus.METHOD_NOT_ALLOWED.phrase}"
    assert headers["allow"] == "GET, HEAD"
    assert headers["content-length"] == str(len(body))
    assert json.loads(body)["detail"] == "expected GET or HEAD"


def test_over_the_wire_too(open_gateway: Serving) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        head, refused = open_gateway.client.head(path, headers=OPERATOR), open_gateway.client.post(path)
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) > 0
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
