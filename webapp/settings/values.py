"""From a variable's text to a setting's value, and back. Readers raise ValueError with what was expected."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from webapp.network.addresses import AddressRule, names_this_machine
from webapp.network.errors import UrlError
from webapp.protocol.authorization import ENTITY_FORM
from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle
from webapp.siwe.domain import Domain, DomainError
from webapp.storage.errors import DatabaseUrlError
from webapp.storage.urls import checked

LARGEST_CHAIN_ID = 2**53 - 1

RESERVED_HANDLES = (
    "admin",
    "administrator",
    "api",
    "countersign",
    "docs",
    "graphql",
    "help",
    "moderator",
    "null",
    "official",
    "postmaster",
    "root",
    "security",
    "settings",
    "staff",
    "static",
    "support",
    "system",
    "undefined",
    "webmaster",
    "www",
)
"""Names by which people would take somebody for the operator, or a program take them for nobody."""

_OWN_PORTS = {"http": 80, "https": 443}


def switch(raw: str) -> bool:
    if raw not in {"0", "1"}:
        raise ValueError("0 or 1")
    return raw == "1"


def whole(least: int, most: int) -> Callable[[str], int]:
    """Make a reader of whole numbers within these bounds."""

    def parse(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", raw) or not least <= int(raw) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(raw)

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """Make a reader of these words."""

    def parse(raw: str) -> str:
        if raw not in words:
            raise ValueError(f"{', '.join(words[:-1])} or {words[-1]}")
        return raw

    return parse


def many(one: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    """Make a reader of what another reader reads, separated by commas."""

    def parse(raw: str) -> tuple[Any, ...]:
        try:
            return tuple(one(part.strip()) for part in raw.split(",") if part.strip())
        except ValueError as fault:
            raise ValueError(f"a comma-separated list, each {fault}") from fault

    return parse


def host(raw: str) -> str:
    """Read what to listen on; names know no case."""
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", raw):
        raise ValueError("an IP address or a host name to listen on")
    return raw.lower()


def database_url(raw: str) -> str:
    """Read where a database is; the text is kept, for `storage/urls.py` alone says what it names."""
    try:
        return checked(raw)
    except DatabaseUrlError as fault:
        raise ValueError(fault.expected) from fault


def origin(raw: str) -> str:
    """Read an origin as browsers write it; a host name in other letters gets the form that they send."""
    expected = "scheme://host[:port] in lower case, with no path, and without the scheme's own port"
    parts, port = _split(raw, expected)
    if (
        parts.scheme not in _OWN_PORTS
        or not parts.hostname
        or raw != f"{parts.scheme}://{parts.netloc}".lower()
        or port == _OWN_PORTS[parts.scheme]
    ):
        raise ValueError(expected)
    if parts.username is not None or parts.password is not None:
        raise ValueError("an origin without user name or password")
    if parts.scheme == "http" and not names_this_machine(parts.hostname):
        raise ValueError(
            "https, or http on a loopback address: browsers give signing keys to secure pages only"
        )
    authority = parts.netloc if raw.isascii() else _in_ascii(parts.netloc)
    try:
        return f"{parts.scheme}://{Domain.parse(authority).text}"
    except DomainError as fault:
        raise ValueError(f"{expected}; host: {fault.expected}") from None


def _in_ascii(authority: str) -> str:
    """Write an internationalised host name as it is sent (UTS #46, IDNA 2008)."""
    import idna  # noqa: PLC0415 (its tables are large, and few need them)

    host, colon, port = authority.partition(":")
    try:
        return idna.encode(host, uts46=True).decode() + colon + port
    except idna.IDNAError as fault:
        raise ValueError(f"a host name that browsers can write as xn--…: {fault}") from None


def upstream_url(raw: str) -> str:
    expected = "the http(s) URL of a gateway's GraphQL endpoint, without user name, password or fragment"
    parts, _ = _split(raw, expected)
    if parts.scheme not in _OWN_PORTS or not parts.hostname or parts.fragment or "@" in parts.netloc:
        raise ValueError(expected)
    if parts.scheme == "http" and not names_this_machine(parts.hostname):
        raise ValueError("https, or http on a loopback address: the API key travels with every request")
    return raw


def without_secrets(text: str) -> str:
    """A setting's text as it may be printed, whether it can be used or not.

    Of a URL, what stands behind `?` or `#` and before `@` is hidden: hosts take keys and passwords there.
    """
    scheme, slashes, rest = text.partition("://")
    if not slashes:
        return text
    address, *behind = re.split(r"[?#]", rest, maxsplit=1)
    if "@" in address and not address.startswith("/"):
        address = f"(hidden)@{address.rpartition('@')[2]}"
    return f"{scheme}://{address}{'?(hidden)' if behind else ''}"


def redis_url(raw: str) -> str:
    expected = "redis://[:PASSWORD@]HOST[:PORT][/NUMBER], rediss://… for TLS, or redis+unix://PATH"
    parts, _ = _split(raw, expected)
    if parts.scheme not in {"redis", "rediss", "redis+unix"} or not (parts.hostname or parts.path):
        raise ValueError(expected)
    return raw


@dataclass(frozen=True, slots=True)
class ChainNode:
    """The URL of an Ethereum node, and the chain that it is one of."""

    chain_id: int
    url: str

    @classmethod
    def parse(cls, raw: str) -> "ChainNode":
        """Read `chainId=url`."""
        chain_id, _, url = raw.partition("=")
        try:
            AddressRule.for_url(url, allow_private=False)
            return cls(whole(1, LARGEST_CHAIN_ID)(chain_id), url)
        except (UrlError, ValueError):
            raise ValueError(
                "chainId=url, for example 1=https://node.example/; https, or http on a loopback address, "
                "without user name, password or fragment"
            ) from None

    def __str__(self) -> str:
        return f"{self.chain_id}={self.url}"


def nodes(raw: str) -> tuple[ChainNode, ...]:
    found: tuple[ChainNode, ...] = many(ChainNode.parse)(raw)
    if len({node.chain_id for node in found}) != len(found):
        raise ValueError("a comma-separated list of chainId=url, each chain once")
    return found


def secret(least: int = 1) -> Callable[[str], str]:
    """Make a reader of secrets of at least so many characters."""

    def parse(raw: str) -> str:
        if not re.fullmatch(rf"[\x21-\x7e]{{{least},512}}", raw):
            raise ValueError(f"{least} to 512 printable ASCII characters, no spaces")
        return raw

    return parse


def domain(raw: str) -> str:
    return Domain.parse(raw).text


def entity(raw: str) -> str:
    """Read who asks a wallet to authorise a device."""
    if not ENTITY_FORM.fullmatch(raw):
        raise ValueError("1 to 64 characters from U+0020 to U+007E, no spaces at the ends")
    return raw


def handle(raw: str) -> str:
    try:
        return parse_handle(raw)
    except HandleError as fault:
        raise ValueError(fault.expected) from fault


def as_text(value: object) -> str:
    """A setting's value as it would be written in the environment; unset is the empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


def _split(raw: str, expected: str) -> tuple[SplitResult, int | None]:
    """Take a URL apart, and read its port: either may fail."""
    try:
        parts = urlsplit(raw)
        port = parts.port
    except ValueError:
        raise ValueError(expected) from None
    if port == 0:
        raise ValueError(expected)
    return parts, port
