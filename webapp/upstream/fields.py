"""How a field of a reply is read: what the contract does not allow there is `UpstreamMalformed`.

Each reader takes the members of an object and the name of the one to read, which its error then tells.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle
from webapp.upstream.errors import UpstreamMalformed

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that a page's JSON numbers hold exactly (ECMA-262, section 21.1.2.6)."""
LAST_MOMENT_MS = 8_640_000_000_000_000
"""The last moment that a page's clock can hold (ECMA-262, section 21.4.1.1)."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_OP = re.compile(r"[a-z]{1,20}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

Members: TypeAlias = Mapping[str, object]
"""What an object of a reply has, by name, unread."""
T = TypeVar("T")


def members(value: object, name: str) -> Members:
    """Read a value that is an object; `name` is what the error calls it."""
    if not isinstance(value, dict):
        raise UpstreamMalformed(f"{name}: expected an object")
    return value


def array(value: object, name: str) -> list[object]:
    """Read a value that is a list; `name` as above."""
    if not isinstance(value, list):
        raise UpstreamMalformed(f"{name}: expected a list")
    return value


def inner(given: Members, name: str) -> Members:
    """Read a member that is an object."""
    return members(given.get(name), name)


def optional(read: Callable[[Members, str], T], given: Members, name: str) -> T | None:
    """Read a member that may be missing or null."""
    return None if given.get(name) is None else read(given, name)


def text(given: Members, name: str) -> str:
    """Read text without lone surrogates, which no page can hold."""
    value = given.get(name)
    if not isinstance(value, str) or not (value.isascii() or _LONE_SURROGATE.search(value) is None):
        raise UpstreamMalformed(f"{name}: expected a string")
    return value


def handle(given: Members) -> str:
    try:
        return parse_handle(given.get("handle"))
    except HandleError as error:
        raise UpstreamMalformed(f"handle: expected {error.expected}") from None


def op(given: Members) -> str:
    """Read what an operation is called: a word, since a gateway may know more of them than we do."""
    value = text(given, "op")
    if not _OP.fullmatch(value):
        raise UpstreamMalformed("op: expected a word in lower case")
    return value


def truth(given: Members, name: str) -> bool:
    """Read a boolean that may be missing: then it is false."""
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise UpstreamMalformed(f"{name}: expected a boolean")
    return value


def digest(given: Members, name: str) -> str:
    value = text(given, name)
    if not _DIGEST.fullmatch(value):
        raise UpstreamMalformed(f"{name}: expected 64 hex digits")
    return value


def integer(given: Members, name: str, largest: int = MAX_SAFE_INTEGER) -> int:
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise UpstreamMalformed(f"{name}: expected an integer from 0 to {largest}")
    return value


def moment(given: Members, name: str) -> int:
    """Read milliseconds since the Unix epoch."""
    return integer(given, name, LAST_MOMENT_MS)
