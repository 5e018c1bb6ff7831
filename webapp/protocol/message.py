"""The message that a device key signs for each follow and unfollow."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from webapp.protocol.address import Address
from webapp.protocol.signed_text import SignedMessage, SignedText

MAX_BYTES = 1024
"""The longest message, in UTF-8 bytes."""


class Operation(StrEnum):
    """What a message asks for; the value is the message's `op`."""

    FOLLOW = "follow"
    UNFOLLOW = "unfollow"


@dataclass(frozen=True, slots=True)
class FollowMessage(SignedMessage):
    """A message that was read from its exact text."""

    operation: Operation
    handle: str  # the member `handle`, not yet compared with anything

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a JSON object (RFC 8259) of the members `op`, `address`, `handle` and `ts`, once each."""
        signed = SignedText.parse(text, max_bytes=MAX_BYTES)
        signed.require_members("op", "address", "handle", "ts")
        return cls(
            text=signed.text,
            operation=signed.operation(Operation),
            address=signed.address(),
            handle=signed.string("handle"),
            ts=signed.ts(),
            digest=signed.digest,
        )


def compose_message(operation: StrEnum, address: Address | str, handle: str, ts: int) -> str:
    """Write a message's text, without spaces, in the order op, address, handle, ts (milliseconds).

    That of a follow or an unfollow, or of another operation that has no more members: a handle's claim, its
    release. Text that is no address or no handle is written as it is.
    """
    members = {"op": operation.value, "address": str(address), "handle": handle, "ts": ts}
    # ASCII only: a lone surrogate in somebody's handle must not make a text that cannot be encoded.
    return json.dumps(members, ensure_ascii=True, separators=(",", ":"))
