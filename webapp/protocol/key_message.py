"""The messages that end, name and prolong a signing key."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from webapp.protocol.display_text import LONGEST_KEY_NAME, parse_display_text
from webapp.protocol.message import MAX_BYTES
from webapp.protocol.signed_text import SignedMessage, SignedText


class KeyOperation(StrEnum):
    """What a message asks for; the value is the message's `op`."""

    REVOKE = "revoke"
    RENAME = "rename"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class KeyMessage(SignedMessage):
    """A message about a signing key, read from its exact text."""

    operation: KeyOperation
    signing_key: str  # the member `signingKey`, which key it is about, not yet compared with anything
    name: str | None  # with `rename`, the key's new name; it may be empty

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a JSON object of `op`, `address`, `signingKey` and `ts`; for `rename`, `name` as well."""
        signed = SignedText.parse(text, max_bytes=MAX_BYTES)
        operation = signed.operation(KeyOperation)
        name = None
        if operation is KeyOperation.RENAME:
            signed.require_members("op", "address", "signingKey", "name", "ts")
            name = parse_display_text("name", signed.string("name"), LONGEST_KEY_NAME)
        else:
            signed.require_members("op", "address", "signingKey", "ts")
        return cls(
            text=signed.text,
            operation=operation,
            address=signed.address(),
            signing_key=signed.string("signingKey"),
            name=name,
            ts=signed.ts(),
            digest=signed.digest,
        )
