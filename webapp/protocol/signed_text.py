"""What all signed messages have in common: a small JSON object, kept to the byte, with each member once."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar

from webapp.protocol.address import Address
from webapp.protocol.errors import AddressError, MessageError
from webapp.protocol.strict_json import INTEGERS, JsonError, JsonRule

_AnyOperation = TypeVar("_AnyOperation", bound=StrEnum)
_THIRTEEN_DIGITS = re.compile(r"[0-9]{13}")
# The spelling of nearly every message: what it holds is plain, so that a reader of JSON has nothing to find.
_CANONICAL = re.compile(
    r'\{"op":"([a-z]{1,16})","address":"(0x[0-9a-fA-F]{40})","handle":"([a-z0-9_-]{1,20})","ts":([1-9][0-9]{12})\}'
)
_INT64 = range(-(2**63), 2**63)
_FAULTS = {
    JsonRule.ENCODING: ("message", "text without lone surrogates"),
    JsonRule.SYNTAX: ("message", "one JSON object and nothing after it"),
    JsonRule.NESTING: ("message", "a JSON object that nests nothing"),
    JsonRule.MEMBERS: ("message", "each member once"),
    JsonRule.DIGITS: ("ts", "an integer within int64"),
    JsonRule.NUMBERS: ("message", "no number but an integer ts"),
}


@dataclass(frozen=True, slots=True)
class SignedText:
    """A JSON object (RFC 8259) in its exact text."""

    text: str
    members: Mapping[str, object]
    digest: str  # SHA-256 of the text's UTF-8 bytes, 64 hex digits

    @classmethod
    def parse(cls, text: object, *, max_bytes: int) -> Self:
        """Read a JSON object that names no member twice and holds no number but integers."""
        if not isinstance(text, str):
            raise MessageError("message", "a string")
        try:
            payload = text.encode("utf-8")
        except UnicodeEncodeError:
            raise MessageError("message", "text without lone surrogates") from None
        require_length(payload, max_bytes)
        return cls(text, canonical_members(text) or members(text), hashlib.sha256(payload).hexdigest())

    def require_members(self, *names: str) -> None:
        """Require exactly these members."""
        if self.members.keys() != set(names):
            *others, last = names
            raise MessageError("message", f"an object of exactly {', '.join(others)} and {last}")

    def operation(self, kind: type[_AnyOperation]) -> _AnyOperation:
        """Read the member `op` as one of these operations."""
        try:
            return kind(str(self.members.get("op")))
        except ValueError:
            *others, last = (f'"{operation.value}"' for operation in kind)
            raise MessageError("op", f"{', '.join(others)} or {last}") from None

    def address(self, name: str = "address") -> Address:
        """Read a member that is an address: by default `address`, the signer's own."""
        try:
            return Address.parse(self.members[name])
        except AddressError as error:
            raise MessageError(name, error.expected) from None

    def string(self, name: str) -> str:
        """Read a member that is text without lone surrogates (RFC 8259, section 8.2)."""
        value = self.members[name]
        if not isinstance(value, str):
            raise MessageError(name, "a string")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise MessageError(name, "a string without lone surrogates")
        return value

    def ts(self) -> int:
        """Read the member `ts` in milliseconds since the Unix epoch: an int64, or a string of 13 digits."""
        value = self.members["ts"]
        if isinstance(value, str) and _THIRTEEN_DIGITS.fullmatch(value):
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value in _INT64:
            return value
        raise MessageError("ts", "milliseconds as an integer within int64, or as a string of 13 digits")


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """What every message has, once it was read from its exact text."""

    text: str
    address: Address  # the signer's own address
    ts: int  # ms since the epoch, within int64; may be negative, which no window admits
    digest: str  # SHA-256 of the text's UTF-8 bytes, 64 hex digits

    @property
    def payload(self) -> bytes:
        """The bytes that a device's signature covers: the text's UTF-8, exactly."""
        return self.text.encode("utf-8")


def require_length(payload: bytes, max_bytes: int) -> None:
    """Raise a `MessageError` for more than `max_bytes`."""
    if len(payload) > max_bytes:
        raise MessageError("message", f"at most {max_bytes} bytes of UTF-8")


def canonical_members(text: str) -> dict[str, object] | None:
    """Read the one spelling that our own page and the original SDK write; None: it is another.

    One expression costs a tenth of reading JSON strictly.
    """
    found = _CANONICAL.fullmatch(text)
    if found is None:
        return None
    op, address, handle, ts = found.groups()
    return {"op": op, "address": address, "handle": handle, "ts": int(ts)}


def members(text: str) -> dict[str, object]:
    """Read a JSON object strictly, in whatever spelling."""
    try:
        value = INTEGERS.read(text)
    except JsonError as error:
        raise MessageError(*_FAULTS[error.rule]) from None
    if not isinstance(value, dict):
        raise MessageError("message", "a JSON object")
    return value
