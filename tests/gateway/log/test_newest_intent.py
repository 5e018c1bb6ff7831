"""The newest intent holds, whatever arrives after it, also where it found things as it wished them."""

import json
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import Connection, select

from tests.support import handles, keys
from tests.support.databases import count, refuse
from tests.support.people import Client, Device, Person, Ticker
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.tables import answered, operations
from webapp.protocol.facts import Policy
from webapp.storage.database import Database

EXPIRED, DONE, SUCCESS = "MESSAGE_EXPIRED", "ALREADY_DONE", "SUCCESS"
HOUR = 3_600_000


def test_a_delayed_follow_does_not_undo_a_newer_unfollow_that_found_nothing_to_do(
    client: Client, alice: Person, clock: Ticker
) -> None:
    late = alice.request("follow", "shiyu", clock.now + 5)
    assert client.act("unfollow", alice, "shiyu", clock.now + 10) == DONE
    reply = client.send("follow", late)
    assert reply == {"status": EXPIRED, "tsInServer": clock.now + 11}
    assert client.act("follow", alice, "shiyu", reply["tsInServer"]) == SUCCESS
    assert client.act("follow", alice, "shiyu", clock.now + 20) == DONE
    assert client.act("unfollow", alice, "shiyu", clock.now + 15) == EXPIRED


def test_it_is_kept_on_disk_before_it_is_answered_and_for_another_process_too(
    client: Client, alice: Person, clock: Ticker, config: GatewayConfig, database: Database
) -> None:
    late = alice.request("follow", "shiyu", clock.now + 5)
    assert client.act("unfollow", alice, "shiyu", clock.now + 10) == DONE
    other = Database.open(database.url)
    assert Client(create_gateway(other, config, clock), clock).status("follow", late) == EXPIRED
    other.close()


def test_what_was_answered_may_be_sent_again_for_as_long_as_its_time_is_good(
    client: Client, alice: Person, clock: Ticker
) -> None:
    sent = alice.request("unfollow", "shiyu", clock.now)
    assert [client.status("unfollow", sent) for _ in range(3)] == [DONE] * 3
    clock.now += Policy().past_ms
    assert client.status("unfollow", sent) == DONE
    clock.now += 1
    assert client.status("unfollow", sent) == EXPIRED


def test_only_what_was_verified_counts(client: Client, alice: Person, clock: Ticker) -> None:
    """Or anybody could push anybody's times ahead."""
    stranger = Person("stranger", Device("another phone"))
    forged = alice.request("unfollow", "shiyu", clock.now + 10)
    forged["signature"] = stranger.device.sign(forged["message"])
    assert client.status("unfollow", forged) == "INVALID_SIGNATURE"
    assert client.act("follow", alice, "shiyu", clock.now + 5) == SUCCESS


def test_it_is_forgotten_when_nothing_could_overtake_it(
    client: Client, alice: Person, clock: Ticker, database: Database
) -> None:
    assert client.act("unfollow", alice, "shiyu", clock.now) == DONE
    assert client.act("unfollow", alice, "shiyu", clock.now + 1) == DONE
    assert count(database, answered) == 1
    clock.now += Policy().past_ms + 2
    assert client.act("unfollow", alice, "cyberconnect", clock.now) == DONE
    assert count(database, answered) == 1, "the new one"


def test_a_refused_write_is_no_answer(client: Client, alice: Person, database: Database) -> None:
    """ALREADY_DONE is a promise: where it cannot be kept on disk, it is not given."""
    with database.write() as connection:
        refuse(connection, "INSERT", answered)
    sent = alice.request("unfollow", "shiyu", client.clock.now)
    body = {"query": "mutation m($input: UnFollowRequest!) { unfollow(input: $input) { status } }"}
    reply = client.post({**body, "variables": {"input": sent}})
    assert "ALREADY_DONE" not in reply.body.decode()
    assert json.loads(reply.body)["errors"]


# --- the same for handles and for keys ---


def test_a_delayed_claim_does_not_undo_a_newer_release(client: Client, alice: Person, clock: Ticker) -> None:
    assert handles.act(client, "claim", alice, "mine") == SUCCESS
    assert handles.act(client, "release", alice, "mine") == SUCCESS
    late = handles.request(alice, "claim", "mine", clock.now + 5)
    again = handles.request(alice, "release", "mine", clock.now + 10)
    assert handles.send(client, "release", again)["status"] == DONE
    assert handles.send(client, "claim", late)["status"] == EXPIRED


def test_a_delayed_name_does_not_replace_a_newer_one(client: Client, alice: Person, clock: Ticker) -> None:
    assert keys.act(client, "rename", alice, alice.device, name="phone") == SUCCESS
    late = keys.request(alice, "rename", alice.device, clock.now + 5, name="telephone")
    again = keys.request(alice, "rename", alice.device, clock.now + 10, name="phone")
    assert keys.send(client, "rename", again) == DONE
    assert keys.send(client, "rename", late) == EXPIRED
    assert keys.keys_of(client, alice)[alice.device.signing_key]["name"] == "phone"


# --- clocks ---


def test_a_clock_that_is_set_back_locks_nobody_out(client: Client, alice: Person, clock: Ticker) -> None:
    """And every time that the gateway names is one that it takes."""
    typed = (
        "query ($address: AddressEVM!) { createFollowTypedMessage(input: {address: $address, "
        'handle: "shiyu", operation: UNFOLLOW}) { message } }'
    )
    assert client.act("follow", alice, "shiyu") == SUCCESS
    clock.now -= HOUR
    text = client.data(typed, address=alice.address)["createFollowTypedMessage"]["message"]
    assert client.status("unfollow", alice.request("unfollow", "shiyu", 0, message=text)) == SUCCESS
    refused = client.send("follow", alice.request("follow", "shiyu", clock.now))
    assert refused["status"] == EXPIRED
    assert client.act("follow", alice, "shiyu", refused["tsInServer"]) == SUCCESS
    assert client.act("unfollow", alice, "shiyu", refused["tsInServer"] + 2) == EXPIRED


def test_nothing_is_accepted_later_than_the_revocation_of_its_key(
    client: Client, alice: Person, clock: Ticker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The times of the log are read with the right to write, so they are in the order of its entries."""
    write = type(database).write

    def slow(base: Database, **named: Any) -> AbstractContextManager[Connection]:
        """Waiting for the right to write takes a second."""
        clock.now += 1_000
        return write(base, **named)

    monkeypatch.setattr(type(database), "write", slow)
    began = clock.now
    assert client.act("follow", alice, "shiyu", began) == SUCCESS
    assert keys.send(client, "revoke", keys.request(alice, "revoke", alice.device, clock.now)) == SUCCESS
    with database.read() as connection:
        (accepted,) = connection.execute(select(operations.c.received_at)).scalars()
    assert accepted > began
    assert keys.keys_of(client, alice)[alice.device.signing_key]["revokedAt"] > accepted
