"""`countersign` as a process: exit codes, messages, and a server that comes up, answers and stops."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.databases import ON_POSTGRESQL, new_url
from tests.support.serving import (
    FOUND,
    SHIYU,
    Serving,
    countersign,
    serving,
)
from webapp.settings.environment import VARIABLES


def test_settings_that_cannot_be_used_are_reported_together(tmp_path: Path) -> None:
    done = countersign("run", cwd=tmp_path, PORT="x", DEMO="perhaps")
    assert done.returncode == 2
    assert "PORT: expected" in done.stderr
    assert "DEMO: expected" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_variable_that_is_no_setting_any_more_is_named_and_stops_nothing(tmp_path: Path) -> None:
    """Whatever command reads settings, and beside what cannot be used; nowhere in what programs read."""
    said = "MAX_LIVE_KEYS=4 is no setting any more: an address may always have 32 live signing keys\n"
    done = countersign("settings", cwd=tmp_path, MAX_LIVE_KEYS="4", SESSION_DAYS="")
    assert done.returncode == 0
    assert done.stderr == f"countersign: variables without effect:\n  {said}"
    assert "MAX_LIVE_KEYS" not in done.stdout
    refused = countersign("run", cwd=tmp_path, MAX_LIVE_KEYS="4", PORT="x")
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "PORT: expected" in refused.stderr


def test_migrate_makes_a_database_and_says_where(tmp_path: Path) -> None:
    done = countersign("migrate", cwd=tmp_path)
    made = tmp_path / "instance" / "countersign.sqlite3"
    assert done.returncode == 0, done.stderr
    assert str(made) in done.stdout
    assert made.stat().st_size > 0


def test_settings_prints_what_is_in_force_and_hides_secrets(tmp_path: Path) -> None:
    done = countersign(
        "settings",
        cwd=tmp_path,
        UPSTREAM_URL="https://gateway.example.org/graphql?k=canary",
        UPSTREAM_API_KEY="canary",
        ETH_RPC_URLS="1=https://node.example/canary",
    )
    assert done.returncode == 0
    assert "UPSTREAM_API_KEY=(hidden)" in done.stdout
    assert "UPSTREAM_URL=https://gateway.example.org/graphql?(hidden)" in done.stdout
    assert "canary" not in done.stdout + done.stderr
    assert [line.split("=")[0] for line in done.stdout.splitlines()] == list(VARIABLES)


def test_a_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = countersign("run", cwd=tmp_path, PORT=str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "HOST and PORT" in done.stderr


def test_a_start_waits_for_no_import_that_can_come_later() -> None:
    """They would more than double the time until the first page: 2.7 s instead of 1.3."""
    late = (
        "import sys, webapp.app, webapp.commands.run; "
        "print({'siwe', 'web3', 'abnf', 'countersign', 'pytest'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", late], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


SERVED_ALONE = """
import sys
from webapp.commands import gateway
from webapp.gateway_app import from_environment
from webapp.server.front.wsgi import call_wsgi

environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/graphql", "QUERY_STRING": "query={__typename}"}
answer = call_wsgi(from_environment()._wsgi, environ)
print(answer.status, {"flask", "flask_login"} & {*sys.modules})
"""


def test_the_gateway_alone_never_imports_flask(tmp_path: Path) -> None:
    """Not even to answer: it would cost each process some milliseconds of its start, and memory."""
    env = {**os.environ, "DATABASE_URL": new_url(tmp_path / "x.sqlite3"), "PORT": "8000"}
    subprocess.run([sys.executable, "-m", "webapp.cli", "migrate"], env=env, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", SERVED_ALONE], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "200 set()\n"


def test_run_says_where_it_is_and_where_the_data_lives_and_stops_when_told(tmp_path: Path) -> None:
    """By Ctrl-C here; servers of other tests are told by SIGTERM."""
    place = "PostgreSQL at " if ON_POSTGRESQL else str(tmp_path / "instance" / "countersign.sqlite3")
    with serving("run", cwd=tmp_path, stop=signal.SIGINT, first=True) as server:
        assert str(server.client.base_url).rstrip("/") in server.said
        assert place in server.said
        assert "demo profiles seeded" in server.said
        assert server.client.post("/graphql", json={"query": SHIYU}).json() == FOUND


def test_gateway_serves_the_api_alone_at_the_paths_of_the_original_too(open_gateway: Serving) -> None:
    for path in ("/graphql", "/graphql/", "/", "/testnet/", "/testnet"):
        assert open_gateway.client.post(path, json={"query": SHIYU}).json() == FOUND
    elsewhere = open_gateway.client.get("/api/session")
    assert elsewhere.status_code == 404
    [error] = elsewhere.json()["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert error["message"] == "expected the path /graphql, or / or /testnet/ as of the original API"


def test_readiness_follows_the_database_and_the_upstream(tmp_path: Path, open_gateway: Serving) -> None:
    upstream = str(open_gateway.client.base_url.join("/graphql"))
    with serving("run", cwd=tmp_path, UPSTREAM_URL=upstream) as site:
        assert site.client.get("/healthz").json() == {"status": "ok"}
        assert site.client.get("/readyz").json() == {"status": "ok", "database": "ok", "upstream": "ok"}
        assert open_gateway.client.get("/readyz").json() == {"status": "ok", "database": "ok"}


def test_a_site_without_its_upstream_lives_but_is_not_ready(site_without_upstream: Serving) -> None:
    assert site_without_upstream.client.get("/healthz").status_code == 200
    ready = site_without_upstream.client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"status": "unavailable", "database": "ok", "upstream": "UpstreamUnreachable"}
