"""What an operator relies on: metrics, logs that programs read, request ids, a stop that loses nothing."""

import contextlib
import itertools
import json
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select

from tests.support.databases import migrated, started_url
from tests.support.device import Device
from tests.support.places import ROOT
from tests.support.postgresql import wait_until
from tests.support.serving import METRICS_TOKEN, OPERATOR, SHIYU, serving
from webapp.app import create_app
from webapp.gateway.tables import operations
from webapp.gateway_app import create_gateway_app
from webapp.server.answers.metrics import Metrics
from webapp.server.application import Application
from webapp.settings.environment import Settings
from webapp.storage.database import Database

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GUIDE = ROOT / "docs" / "examples" / "guide-unfollow.json"

JSON = {"content-type": "application/json"}


def test_metrics_tell_requests_latencies_and_statuses(tmp_path: Path) -> None:
    with serving("run", cwd=tmp_path) as server:
        server.client.post(
            "/graphql", content=GUIDE.read_bytes(), headers={"content-type": "application/json"}
        )
        server.client.get("/nowhere")
        numbers = server.client.get("/metrics").text
    assert 'countersign_operations_total{operation="unfollow",status="INVALID_MESSAGE"} 1.0' in numbers
    for name in ("countersign_batch_operations_sum 1.0", "countersign_commit_seconds_count 1.0"):
        assert name in numbers
    assert "countersign_operations_waiting 0.0" in numbers
    assert 'countersign_requests_total{method="POST",room="gateway",status="200"} 1.0' in numbers
    assert 'countersign_requests_total{method="GET",room="site",status="404"} 1.0' in numbers
    assert 'countersign_request_seconds_count{room="gateway"} 1.0' in numbers
    assert 'countersign_requests_in_flight{room="gateway"} 0.0' in numbers


def test_several_processes_count_together(tmp_path: Path) -> None:
    """Whichever process answers, the numbers are those of all, a moment after each has counted its own."""
    twenty = ['countersign_requests_total{method="POST",room="gateway",status="200"} 20.0']
    with serving(
        "gateway", cwd=tmp_path, WORKERS="2", ACCESS_TOKEN_SECRET="x" * 32, METRICS_TOKEN=METRICS_TOKEN
    ) as server:

        def counted() -> list[str]:
            with httpx.Client(base_url=server.client.base_url, trust_env=False) as fresh:
                numbers = fresh.get("/metrics", headers=OPERATOR).text.splitlines()
            return [line for line in numbers if line.startswith("countersign_requests_total")]

        for _ in range(20):
            with httpx.Client(base_url=server.client.base_url, trust_env=False) as fresh:
                fresh.post("/graphql", json={"query": SHIYU})
        wait_until(lambda: counted() == twenty)
        assert [counted() for _ in range(6)] == [twenty] * 6


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({}, "200"),
        ({"REMOTE_ADDR": "::1"}, "200"),
        ({"HTTP_HOST": "localhost"}, "200"),
        ({"REMOTE_ADDR": "203.0.113.9"}, "403"),
        ({"REMOTE_ADDR": ""}, "403"),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, "403"),
        ({"HTTP_FORWARDED": "for=203.0.113.9"}, "403"),
        ({"HTTP_X_REAL_IP": "203.0.113.9"}, "403"),
        ({"HTTP_VIA": "1.1 proxy"}, "403"),
        ({"HTTP_HOST": "rebound.example:8000"}, "403"),
        ({"HTTP_HOST": "localhost.example"}, "403"),
    ],
)
def test_a_site_for_this_machine_alone_shows_it_metrics(environ: dict[str, str], status: str) -> None:
    """A page elsewhere that has its own name point here is not this machine."""
    assert metrics_of(Metrics().wsgi(None, for_this_machine=True), **environ) == status
    assert metrics_of(Metrics().wsgi(None), **environ) == "403"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer secret", "200"),
        ("Bearer secre", "403"),
        ("Bearer s\u00e9cret", "403"),
        ("secret", "403"),
        ("", "403"),
    ],
)
@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
def test_with_a_token_metrics_are_for_whoever_has_it(authorization: str, status: str, peer: str) -> None:
    for local in (False, True):
        application = Metrics().wsgi("secret", for_this_machine=local)
        assert metrics_of(application, REMOTE_ADDR=peer, HTTP_AUTHORIZATION=authorization) == status


