"""RATE_LIMITED says in how many seconds one more is accepted, and that is so, to the second."""

import json
from queue import Queue
from typing import Any

import pytest

from tests.support.databases import add_profile
from tests.support.handles import act as act_on_handle
from tests.support.keys import DOCUMENTS
from tests.support.keys import request as key_request
from tests.support.people import MUTATIONS, Client, Person
from webapp.gateway.batches import deliver_each
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.graphql_over_http import GatewayRequest
from webapp.gateway.http.service import Begun, GatewayResponse
from webapp.protocol.facts import Policy
from webapp.protocol.submissions import submission_of
from webapp.storage.database import Database

EXECUTED = (
    "mutation ($input: FollowRequest!) { ...f } "
    "fragment f on Mutation { follow(input: $input) { status tsInServer } }"
)


@pytest.fixture
def config() -> GatewayConfig:
    """Three operations a minute, and two handles."""
    return GatewayConfig(policy=Policy(signer_quota=3, max_handles=2))


@pytest.fixture
def spent(client: Client, alice: Person, database: Database) -> Person:
    """Somebody who had three operations accepted, ten seconds after each other, the last one just now."""
    for number in range(8):
        add_profile(database, f"h{number}", Person("owner").address, 10 + number)
    for number in range(3):
        client.clock.now += 10_000
        assert client.act("follow", alice, f"h{number}", client.clock.now) == "SUCCESS"
    return alice


def follow(client: Client, person: Person, handle: str, text: str = MUTATIONS["follow"]) -> dict[str, Any]:
    """The whole reply."""
    return client.ask(text, input=person.request("follow", handle, client.clock.now))


@pytest.mark.parametrize("text", [MUTATIONS["follow"], EXECUTED])
@pytest.mark.parametrize("elapsed", [0, 1, 999, 1_000, 12_345, 38_999])
def test_it_is_as_long_as_is_said_and_no_longer(
    elapsed: int, text: str, client: Client, spent: Person
) -> None:
    """The oldest of three was 20 s ago, and counts for a minute. A plan says it as the executor does."""
    client.clock.now += elapsed
    reply = follow(client, spent, "shiyu", text)
    ts = client.clock.now
    assert reply["data"] == {"follow": {"status": "RATE_LIMITED", "tsInServer": ts}}
    wait = reply["extensions"]["retryAfter"]
    assert reply["extensions"] == {"retryAfter": -(-(40_000 - elapsed) // 1_000)}
    client.clock.now += wait * 1_000 - 1_000
    assert follow(client, spent, "shiyu")["data"]["follow"]["status"] == "RATE_LIMITED"
    client.clock.now += 1_000
    reply = follow(client, spent, "shiyu")
    assert reply["data"]["follow"]["status"] == "SUCCESS"
    assert "extensions" not in reply


def pending(client: Client, person: Person) -> GatewayResponse:
    """As a request is answered while nobody holds a thread."""
    there: Queue[object] = Queue()
    client.gateway.log.deliver = deliver_each
    content = {
        "query": MUTATIONS["follow"],
        "variables": {"input": person.request("follow", "shiyu", client.clock.now)},
    }
    sent = {"content-type": "application/json"}
    begun = client.gateway.begin(GatewayRequest("POST", sent, json.dumps(content).encode()))
    assert isinstance(begun, Begun)
    waiting = client.gateway.pending(begun)
    assert waiting is not None
    waiting.begin(there.put)
    return client.gateway.answered(waiting, there.get(timeout=30))


def test_it_is_said_where_nobody_holds_a_thread(client: Client, spent: Person) -> None:
    follow(client, spent, "shiyu")  # the document is known from then on
    assert json.loads(pending(client, spent).body)["extensions"] == {"retryAfter": 40}


def test_an_operation_on_a_handle_waits_for_the_same(client: Client, spent: Person) -> None:
    def claimed() -> dict[str, Any]:
        text = json.dumps({"op": "claim", "address": spent.address, "handle": "mine", "ts": client.clock.now})
        document = "mutation ($input: HandleRequest!) { claimHandle(input: $input) { status } }"
        return client.ask(document, input=spent.request("claim", "mine", 0, message=text))

    reply = claimed()
    assert reply["data"]["claimHandle"]["status"] == "RATE_LIMITED"
    assert reply["extensions"] == {"retryAfter": 40}
    client.clock.now += 40_000
    assert claimed()["data"]["claimHandle"]["status"] == "SUCCESS"


def test_no_waiting_helps_who_owns_too_many_handles(client: Client, alice: Person) -> None:
    for handle in ("one", "two"):
        assert act_on_handle(client, "claim", alice, handle) == "SUCCESS"
    text = json.dumps({"op": "claim", "address": alice.address, "handle": "three", "ts": client.clock.now})
    document = "mutation ($input: HandleRequest!) { claimHandle(input: $input) { status } }"
    reply = client.ask(document, input=alice.request("claim", "three", 0, message=text))
    assert reply == {"data": {"claimHandle": {"status": "RATE_LIMITED"}}}


def test_what_is_done_to_keys_has_a_quota_of_its_own(client: Client, alice: Person) -> None:
    def renamed(name: str) -> dict[str, Any]:
        client.clock.now += 5_000
        document, _ = DOCUMENTS["rename"]
        sent = key_request(alice, "rename", alice.device, client.clock.now, alice.device, name=name)
        return client.ask(document, input=sent)

    for name in ("a", "b", "c"):
        assert renamed(name)["data"]["renameSigningKey"]["status"] == "SUCCESS"
    reply = renamed("d")
    assert reply["data"]["renameSigningKey"]["status"] == "RATE_LIMITED"
    assert reply["extensions"] == {"retryAfter": 45}
    client.clock.now += 40_000
    assert renamed("d")["data"]["renameSigningKey"]["status"] == "SUCCESS"


def test_whoever_is_first_in_a_batch_counts_for_who_comes_after(
    client: Client, alice: Person, database: Database
) -> None:
    """Four that are decided in one transaction: the fourth waits for the first."""
    for number in range(4):
        add_profile(database, f"h{number}", Person("owner").address, 10 + number)
    log: Any = client.gateway.log
    now = client.clock.now
    submissions = [submission_of("follow", alice.request("follow", f"h{number}", now)) for number in range(4)]
    outcomes = log.settle(submissions)
    assert [outcome.retry_after for outcome in outcomes] == [None, None, None, 60]
