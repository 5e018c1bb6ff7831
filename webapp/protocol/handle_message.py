"""The messages that a device key signs about one's own handle: who has it, what it shows, who follows."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

from webapp.protocol.address import Address
from webapp.protocol.display_text import LONGEST_BIO, LONGEST_NAME, parse_avatar, parse_display_text
from webapp.protocol.message import MAX_BYTES, FollowMessage
from webapp.protocol.signed_text import SignedMessage, SignedText, require_length

MAX_PROFILE_BYTES = 8_192
"""The longest message that says what a profile shows, in UTF-8 bytes: it may carry a small picture."""


class HandleOperation(StrEnum):
    """What a message asks for; the value is the message's `op`."""

    CLAIM = "claim"
    RELEASE = "release"
    PROFILE = "profile"
    REMOVE = "remove"
    BLOCK = "block"
    UNBLOCK = "unblock"


ABOUT_FOLLOWERS = (HandleOperation.REMOVE, HandleOperation.BLOCK, HandleOperation.UNBLOCK)
"""The operations that name somebody who follows, or might."""
ENDS_FOLLOW = (HandleOperation.REMOVE, HandleOperation.BLOCK)
"""By what the owner of a handle ends somebody's follow, where there is one."""


@dataclass(frozen=True, slots=True)
class ProfileText:
    """What a profile shows: each may be empty."""

    display_name: str  # at most 50 code points, one line
    bio: str  # at most 200 code points, one line
    avatar: str  # an https URL, or a picture as a data URL


@dataclass(frozen=True, slots=True)
class HandleMessage(SignedMessage):
    """A message about a handle of one's own, read from its exact text."""

    operation: HandleOperation
    handle: str  # the member `handle`, not yet compared with anything
    shown: ProfileText | None  # with `profile`, what the profile is to show
    follower: Address | None = None  # with `remove`, `block` and `unblock`, whom that is done to

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a JSON object of `op`, `address`, `handle` and `ts`, with what the operation has besides."""
        signed = SignedText.parse(text, max_bytes=MAX_PROFILE_BYTES)
        operation = signed.operation(HandleOperation)
        if operation is HandleOperation.PROFILE:
            signed.require_members("op", "address", "handle", "displayName", "bio", "avatar", "ts")
        else:
            require_length(signed.text.encode("utf-8"), MAX_BYTES)
            named = ("follower",) if operation in ABOUT_FOLLOWERS else ()
            signed.require_members("op", "address", "handle", *named, "ts")
        return cls(
            text=signed.text,
            operation=operation,
            address=signed.address(),
            handle=signed.string("handle"),
            ts=signed.ts(),
            digest=signed.digest,
            shown=_shown(signed) if operation is HandleOperation.PROFILE else None,
            follower=signed.address("follower") if operation in ABOUT_FOLLOWERS else None,
        )


LoggedMessage: TypeAlias = FollowMessage | HandleMessage
"""A message of the operation log of an (address, handle) pair."""


def parse_logged_message(text: object) -> LoggedMessage:
    """Read a message of the operation log, whichever it is."""
    op = SignedText.parse(text, max_bytes=MAX_PROFILE_BYTES).members.get("op")
    return HandleMessage.parse(text) if op in tuple(HandleOperation) else FollowMessage.parse(text)


def compose_profile_message(address: Address, handle: str, shown: ProfileText, ts: int) -> str:
    """Write the text that says what a profile shows, without spaces; `ts` in milliseconds."""
    members = {
        "op": HandleOperation.PROFILE.value,
        "address": str(address),
        "handle": handle,
        "displayName": shown.display_name,
        "bio": shown.bio,
        "avatar": shown.avatar,
        "ts": ts,
    }
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _shown(signed: SignedText) -> ProfileText:
    return ProfileText(
        display_name=parse_display_text("displayName", signed.string("displayName"), LONGEST_NAME),
        bio=parse_display_text("bio", signed.string("bio"), LONGEST_BIO),
        avatar=parse_avatar(signed.string("avatar")),
    )
