"""Messages about handles and keys of one's own: what they may say, and that none passes for another."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.people import NOW, Device, Wallet
from tests.support.protocol.vectors import load
from webapp.protocol.address import Address
from webapp.protocol.display_text import parse_avatar, parse_display_text
from webapp.protocol.errors import MessageError
from webapp.protocol.handle_message import (
    MAX_PROFILE_BYTES,
    HandleMessage,
    HandleOperation,
    ProfileText,
    compose_profile_message,
    parse_logged_message,
)
from webapp.protocol.key_message import KeyMessage, KeyOperation
from webapp.protocol.message import MAX_BYTES, FollowMessage, Operation, compose_message

VECTORS = load("handle-messages.json")
ADDRESS = Address(Wallet("alice").address)
KEY = Device().signing_key
LONGEST_URL = "https://example.org/".ljust(2_048, "a")
PNG = "data:image/png;base64,iVBORw0KGgo="

CLAIM: dict[str, Any] = {"op": "claim", "address": str(ADDRESS), "handle": "alice", "ts": NOW}
RELEASE = CLAIM | {"op": "release"}
PROFILE = CLAIM | {"op": "profile", "displayName": "Alice", "bio": "Hello.", "avatar": ""}
BOB = Wallet("bob").address
REMOVE = CLAIM | {"op": "remove", "follower": BOB}
BLOCK, UNBLOCK = REMOVE | {"op": "block"}, REMOVE | {"op": "unblock"}
REVOKE: dict[str, Any] = {"op": "revoke", "address": str(ADDRESS), "signingKey": KEY, "ts": NOW}
RENAME = REVOKE | {"op": "rename", "name": "Phone"}
RENEW = REVOKE | {"op": "renew"}
FOLLOW = CLAIM | {"op": "follow"}


OF_HANDLES = [CLAIM, RELEASE, PROFILE, REMOVE, BLOCK, UNBLOCK]


@pytest.mark.parametrize("members", OF_HANDLES, ids=lambda members: members["op"])
def test_a_message_about_a_handle_reads_as_its_members(members: dict[str, Any]) -> None:
    text = json.dumps(members, indent=1)
    message = HandleMessage.parse(text)
    assert (message.text, message.payload) == (text, text.encode())
    assert (message.operation, message.address, message.handle, message.ts) == (
        members["op"],
        ADDRESS,
        "alice",
        NOW,
    )
    assert message.shown == (ProfileText("Alice", "Hello.", "") if members is PROFILE else None)
    assert message.follower == (Address(BOB) if "follower" in members else None)
    assert parse_logged_message(text) == message


@pytest.mark.parametrize("follower", ["", "bob", "0x0", BOB[:-1], BOB.swapcase(), f" {BOB}", None, 1, [BOB]])
def test_a_follower_is_an_address(follower: object) -> None:
    """In EIP-55, or all lower or upper case; what is written otherwise is nobody."""
    for members in (REMOVE, BLOCK, UNBLOCK):
        with pytest.raises(MessageError) as refused:
            HandleMessage.parse(json.dumps(members | {"follower": follower}))
        assert refused.value.field == "follower"
        spelt = HandleMessage.parse(json.dumps(members | {"follower": BOB.lower()}))
        assert spelt.follower == Address(BOB)


@pytest.mark.parametrize("members", [REVOKE, RENAME, RENEW], ids=lambda members: members["op"])
def test_a_message_about_a_key_reads_as_its_members(members: dict[str, Any]) -> None:
    message = KeyMessage.parse(json.dumps(members))
    assert (message.operation, message.address, message.signing_key, message.ts, message.name) == (
        members["op"],
        ADDRESS,
        KEY,
        NOW,
        members.get("name"),
    )


ALL = [FOLLOW, FOLLOW | {"op": "unfollow"}, *OF_HANDLES, REVOKE, RENAME, RENEW]
READERS: dict[Any, set[str]] = {
    FollowMessage: {operation.value for operation in Operation},
    HandleMessage: {operation.value for operation in HandleOperation},
    KeyMessage: {operation.value for operation in KeyOperation},
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("members", ALL, ids=lambda members: members["op"])
def test_t35_no_message_passes_for_one_of_another_kind(reader: Any, members: dict[str, Any]) -> None:
    """A follow is never read as a claim, nor a claim as a revocation, whoever signed it."""
    if members["op"] in READERS[reader]:
        assert reader.parse(json.dumps(members)).operation == members["op"]
    else:
        with pytest.raises(MessageError):
            reader.parse(json.dumps(members))


@pytest.mark.parametrize("members", ALL, ids=lambda members: members["op"])
def test_exactly_the_members_of_the_operation(members: dict[str, Any]) -> None:
    reader = next(reader for reader, operations in READERS.items() if members["op"] in operations)
    for name, value in members.items():
        with pytest.raises(MessageError):
            reader.parse(json.dumps({other: members[other] for other in members if other != name}))
        twice = json.dumps(members)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
        with pytest.raises(MessageError):
            reader.parse(twice)
        wrong: object
        for wrong in (None, True, [], {}, 1.5):
            with pytest.raises(MessageError):
                reader.parse(json.dumps(members | {name: wrong}))
    with pytest.raises(MessageError):
        reader.parse(json.dumps(members | {"more": ""}))


def test_only_a_profile_may_be_long() -> None:
    long = {"avatar": "https://example.org/" + "a" * 1_500}
    assert HandleMessage.parse(json.dumps(PROFILE | long)).shown is not None
    padded = json.dumps(CLAIM) + " " * MAX_BYTES
    with pytest.raises(MessageError, match="1024"):
        HandleMessage.parse(padded)
    with pytest.raises(MessageError, match="1024"):
        KeyMessage.parse(json.dumps(REVOKE) + " " * MAX_BYTES)
    with pytest.raises(MessageError, match="8192"):
        HandleMessage.parse(json.dumps(PROFILE) + " " * MAX_PROFILE_BYTES)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"displayName": "x" * 51}, "displayName"),
        ({"bio": "x" * 201}, "bio"),
        ({"displayName": " Alice"}, "displayName"),
        ({"bio": "two\nlines"}, "bio"),
        ({"displayName": "\u202eecilA"}, "displayName"),
        ({"displayName": "\u0000"}, "displayName"),
        ({"displayName": "\u200b"}, "displayName"),
        ({"displayName": "\u2028"}, "displayName"),
        ({"displayName": "\ue000"}, "displayName"),
        ({"avatar": "http://example.org/a.png"}, "avatar"),
        ({"avatar": "javascript:alert(1)"}, "avatar"),
        ({"avatar": "https://user:pw@example.org/"}, "avatar"),
        ({"avatar": "https://example.org/a b"}, "avatar"),
        ({"avatar": 'https://example.org/"onerror='}, "avatar"),
        ({"avatar": "https:///a.png"}, "avatar"),
        ({"avatar": LONGEST_URL + "a"}, "avatar"),
        ({"avatar": "data:image/svg+xml;base64,PHN2Zy8+"}, "avatar"),
        ({"avatar": "data:text/html;base64,PHN2Zy8+"}, "avatar"),
        ({"avatar": "data:image/png;base64,"}, "avatar"),
        ({"avatar": "data:image/png;base64,A"}, "avatar"),
        ({"avatar": "data:image/png;base64,AB=="}, "avatar"),
        ({"avatar": "data:image/png;base64,AAAA\n"}, "avatar"),
    ],
)
def test_what_a_profile_cannot_show(change: dict[str, str], field: str) -> None:
    with pytest.raises(MessageError) as refused:
        HandleMessage.parse(json.dumps(PROFILE | change))
    assert refused.value.field == field


@pytest.mark.parametrize("text", ["", "x" * 50, "Zoë 🏴\U000e0067\U000e007f", "👩\u200d🚀", "عالية", "a b"])
def test_what_a_name_can_be(text: str) -> None:
    assert parse_display_text("name", text, 50) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        PNG,
        "https://example.org",
        "https://example.org:8443/a/b.png?c=d#e",
        "https://a.example/%20",
        LONGEST_URL,
    ],
)
def test_what_an_avatar_can_be(text: str) -> None:
    assert parse_avatar(text) == text


def test_a_keys_name_is_short() -> None:
    assert KeyMessage.parse(json.dumps(RENAME | {"name": ""})).name == ""
    with pytest.raises(MessageError, match="name"):
        KeyMessage.parse(json.dumps(RENAME | {"name": "x" * 41}))


def test_what_is_composed_reads_back() -> None:
    claim = compose_message(HandleOperation.CLAIM, ADDRESS, "alice", NOW)
    assert json.loads(claim) == CLAIM
    shown = ProfileText("Zoë", "«»", PNG)
    assert HandleMessage.parse(compose_profile_message(ADDRESS, "alice", shown, NOW)).shown == shown


@pytest.mark.parametrize("row", VECTORS["compose"], ids=lambda row: row["name"])
def test_what_clients_compose_is_written_to_the_byte(row: dict[str, Any]) -> None:
    """A page writes the same: `tests/frontend/protocol/handle-message.test.ts`."""
    operation, address, shown = HandleOperation(row["operation"]), Address(row["address"]), row["shown"]
    if "follower" in row:
        members = {name: row[name] for name in ("address", "handle", "follower", "ts")}
        text = json.dumps({"op": operation, **members}, separators=(",", ":"))
    elif shown is None:
        text = compose_message(operation, address, row["handle"], row["ts"])
    else:
        said = ProfileText(shown["displayName"], shown["bio"], shown["avatar"])
        text = compose_profile_message(address, row["handle"], said, row["ts"])
    assert text == row["text"]
    assert HandleMessage.parse(text).digest == row["digest"]


def test_the_limits_are_those_of_the_vectors() -> None:
    assert (VECTORS["maxBytes"], VECTORS["maxProfileBytes"]) == (MAX_BYTES, MAX_PROFILE_BYTES)


@given(st.text() | st.none() | st.recursive(st.text(), st.lists).map(json.dumps))
def test_whatever_it_is_the_answer_is_an_error_or_a_message(text: object) -> None:
    for parse in (parse_logged_message, HandleMessage.parse, KeyMessage.parse):
        with pytest.raises(MessageError):
            parse(text)


@pytest.mark.parametrize("op", [{}, [], None, 1, "CLAIM", "claim "])
def test_an_operation_that_is_none(op: object) -> None:
    for parse in (parse_logged_message, HandleMessage.parse, KeyMessage.parse):
        with pytest.raises(MessageError):
            parse(json.dumps(CLAIM | {"op": op}))


def test_a_follow_is_still_read_as_one() -> None:
    text = compose_message(Operation.FOLLOW, ADDRESS, "shiyu", NOW)
    assert parse_logged_message(text) == FollowMessage.parse(text)
