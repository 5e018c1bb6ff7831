"""`countersign` as a process: a command that ends, and a server that comes up, answers and stops."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.databases import ON_POSTGRESQL, new_url, started_url
from tests.support.ports import free_port
from webapp.settings.environment import VARIABLES

METRICS_TOKEN = "asks-for-metrics"


OPERATOR = {"authorization": f"Bearer {METRICS_TOKEN}"}


SHIYU = '{ profileByHandle(handle: "shiyu") { handle } }'


FOUND = {"data": {"profileByHandle": {"handle": "shiyu"}}}


FEW_FILES = """
import resource, runpy, sys
files = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_NOFILE, (files // 2, files))
runpy.run_module("webapp.cli", run_name="__main__")
"""


@dataclass(slots=True)
class Serving:
    """A server: what it printed at the start, a client of it, and, when it has ended, what it logged."""

    said: str
    client: httpx.Client
    process: int
    errors: str = ""

    @property
    def port(self) -> int:
        port = self.client.base_url.port
        assert port is not None
        return port


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
    return {name: value for name, value in os.environ.items() if name not in VARIABLES}


@contextmanager
def serving(
    *arguments: str,
    cwd: Path,
    stop: signal.Signals = signal.SIGTERM,
    files: int | None = None,
    first: bool = False,
    **environ: str,
) -> Iterator[Serving]:
    """A server command in a process of its own; at the end it must stop when told, with exit code 0.

    Args:
        arguments: The command.
        cwd: Where it has its data.
        stop: How it is told.
        files: How many it is allowed, and no more; None: as many as the tests.
        first: Whether it is to find no database, and else one as its first start leaves it.
        environ: Settings.
    """
    if "DATABASE_URL" not in environ:
        environ |= _own_database(cwd / "instance" / "countersign.sqlite3", environ, first=first)
    command = ["-m", "webapp.cli"] if files is None else ["-c", FEW_FILES, str(files)]
    port = free_port()
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed when the server has ended)
    server = subprocess.Popen(
        [sys.executable, *command, *arguments],
        cwd=cwd,
        env=clean_environment() | {"PORT": str(port), "PYTHONUNBUFFERED": "1"} | environ,
        stdout=subprocess.PIPE,
        stderr=log,  # a pipe that nobody reads would stop the server when it is full
        text=True,
    )
    try:
        assert server.stdout is not None
        said = []
        for line in server.stdout:
            said.append(line)
            if line.startswith("Data"):
                break
        with httpx.Client(
            transport=httpx.HTTPTransport(retries=8),
            base_url=f"http://127.0.0.1:{port}",
            trust_env=False,
            timeout=30,
        ) as client:
            found = Serving("".join(said), client, server.pid)
            client.get("/healthz")
            yield found
    finally:
        server.send_signal(stop)
        server.communicate(timeout=60)
        log.seek(0)
        errors = log.read()
        log.close()
    found.errors = errors
    assert server.returncode == 0, errors
    assert "Traceback" not in errors


def _own_database(file: Path, settings: dict[str, str], *, first: bool) -> dict[str, str]:
    """The setting that names a server's own database, where it does not know its file by itself."""
    if ON_POSTGRESQL:
        return {"DATABASE_URL": new_url(file) if first else started_url(file, settings)}
    if not first and not file.exists():
        file.parent.mkdir(exist_ok=True)
        started_url(file, settings)
    return {}


PATIENCE_S = 20.0
"""How long a test waits for what it expects at once: a busy machine's patience, not ours."""


def connected(port: int, source: str) -> socket.socket:
    """A new connection from an address of one's own; all of 127/8 is this machine's."""
    opened = socket.socket()
    opened.settimeout(PATIENCE_S)
    with contextlib.suppress(AttributeError):  # Linux finds a port when the other end is known: much faster
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
    # Nobody who listens on all addresses is to find a port taken that is taken at this one.
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((source, 0))
    opened.connect(("127.0.0.1", port))
    return opened


def answered(port: int, source: str) -> bool:
    """Whether somebody who connects anew is answered."""
    try:
        with connected(port, source) as opened:
            opened.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return opened.recv(64).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False
