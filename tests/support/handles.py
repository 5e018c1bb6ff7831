"""What owners of handles sign, sent."""

import json
from typing import Any

from tests.support.people import Client, Person

ABOUT_FOLLOWERS = {"remove": "removeFollower", "block": "blockFollower", "unblock": "unblockFollower"}
OPS = {"claim": "claimHandle", "release": "releaseHandle", "profile": "updateProfile", **ABOUT_FOLLOWERS}


NOBODY = Person("nobody").address
EMPTY_TEXT = {"displayName": "", "bio": "", "avatar": ""}


def request(person: Person, op: str, handle: str, ts: int, **changes: str) -> dict[str, str]:
    """A signed request; `changes` may name what a profile shows, or the address of a follower."""
    members: dict[str, object] = {"op": op, "address": person.address, "handle": handle, "ts": ts}
    if op == "profile":
        members |= {name: changes.pop(name, "") for name in EMPTY_TEXT}
    follower = changes.pop("follower", NOBODY)
    if op in ABOUT_FOLLOWERS:
        members["follower"] = follower
    text = changes.pop("message", json.dumps(members))
    return person.request(op, handle, ts, message=text, **changes)


def send(client: Client, op: str, sent: dict[str, str]) -> dict[str, Any]:
    name = OPS[op]
    document = f"mutation m($input: HandleRequest!) {{ {name}(input: $input) {{ status tsInServer }} }}"
    answer: dict[str, Any] = client.data(document, input=sent)[name]
    return answer


def act(client: Client, op: str, person: Person, handle: str, **shown: str) -> str:
    """A millisecond later than the last time; `shown` as in `request`."""
    client.clock.now += 1
    status: str = send(client, op, request(person, op, handle, client.clock.now, **shown))["status"]
    return status
