"""`countersign` as a process: exit codes, messages, and a server that comes up, answers and stops."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from webapp.settings import describe


def countersign(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webapp.cli", *arguments],
        cwd=cwd,
        env=clean_environment() | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def clean_environment() -> dict[str, str]:
    """This process's environment without any of our settings."""
    ours = {row.name for row in describe()}
    return {name: value for name, value in os.environ.items() if name not in ours}


def test_settings_that_cannot_be_used_are_reported_together(tmp_path: Path) -> None:
    done = countersign("run", cwd=tmp_path, PORT="x", DEMO="perhaps")
    assert done.returncode == 2
    assert "PORT: expected" in done.stderr
    assert "DEMO: expected" in done.stderr
    assert "Traceback" not in done.stderr


def test_migrate_makes_a_database_and_says_where(tmp_path: Path) -> None:
    done = countersign("migrate", cwd=tmp_path)
    made = tmp_path / "instance" / "countersign.sqlite3"
    assert done.returncode == 0, done.stderr
    assert str(made) in done.stdout
    assert made.stat().st_size > 0


def test_settings_prints_what_is_in_force_and_hides_secrets(tmp_path: Path) -> None:
    done = countersign(
        "settings", cwd=tmp_path, UPSTREAM_URL="https://gateway.example.org/graphql", UPSTREAM_API_KEY="canary"
    )
    assert done.returncode == 0
    assert "UPSTREAM_API_KEY=(hidden)" in done.stdout
    assert "canary" not in done.stdout + done.stderr
    assert [line.split("=")[0] for line in done.stdout.splitlines()] == [row.name for row in describe()]


def test_a_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    """Granian binds with port sharing: without our check two servers would answer in turn."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = countersign("run", cwd=tmp_path, PORT=str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "HOST and PORT" in done.stderr


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_run_says_where_it_is_and_where_the_data_lives_and_stops_when_told(tmp_path: Path, stop: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "run"],
        cwd=tmp_path,
        env=clean_environment() | {"PORT": port, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        said = "".join(server.stdout.readline() for _ in range(3))
        assert f"http://127.0.0.1:{port}" in said
        assert str(tmp_path / "instance" / "countersign.sqlite3") in said
        assert "demo profiles seeded" in said
        retrying = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=retrying, base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            reply = client.post("/graphql", json={"query": '{ profileByHandle(handle: "shiyu") { handle } }'})
        assert reply.json() == {"data": {"profileByHandle": {"handle": "shiyu"}}}
    finally:
        server.send_signal(stop)
        _, errors = server.communicate(timeout=30)
    assert server.returncode == 0, errors
    assert "Traceback" not in errors
