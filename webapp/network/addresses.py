"""Which network addresses a configured host may have: public ones, unless its own name says otherwise."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from webapp.network.errors import UrlError

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class AddressRule:
    """What a configured host name may resolve to."""

    loopback: bool  # the configured host names this machine: its addresses, and no others, are allowed
    private: bool  # addresses of private networks, and this machine's, are allowed too

    @classmethod
    def for_url(cls, url: str, *, allow_private: bool) -> Self:
        """Check a configured URL and find the rule that it asks for.

        Raises `UrlError` unless it is https (http for loopback) with a host, without user name and fragment.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise UrlError("expected an https URL") from None
        host = parts.hostname
        if parts.scheme not in {"http", "https"} or not host or port == 0:
            raise UrlError("expected an https URL with a host")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise UrlError("expected a URL without user name, password or fragment")
        loopback = names_this_machine(host)
        if parts.scheme == "http" and not loopback:
            raise UrlError("expected https: plain http is for loopback hosts")
        return cls(loopback=loopback, private=allow_private)

    def allows(self, address: str) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        return all(self._allows(one) for one in (ip, *_embedded(ip)))

    def _allows(self, ip: _IPAddress) -> bool:
        if self.loopback:
            return ip.is_loopback
        if ip.is_multicast or ip.is_unspecified or ip.is_link_local or ip.is_reserved:
            return False  # link-local is where clouds serve a machine's credentials: never
        return ip.is_global or self.private


def names_this_machine(host: str) -> bool:
    """Return whether a host, as a URL has it, is loopback by its very name (RFC 6761, section 6.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _embedded(ip: _IPAddress) -> Iterator[ipaddress.IPv4Address]:
    """IPv4 addresses that an IPv6 one leads to: mapped, 6to4, Teredo, NAT64."""
    if isinstance(ip, ipaddress.IPv4Address):
        return
    if ip.ipv4_mapped is not None:
        yield ip.ipv4_mapped
    if ip.sixtofour is not None:
        yield ip.sixtofour
    if ip.teredo is not None:
        yield from ip.teredo
    if ip in _NAT64:
        yield ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
