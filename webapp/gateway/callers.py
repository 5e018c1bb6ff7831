"""Who asks: the network address that requests are counted under, and what else a request shows."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from webapp.applications.api_keys import Application
from webapp.protocol.address import Address

SITE_PREFIX_BITS = 64
"""What one subscriber has of IPv6, at least: whoever has one such address has 2^64 (RFC 6177)."""

_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request.

    Attributes:
        client: Where it comes from, as it is counted: an IPv4 address, or the /64 of an IPv6 one.
        application: Whose API key it carries; None for none.
        bearer: Whose access token it carries; None for none.
    """

    client: str = ""
    application: Application | None = None
    bearer: Address | None = None


def client_of(peer: str, headers: Mapping[str, str], trusted_hops: int) -> str:
    """Find where a request comes from.

    Every proxy appends to `X-Forwarded-For` whom it was asked by, so that only as many entries can be
    believed, from the right, as there are proxies of one's own. What a client wrote stands further left.

    Args:
        peer: Address at the other end of the connection.
        headers: Names in lower case.
        trusted_hops: How many proxies of one's own stand in front.

    Returns:
        An IPv4 address, or the /64 network of an IPv6 one; the peer's where an entry to be believed is none.
    """
    claimed = [entry.strip() for entry in headers.get("x-forwarded-for", "").split(",") if entry.strip()]
    believed = claimed[-trusted_hops:] if trusted_hops else []
    return _counted(believed[0] if believed else peer) or _counted(peer) or peer


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
