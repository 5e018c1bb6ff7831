"""The TLS proxies of `deploy/`, started for real in front of `countersign run` and `countersign gateway`."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.support.certificates import Certificate, certificate
from tests.support.databases import started_url
from tests.support.ports import free_port
from tests.support.proxies import (
    CADDY,
    NGINX,
    Ports,
    ProxyKind,
    asking,
    env_file,
    program,
    proxy,
)
from tests.support.serving import SHIYU, serving
from webapp.network.request_bodies import MAX_BODY

pytestmark = pytest.mark.together

MOST = 40
"""Requests a minute that one address may send the gateway here."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A proxy with site and gateway behind it."""

    ports: Ports
    certificate: Certificate


@pytest.fixture(scope="module", params=[NGINX, CADDY], ids=["nginx", "Caddy"])
def behind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    kind: ProxyKind = request.param
    found = program(*kind.names)
    if found is None:
        pytest.skip(f"this machine lacks {kind.names[-1]}")
    folder = tmp_path_factory.mktemp("proxy")
    mine = certificate(folder)
    https = free_port()
    origin = f"https://localhost:{https}"
    with ExitStack() as opened:
        gateway = opened.enter_context(
            serving(
                "gateway",
                cwd=folder,
                PUBLIC_ORIGINS=origin,
                TRUSTED_PROXY_HOPS=env_file("gateway.env")["TRUSTED_PROXY_HOPS"],
                ANONYMOUS_REQUESTS_PER_MINUTE=str(MOST),
            )
        )
        site = opened.enter_context(
            serving(
                "run",
                cwd=folder,
                PUBLIC_ORIGINS=origin,
                TRUSTED_PROXY_HOPS=env_file("run.env")["TRUSTED_PROXY_HOPS"],
                UPSTREAM_URL=str(gateway.client.base_url.join("/graphql")),
                DATABASE_URL=started_url(folder / "site.sqlite3", {"DEMO": "0"}),
            )
        )
        site_port, gateway_port = site.client.base_url.port, gateway.client.base_url.port
        assert site_port
        assert gateway_port
        ports = Ports(http=free_port(), https=https, site=site_port, gateway=gateway_port)
        opened.enter_context(proxy(found, kind, folder, ports, mine))
        yield Behind(ports, mine)


def test_the_page_comes_over_tls_with_a_cookie_for_tls_alone(behind: Behind) -> None:
    with asking(behind.ports, behind.certificate) as client:
        page = client.get("/")
    assert page.status_code == 200
    assert "strict-transport-security" in page.headers
    cookie = page.headers["set-cookie"]
    assert cookie.startswith("__Host-countersign=")
    assert "; Secure" in cookie


def test_plain_http_leads_to_https(behind: Behind) -> None:
    with socket.create_connection(("127.0.0.1", behind.ports.http), timeout=30) as plain:
        plain.sendall(b"GET /people?q=a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head = b"".join(iter(lambda: plain.recv(4096), b"")).decode()
    assert head.startswith("HTTP/1.1 308 ")
    location = next(line for line in head.splitlines() if line.lower().startswith("location: "))
    assert location.split(": ")[1].startswith("https://localhost")
    assert location.endswith("/people?q=a")


def test_browsers_are_offered_http_2(behind: Behind) -> None:
    offered = ssl.create_default_context(cafile=behind.certificate.file)
    offered.set_alpn_protocols(["h2", "http/1.1"])
    plain = socket.create_connection(("127.0.0.1", behind.ports.https), timeout=30)
    with offered.wrap_socket(plain, server_hostname="localhost") as spoken:
        assert spoken.selected_alpn_protocol() == "h2"


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine lacks curl")
def test_a_page_comes_by_http_2(behind: Behind) -> None:
    """Its name stands elsewhere there than in HTTP/1.1, and the site takes no other."""
    shown = ["--silent", "--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"]
    asked = [
        "--http2",
        "--cacert",
        str(behind.certificate.file),
        f"https://localhost:{behind.ports.https}/people",
    ]
    told = subprocess.run(["curl", *shown, *asked], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout == "2 200"


def claims(address: str) -> dict[str, str]:
    """Headers in which somebody says to come from an address."""
    return {"x-forwarded-for": address, "x-real-ip": address, "forwarded": f"for={address}"}


def test_who_asks_is_counted_by_the_address_it_comes_from_whatever_it_says(behind: Behind) -> None:
    """One who names another address each time has no more than one; who is named by others, no less."""
    with asking(behind.ports, behind.certificate, "127.0.0.9") as forger:
        told = [
            forger.post("/graphql", json={"query": SHIYU}, headers=claims(f"203.0.113.{n}")).status_code
            for n in range(2 * MOST + 1)
        ]
    assert told[0] == 200
    assert told[-1] == 429
    with asking(behind.ports, behind.certificate, "127.0.0.10") as other:
        answer = other.post("/graphql", json={"query": SHIYU}, headers=claims("127.0.0.9"))
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
def test_the_gateway_says_itself_what_is_too_long_for_it(behind: Behind, path: str) -> None:
    with asking(behind.ports, behind.certificate, "127.0.0.11") as client:
        answer = client.post(
            path, content=b" " * (MAX_BODY + 1), headers={"content-type": "application/json"}
        )
    assert answer.status_code == 413
    assert "errors" in answer.json()


def test_far_too_much_ends_at_the_proxy(behind: Behind) -> None:
    """As soon as it is announced: what the server behind it would say of the rest is never heard."""
    with asking(behind.ports, behind.certificate, "127.0.0.12") as client:
        answer = client.post("/api/follow", content=b" " * 200_000)
    assert answer.status_code == 413
    assert "application/problem+json" not in answer.headers.get("content-type", "")

    host = f"localhost:{behind.ports.https}"
    announced = f"POST /api/follow HTTP/1.1\r\nHost: {host}\r\nContent-Length: 200000\r\n\r\n"
    plain = socket.create_connection(("127.0.0.1", behind.ports.https), timeout=30)
    with behind.certificate.trust.wrap_socket(plain, server_hostname="localhost") as spoken:
        spoken.sendall(announced.encode())
        assert b" 413 " in spoken.recv(1000).partition(b"\r\n")[0]


def test_the_site_finds_the_gateway_beside_it(behind: Behind) -> None:
    with asking(behind.ports, behind.certificate) as client:
        assert client.get("/readyz").json() == {"status": "ok", "database": "ok", "upstream": "ok"}
