"""An upstream is on the public network, unless its own name or its configuration says otherwise."""

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.support import faults
from tests.support.certificates import certificate
from tests.support.faults import resolve_to
from tests.support.upstream import SIGNED
from webapp.network.addresses import AddressRule
from webapp.network.errors import UrlError
from webapp.network.transport import network_transport
from webapp.upstream.client import UpstreamClient
from webapp.upstream.errors import UpstreamTimeout, UpstreamUnreachable

INNER = [
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "100.64.0.1",
    "fd00::1",
]
NEVER = [
    "169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "0.0.0.0",  # noqa: S104 (an address to refuse)
    "::",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:5601:5601",  # Teredo: the client behind it is 169.254.169.254, inverted
    "2001:0:a9fe:a9fe:8000:63bf:fefe:fefe",  # and here its server is
]
DISGUISED = ["::ffff:10.0.0.1", "2002:0a00:0001::1", "64:ff9b::7f00:1", "64:ff9b::a00:1"]
PUBLIC = ["1.1.1.1", "2606:4700:4700::1111"]


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway.example/graphql",
        "http://10.0.0.1/graphql",
        "http://127.0.0.1.evil.example/",
        "ftp://gateway.example/",
        "file:///etc/passwd",
        "https:///graphql",
        "https://user@gateway.example/",
        "https://user:word@gateway.example/",
        "https://gateway.example/#part",
        "https://gateway.example:99999/",
        "https://gateway.example:0/",
        "https://[::1/",
        "gateway.example",
        "",
    ],
)
def test_t48_a_url_that_is_no_upstream_is_refused_at_once(url: str) -> None:
    with pytest.raises(UrlError, match="expected"):
        network_transport(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.example/graphql",
        "http://127.0.0.1:9/graphql",
        "http://localhost/",
        "http://[::1]:8000/graphql?a=b",
    ],
)
def test_a_url_that_may_be_an_upstream(url: str) -> None:
    network_transport(url).close()


@pytest.mark.parametrize("address", [*INNER, *NEVER, *DISGUISED, "127.0.0.1", "::1"])
def test_t48_a_public_name_may_not_lead_inside(address: str) -> None:
    rule = AddressRule.for_url("https://gateway.example/", allow_private=False)
    assert not rule.allows(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_name_may_lead_to_a_public_address(address: str) -> None:
    assert AddressRule.for_url("https://gateway.example/", allow_private=False).allows(address)


@pytest.mark.parametrize("address", [*INNER, *PUBLIC, "127.0.0.1"])
def test_private_addresses_can_be_allowed(address: str) -> None:
    assert AddressRule.for_url("https://gateway.example/", allow_private=True).allows(address)


@pytest.mark.parametrize("address", NEVER)
def test_t48_link_local_and_the_like_are_never_allowed(address: str) -> None:
    assert not AddressRule.for_url("https://gateway.example/", allow_private=True).allows(address)


@pytest.mark.parametrize("address", [*PUBLIC, *INNER, *NEVER])
def test_t48_a_loopback_name_leads_to_loopback_only(address: str) -> None:
    rule = AddressRule.for_url("http://localhost:8000/", allow_private=False)
    assert not rule.allows(address)
    assert rule.allows("127.0.0.1")
    assert rule.allows("::1")


def test_t48_what_was_resolved_is_checked_and_nothing_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that leads to this machine (a rebinding resolver's second answer, say) gets no connection."""
    with faults.serving(faults.reply(faults.SUCCESS)) as server:
        resolve_to(monkeypatch, server.port, "1.1.1.1", "127.0.0.1")
        url = f"https://gateway.example:{server.port}/graphql"
        client = UpstreamClient(url=url, transport=network_transport(url), api_key=None)
        with pytest.raises(UpstreamUnreachable, match=r"resolves to 127\.0\.0\.1"):
            client.follow(SIGNED)
        client.close()
        assert server.connections == 0


def test_a_dead_address_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with faults.serving(faults.reply(faults.SUCCESS)) as server:
        resolve_to(monkeypatch, server.port, "127.0.0.2", "127.0.0.1")
        url = f"http://localhost:{server.port}/graphql"
        client = UpstreamClient(url=url, transport=network_transport(url), api_key=None)
        assert client.follow(SIGNED).ts_in_server > 0
        client.close()


@pytest.mark.parametrize("failure", [socket.gaierror(8, "unknown"), UnicodeError("label too long")])
def test_a_name_that_cannot_be_resolved_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    client = UpstreamClient(
        url="https://gateway.example/", transport=network_transport("https://gateway.example/"), api_key=None
    )
    with pytest.raises(UpstreamUnreachable, match="cannot be resolved"):
        client.follow(SIGNED)
    client.close()


# --- TLS ---


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the environment cannot make it trusted."""
    made = certificate(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    with faults.serving(faults.reply(faults.SUCCESS), context) as server:
        client = UpstreamClient(url=server.url, transport=network_transport(server.url), api_key="canary")
        with pytest.raises(UpstreamUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
            client.follow(SIGNED)
        client.close()
        assert server.requests == []


def test_t49_a_handshake_that_never_comes_ends_with_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/graphql"
        client = UpstreamClient(url=url, transport=network_transport(url), api_key=None, deadline_s=0.4)
        with pytest.raises(UpstreamTimeout):
            client.follow(SIGNED)
        client.close()
