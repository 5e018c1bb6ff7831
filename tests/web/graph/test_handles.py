"""Handles of one's own through the site: claimed, dressed, given back; and what the site itself refuses."""

import json
from typing import Any

import pytest

from tests.support import faults
from tests.support.browsers import Browser, problem
from tests.support.faults import FaultServer
from tests.support.handles import ABOUT_FOLLOWERS, OPS, request
from tests.support.people import NOW, Client, Person, Ticker
from webapp.protocol.handle_message import MAX_PROFILE_BYTES

PATHS = [f"/api/handles/{op}" for op in OPS]
PICTURE = "data:image/webp;base64,UklGRiIAAABXRUJQ"


def send(visitor: Browser, op: str, sent: dict[str, str]) -> dict[str, Any]:
    reply = visitor.post(f"/api/handles/{op}", sent)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.get_json()
    return answer


def test_a_handle_is_claimed_dressed_and_given_back(ready: Browser, alice: Person, clock: Ticker) -> None:
    """Each as the gateway decides it, with its time and the exchange; what is read afterwards is so."""

    def act(op: str, **shown: str) -> str:
        clock.now += 1
        answer = send(ready, op, request(alice, op, "wonderland", clock.now, **shown))
        assert set(answer) == {"status", "tsInServer", "exchange"}
        status: str = answer["status"]
        return status

    assert act("profile") == "HANDLE_NOT_FOUND"
    assert act("claim") == "SUCCESS"
    assert act("claim") == "ALREADY_DONE"
    assert act("profile", displayName="Alice", bio="Curious.", avatar=PICTURE) == "SUCCESS"
    shown = ready.get("/api/profiles/wonderland").get_json()
    assert (shown["displayName"], shown["bio"], shown["avatar"]) == ("Alice", "Curious.", PICTURE)
    assert shown["isMine"] is True
    assert act("release") == "SUCCESS"
    assert problem(ready.get("/api/profiles/wonderland")) == (404, "not-found")


def test_a_follower_is_removed_and_blocked_and_let_in_again(
    ready: Browser, alice: Person, bob: Person, clock: Ticker, people: Client
) -> None:
    """What the owner's page shows is so from the answer on."""
    people.register(bob)

    def act(op: str) -> str:
        clock.now += 1
        sent = request(alice, op, "wonderland", clock.now, follower=bob.address)
        status: str = send(ready, op, sent)["status"]
        return status

    def shown() -> tuple[bool, bool, bool]:
        """Whether bob stands among the followers, among the blocked, and with buttons."""
        page = ready.get("/@wonderland").text
        followers, _, aside = page.partition('<aside class="side">')
        acts = f'data-follower="{bob.address}"'
        return f'title="{bob.address}"' in followers, acts in aside, acts in followers

    assert act("claim") == "SUCCESS"
    assert people.act("follow", bob, "wonderland") == "SUCCESS"
    assert shown() == (True, False, True)
    assert act("remove") == "SUCCESS"
    assert shown() == (False, False, False)
    assert people.act("follow", bob, "wonderland") == "SUCCESS"
    assert act("block") == "SUCCESS"
    assert shown() == (False, True, False)
    assert people.act("follow", bob, "wonderland") == "HANDLE_NOT_FOUND"
    assert act("unblock") == "SUCCESS"
    assert shown() == (False, False, False)


def test_a_handle_of_another_is_taken(ready: Browser, alice: Person, clock: Ticker) -> None:
    assert send(ready, "claim", request(alice, "claim", "shiyu", clock()))["status"] == "HANDLE_TAKEN"


def test_a_message_with_a_picture_may_be_as_long_as_the_contract_says(
    ready: Browser, alice: Person, clock: Ticker
) -> None:
    """And not a byte longer, which is told by the member's name."""
    sent = request(alice, "profile", "wonderland", clock())
    padded = sent["message"].ljust(MAX_PROFILE_BYTES)
    assert send(ready, "profile", {**sent, "message": padded})["status"] == "HANDLE_NOT_FOUND"
    reply = ready.post("/api/handles/profile", {**sent, "message": padded + " "})
    assert problem(reply) == (400, "invalid-request")
    assert reply.get_json()["errors"] == [{"field": "message", "expected": "at most 8192 bytes"}]


def test_fields_of_the_largest_size_still_reach_the_gateway(ready: Browser, alice: Person) -> None:
    """Control characters grow sixfold in JSON: five such fields must fit into the gateway's 64 KiB."""
    largest = "\x01" * 512
    sent = {
        "address": alice.address,
        "handle": largest,
        "message": "\x01" * MAX_PROFILE_BYTES,
        "signature": largest,
        "signingKey": largest,
    }
    assert send(ready, "profile", sent)["status"] == "HANDLE_NOT_FOUND"
    assert problem(ready.post("/api/handles/profile", {**sent, "handle": largest + "a"})) == (
        400,
        "invalid-request",
    )


@pytest.mark.parametrize("path", PATHS)
def test_nobody_acts_for_another_account(
    path: str, visitor: Browser, alice: Person, bob: Person, clock: Ticker
) -> None:
    sent = request(bob, path.rpartition("/")[2], "wonderland", clock())
    assert problem(visitor.post(path, sent)) == (401, "not-signed-in")
    visitor.sign_in(alice.wallet)
    assert problem(visitor.post(path, sent)) == (403, "wrong-account")
    assert problem(visitor.post(path, {})) == (400, "invalid-request")
    assert problem(visitor.post(path, sent, x_csrf_token=None)) == (403, "csrf")


def test_a_gateway_without_the_extension_is_named(
    remote: Browser, elsewhere: FaultServer, alice: Person
) -> None:
    elsewhere.fault = faults.reply({"errors": [{"message": "Cannot query field"}]})
    remote.sign_in(alice.wallet)
    for path in PATHS:
        sent = request(alice, path.rpartition("/")[2], "wonderland", NOW)
        reply = remote.post(path, sent)
        assert problem(reply) == (404, "not-found")
        about = "followers" if path.rpartition("/")[2] in ABOUT_FOLLOWERS else "handles"
        assert f"lacks the extension by which {about} are" in reply.get_json()["detail"]
        body = json.loads(elsewhere.requests[-1].partition(b"\r\n\r\n")[2])
        assert body["variables"] == {"input": sent}
