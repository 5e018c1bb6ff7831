"""What the logs amount to, entry by entry: appending and rebuilding share functions and these vectors."""

import json
from typing import Any

import pytest

from tests.support.people import Person
from tests.support.protocol.vectors import load, titled
from webapp.protocol.facts import Edge
from webapp.protocol.handle_message import HandleMessage, ProfileText
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.projections import (
    EntryOfPair,
    KeyState,
    ProfileState,
    counted,
    edge_after,
    edge_of,
    key_after,
    profiles_after,
)

VECTORS = load("projections.json")


@pytest.mark.parametrize("case", VECTORS["edges"], ids=titled)
def test_each_entry_moves_its_pairs_edge(case: dict[str, Any]) -> None:
    """Whether, since when and from which position somebody follows, and what that adds to both counts."""
    edge: Edge | None = None
    assert counted(edge) == 0
    entries = [
        EntryOfPair(op, number, f"{number:064x}", 500 + number, f"{number:064d}", 1000 + number, 10 + number)
        for number, op in enumerate(case["ops"], start=1)
    ]
    for entry, (following, since, position, adds) in zip(entries, case["after"], strict=True):
        edge = edge_after(edge, entry)
        last = (entry.sequence, entry.entry_digest, entry.ts, entry.digest)
        assert edge == Edge(*last, following, since, position)
        assert counted(edge) == adds
    assert edge_of(entries) == edge
    assert edge_of([]) is None


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
        message = HandleMessage.parse(json.dumps({**members, **shown} if op == "profile" else members))
        highest = max(case["highest"], *(profile.number for profile in profiles), 0)
        profiles = profiles_after(profiles, message, 10 + number, 1000 + number, highest=highest)
        assert profiles == tuple(state(*profile) for profile in case["after"][number - 1])