@pytest.mark.parametrize(
    ("create", "chosen", "status"),
    [
        (create_app, {}, "200"),
        (create_app, {"public_origins": ("http://127.0.0.1:8000", "http://[::1]:8000")}, "200"),
        (create_app, {"upstream_url": "http://127.0.0.1:9/graphql"}, "200"),
        (create_app, {"public_origins": ("https://follow.example",)}, "403"),
        (create_app, {"public_origins": ("http://localhost", "https://follow.example")}, "403"),
        (create_app, {"trusted_proxy_hops": 1}, "403"),
        (create_app, {"host": "192.0.2.7", "public_origins": ("http://localhost",)}, "403"),
        (create_gateway_app, {}, "403"),
        (create_gateway_app, {"host": "::1"}, "403"),
    ],
)
def test_behind_a_proxy_nothing_that_a_request_says_shows_metrics(
    create: Callable[[Settings, Metrics], Application], chosen: dict[str, Any], status: str, tmp_path: Path
) -> None:
    """nginx with a plain `proxy_pass` sends no header of a proxy, and the host that it was told to ask."""
    database = migrated(tmp_path / "database.sqlite3")
    database.close()
    settings = Settings(database_url=database.url, **chosen)
    application = create(settings, Metrics())
    for host in ("localhost", "127.0.0.1:8000"):
        assert metrics_of(application, HTTP_HOST=host) == status
    application.close()
    asked_for = create(replace(settings, metrics_token="secret"), Metrics())
    assert metrics_of(asked_for, HTTP_AUTHORIZATION="Bearer secret") == "200"
    asked_for.close()


def metrics_of(application: "WSGIApplication", **environ: str) -> str:
    """The status with which metrics are answered to a caller, on this machine where nothing else is said."""
    seen: list[str] = []
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics", "HTTP_HOST": "127.0.0.1:8000"}
    asked |= {"REMOTE_ADDR": "127.0.0.1", **environ}
    list(application(asked, lambda line, _headers: seen.append(line[:3])))  # type: ignore[arg-type]  # no write()
    [status] = seen
    return status


def test_json_logs_carry_the_request_id_that_the_reply_shows(tmp_path: Path) -> None:
    with serving("run", cwd=tmp_path, LOG_FORMAT="json") as server:
        asked = server.client.post("/graphql", json={"query": SHIYU})
        refused = server.client.post("/api/follow", json={})
    problem = refused.json()
    lines = [json.loads(line) for line in server.errors.splitlines() if line.startswith("{")]
    by_id = {line["request_id"]: line for line in lines if "request_id" in line}
    assert by_id[asked.headers["x-request-id"]]["path"] == "/graphql"
    line = by_id[problem["requestId"]]
    assert (line["path"], line["status"]) == ("/api/follow", refused.status_code)
    assert "127.0.0.1" not in server.errors


def test_a_stop_finishes_what_was_begun_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """Follows keep arriving while the server is told to stop; every SUCCESS that arrived is in the log."""
    acknowledged: list[str] = []
    begun = threading.Event()

    def follow_until_gone(device: Device) -> None:
        for op in itertools.cycle(("follow", "unfollow")):
            message = device.message(op)
            try:
                answer = device.send(op, device.request(op, message=message))
            except httpx.TransportError:
                return
            if answer["status"] == "SUCCESS":
                acknowledged.append(message)
                begun.set()

    url = started_url(tmp_path / "countersign.sqlite3", {})
    with serving("gateway", cwd=tmp_path, stop=signal.SIGTERM, DATABASE_URL=url) as server:
        devices = [Device(str(server.client.base_url.join("/graphql"))) for _ in range(4)]
        assert {device.register() for device in devices} == {"SUCCESS"}
        threads = [threading.Thread(target=follow_until_gone, args=(device,)) for device in devices]
        for thread in threads:
            thread.start()
        assert begun.wait(20)
    for thread in threads:
        thread.join(20)
    with contextlib.closing(Database.open(url)) as database, database.read() as connection:
        logged = set(connection.scalars(select(operations.c.message)))
    assert acknowledged
    assert logged >= set(acknowledged)
