"""The message that a device key signs for each follow and unfollow."""

import hashlib
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, Self

from webapp.protocol.address import Address
from webapp.protocol.errors import AddressError, MessageError

MAX_BYTES = 1024
"""The longest message, in UTF-8 bytes."""

_MEMBERS = frozenset({"op", "address", "handle", "ts"})
_THIRTEEN_DIGITS = re.compile(r"[0-9]{13}")
_INT64 = range(-(2**63), 2**63)
_LONGEST_INT64 = 20


class Operation(StrEnum):
    """What a message asks for; the value is the message's `op`."""

    FOLLOW = "follow"
    UNFOLLOW = "unfollow"


@dataclass(frozen=True, slots=True)
class FollowMessage:
    """A message that was read from its exact text.

    Attributes:
        text: The text as it was sent and signed, never written anew.
        operation: The member `op`.
        address: The signer's own address.
        handle: The member `handle`, not yet compared with anything.
        ts: Milliseconds since the Unix epoch, within int64; may be negative, which no window admits.
        digest: SHA-256 of the text's UTF-8 bytes, 64 lower-case hex digits.
    """

    text: str
    operation: Operation
    address: Address
    handle: str
    ts: int
    digest: str

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a JSON object (RFC 8259) of the members `op`, `address`, `handle` and `ts`, once each.

        Raises:
            MessageError: It is anything else, or longer than 1,024 bytes of UTF-8.
        """
        if not isinstance(text, str):
            raise MessageError("message", "a string")
        try:
            payload = text.encode("utf-8")
        except UnicodeEncodeError:
            raise MessageError("message", "text without lone surrogates") from None
        if len(payload) > MAX_BYTES:
            raise MessageError("message", f"at most {MAX_BYTES} bytes of UTF-8")
        members = _members(text)
        return cls(
            text=text,
            operation=_operation(members["op"]),
            address=_address(members["address"]),
            handle=_handle(members["handle"]),
            ts=_ts(members["ts"]),
            digest=hashlib.sha256(payload).hexdigest(),
        )

    @property
    def payload(self) -> bytes:
        """The bytes that the signature covers: the text's UTF-8, exactly."""
        return self.text.encode("utf-8")


def compose_message(operation: Operation, address: Address | str, handle: str, ts: int) -> str:
    """Write a message's text, without spaces, in the order op, address, handle, ts.

    Args:
        operation: What is asked for.
        address: The signer's address; text that is no address is written as it is.
        handle: The handle; text that is no handle is written as it is.
        ts: Milliseconds since the Unix epoch.
    """
    members = {"op": operation.value, "address": str(address), "handle": handle, "ts": ts}
    # ASCII only: a lone surrogate in somebody's handle must not make a text that cannot be encoded.
    return json.dumps(members, ensure_ascii=True, separators=(",", ":"))


def _members(text: str) -> dict[str, object]:
    try:
        value: object = _DECODER.decode(text)
    except RecursionError:
        raise MessageError("message", "a JSON object that nests nothing") from None
    except json.JSONDecodeError:
        raise MessageError("message", "one JSON object and nothing after it") from None
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        raise MessageError("message", "an object of exactly op, address, handle and ts")
    return value


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MessageError("message", "each member once")
    return members


def _integer(digits: str) -> int:
    # Longer ones are past int64 anyway, and int() would take quadratic time or refuse them in its own way.
    if len(digits) > _LONGEST_INT64:
        raise MessageError("ts", "an integer within int64")
    return int(digits)


def _no_such_number(_: str) -> NoReturn:
    raise MessageError("message", "no number but an integer ts")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_each_once,
    parse_int=_integer,
    parse_float=_no_such_number,
    parse_constant=_no_such_number,
)


_OPERATIONS = {operation.value: operation for operation in Operation}


def _operation(value: object) -> Operation:
    operation = _OPERATIONS.get(value) if isinstance(value, str) else None
    if operation is None:
        raise MessageError("op", '"follow" or "unfollow"')
    return operation


def _address(value: object) -> Address:
    try:
        return Address.parse(value)
    except AddressError as error:
        raise MessageError(error.field, error.expected) from None


def _handle(value: object) -> str:
    if not isinstance(value, str):
        raise MessageError("handle", "a string")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise MessageError("handle", "a string without lone surrogates")
    return value


def _ts(value: object) -> int:
    if isinstance(value, str) and _THIRTEEN_DIGITS.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in _INT64:
        return value
    raise MessageError("ts", "milliseconds as an integer within int64, or as a string of 13 digits")
