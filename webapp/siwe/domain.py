"""The domain of a sign-in text: the authority of an origin, `host[:port]` (RFC 3986, 3.2; EIP-4361).

RFC 3986 allows more in a name than hosts have. Taken is what browsers resolve: letters, digits, hyphens and
underscores. Refused is what they spell otherwise (upper case, percent-encoding), what names no host (user
information, an empty name, the marks `!$&'()*+,;=~`), and the final dot, which would be another origin.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self

from webapp.network.addresses import names_this_machine

LONGEST = 255

_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LARGEST_PORT = 65_535


class DomainError(ValueError):
    """Not a domain."""

    expected = (
        "a host name in lower case or an IP address ([…] for IPv6), with its port (1 to 65535) if it has "
        "one; names have letters of ASCII, digits, hyphens and underscores"
    )

    def __init__(self) -> None:
        super().__init__(self.expected)


@dataclass(frozen=True, slots=True)
class Domain:
    """Where somebody signs in."""

    text: str  # all of it, as browsers spell the host of an origin
    host: str  # without the port, and without the brackets of an IPv6 address

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host` or `host:port` as browsers spell it, or raise a `DomainError`."""
        found = _AUTHORITY.fullmatch(text) if len(text) <= LONGEST else None
        if found is None or int(found["port"] or 1) > _LARGEST_PORT:
            raise DomainError
        host = found["host"].strip("[]")
        if not (_is_ipv6(host) if text.startswith("[") else _is_name(host) or _is_ipv4(host)):
            raise DomainError
        return cls(text, host)

    @property
    def origin(self) -> str:
        """The origin that it stands for: https, but for this machine's own names."""
        return f"{'http' if names_this_machine(self.host) else 'https'}://{self.text}"


def _is_name(host: str) -> bool:
    """Whether these are labels of a host name; where the last one is a number, browsers read an address."""
    labels = host.split(".")
    return all(map(_LABEL.fullmatch, labels)) and not _NUMBER.fullmatch(labels[-1])


def _is_ipv4(host: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(host))
    except ValueError:
        return False


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.IPv6Address(host).compressed == host
    except ValueError:
        return False
