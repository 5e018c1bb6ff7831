"""Whom a request is counted under: the network that it comes from, or the application that sent it."""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SITE_PREFIX_BITS = 64
"""What one subscriber has of IPv6, at least: whoever has one such address has 2^64 (RFC 6177)."""

UNREADABLE = "unreadable"
"""What all requests are counted under, together, whose entry to be believed is no address."""

_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Client:
    """On whose behalf something is done."""

    name: str = ""  # what tells it from all others; empty where nobody in particular asks
    is_application: bool = False  # whether it has an API key: then many people may ask through it


NOBODY = Client()
"""Counted as one client, like any other."""

_current: ContextVar[Client] = ContextVar("network_client", default=NOBODY)


@contextmanager
def on_behalf_of(client: Client) -> Iterator[None]:
    """Let everything that this thread does in the block be counted under a client."""
    token = _current.set(client)
    try:
        yield
    finally:
        _current.reset(token)


def current_client() -> Client:
    return _current.get()


def client_of(peer: str, forwarded: str | None, trusted_hops: int) -> str:
    """Find where a request comes from: an IPv4 address, or the /64 network of an IPv6 one.

    Every proxy appends to `X-Forwarded-For` whom it was asked by, so that only as many entries can be
    believed, from the right, as there are proxies of one's own. `forwarded` is that header, its lines joined
    by commas. `UNREADABLE` where the entry to be believed is empty or no address; the peer's address where no
    proxy is believed, or where none has written the header.
    """
    if not trusted_hops or forwarded is None:
        return _counted(peer) or peer
    # Empty entries keep their places: without them, what the client wrote would move to the right. What is
    # unreadable is not counted as the proxy's own: whoever can have it written would choose between two
    # shares, and could use up the one for requests of the proxy itself. To refuse it would shut out everybody
    # behind a proxy that hides its clients ("unknown"): all of them have one share together.
    believed = forwarded.split(",")[-trusted_hops:]
    return _counted(believed[0].strip(" \t")) or UNREADABLE


def client_of_environ(environ: "WSGIEnvironment", trusted_hops: int) -> str:
    peer = environ.get("REMOTE_ADDR") or ""
    return client_of(peer, environ.get("HTTP_X_FORWARDED_FOR"), trusted_hops)


@lru_cache(4_096)
def _counted(text: str) -> str | None:
    found = _WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address(found[1] or found[2] if found else text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), SITE_PREFIX_BITS), strict=False))
