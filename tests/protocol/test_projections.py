"""What the logs amount to, entry by entry: appending and rebuilding share functions and these vectors."""

import json
from typing import Any

import pytest

from tests.support.people import Person
from tests.support.protocol.vectors import load, titled
from webapp.protocol.facts import Edge
from webapp.protocol.handle_message import ABOUT_FOLLOWERS, HandleMessage, ProfileText
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.projections import (
    Ending,
    EntryOfPair,
    KeyState,
    ProfileState,
    blocked_after,
    counted,
    edge_after,
    edge_ended,
    edge_of,
    key_after,
    profiles_after,
)

VECTORS = load("projections.json")
OWNER = "owner: "
"""Begins what the handle's owner did, in a log of another pair."""


def about_follower(op: str) -> HandleMessage:
    members = {"op": op, "address": Person("alice").address, "handle": "alice"}
    return HandleMessage.parse(json.dumps({**members, "follower": Person("bob").address, "ts": 1}))


@pytest.mark.parametrize("case", VECTORS["edges"], ids=titled)
def test_each_entry_moves_its_pairs_edge(case: dict[str, Any]) -> None:
    """Whether, since when and from which position somebody follows, and what that adds to both counts.

    An entry of the owner's log leaves the pair's own log, and so the edge's last entry, as it was.
    """
    edge: Edge | None = None
    assert counted(edge) == 0
    last: tuple[int, str, int, str] | None = None
    entries: list[EntryOfPair | Ending] = []
    for number, (op, after) in enumerate(zip(case["ops"], case["after"], strict=True), start=1):
        at = 1000 + number, 10 + number
        if op.startswith(OWNER):
            ending = Ending.of(about_follower(op.removeprefix(OWNER)), *at)
            entries += [ending] if ending is not None else []
            edge = edge if ending is None else edge_ended(edge, ending)
        else:
            last = (number, f"{number:064x}", 500 + number, f"{number:064d}")
            entry = EntryOfPair(op, *last, *at)
            entries.append(entry)
            edge = edge_after(edge, entry)
        if last is None:
            assert (edge, counted(edge), after) == (None, 0, None)
            continue
        following, since, position, adds = after
        assert edge == Edge(*last, following, since, position)
        assert counted(edge) == adds
    assert edge_of(entries) == edge
    assert edge_of([]) is None


@pytest.mark.parametrize("case", VECTORS["blocks"], ids=titled)
def test_each_entry_about_a_follower_says_whether_a_block_stands(case: dict[str, Any]) -> None:
    blocked = False
    for op, after in zip(case["ops"], case["after"], strict=True):
        blocked = blocked_after(blocked, about_follower(op))
        assert blocked is after


@pytest.mark.parametrize("case", VECTORS["keys"], ids=titled)
def test_each_key_operation_changes_its_key(case: dict[str, Any]) -> None:
    alice = Person("alice")
    key = KeyState(*case["before"])
    for number, (op, name) in enumerate(case["ops"], start=1):
        members = {"op": op, "address": alice.address, "signingKey": alice.device.signing_key, "ts": number}
        message = KeyMessage.parse(json.dumps(members if name is None else {**members, "name": name}))
        key = key_after(key, message, 1000 + number, case["lifetimeMs"])
        assert key == KeyState(*case["after"][number - 1])


@pytest.mark.parametrize("case", VECTORS["profiles"], ids=titled)
def test_each_entry_about_a_handle_changes_its_owners_profiles(case: dict[str, Any]) -> None:
    """Which handles an address has, under which numbers, what they show, and which is the primary."""

    def state(handle: str, number: int, name: str, primary: bool, at: int) -> ProfileState:
        return ProfileState(handle, number, ProfileText(name, "", ""), primary, at)

    profiles = tuple(state(*profile) for profile in case["before"])
    for number, (op, handle) in enumerate(case["ops"], start=1):
        members = {"op": op, "address": Person("alice").address, "handle": handle, "ts": number}
        shown = {"displayName": f"Shown {number}", "bio": "", "avatar": ""}
        named = {"follower": Person("bob").address} if op in ABOUT_FOLLOWERS else {}
        besides = shown if op == "profile" else named
        message = HandleMessage.parse(json.dumps({**members, **besides}))
        highest = max(case["highest"], *(profile.number for profile in profiles), 0)
        profiles = profiles_after(profiles, message, 10 + number, 1000 + number, highest=highest)
        assert profiles == tuple(state(*profile) for profile in case["after"][number - 1])
