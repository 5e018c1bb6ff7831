"""The logs over the API: all that was accepted, newest first, each entry with a proof that verifies."""

import io
import json
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.keys import act as act_on_key
from tests.support.people import DAY, Client, Device, Person, Ticker
from tests.support.work import statements_of, steps_of
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.tables import operations
from webapp.protocol.proofs.proof_file import VerifiedFile, verify_file
from webapp.protocol.proofs.shapes import Form
from webapp.storage.database import Database

AUTH = "signingKeyAuth { address message signature }"
PROOF = f"content digest signature signingKey {AUTH} arweaveTxHash sequence previousDigest entryDigest"
KEY_PROOF = f"content digest signature authorizedBy {AUTH} sequence previousDigest entryDigest"
ARGUMENTS = "$offset: Int, $limit: Int, $first: Int, $after: String"
PAGE = "offset: $offset, limit: $limit, first: $first, after: $after"
AROUND = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
OPERATIONS = (
    f"query ($a: AddressEVM!, $handle: String, {ARGUMENTS}) {{ address(address: $a) {{ address "
    f"operations(handle: $handle, {PAGE}) {{ {AROUND} edges {{ cursor node {{ address handle sequence op ts "
    f"proof {{ {PROOF} }} }} }} }} }} }}"
)
KEYS = (
    f"query ($a: AddressEVM!, {ARGUMENTS}) {{ address(address: $a) {{ address "
    f"keyOperations({PAGE}) {{ {AROUND} edges {{ cursor node {{ address signingKey sequence op ts "
    f"proof {{ {KEY_PROOF} }} }} }} }} }} }}"
)
LAPTOP = Device("laptop")


def verdict_on(reply: object) -> VerifiedFile:
    verdict = verify_file(io.BytesIO(json.dumps(reply).encode()))
    assert isinstance(verdict, VerifiedFile), verdict
    return verdict


def page(client: Client, person: Person, handle: str | None = "shiyu", **arguments: object) -> dict[str, Any]:
    found = client.data(OPERATIONS, a=person.address, handle=handle, **arguments)["address"]["operations"]
    assert isinstance(found, dict)
    return found


def sequences(found: dict[str, Any]) -> list[int]:
    return [edge["node"]["sequence"] for edge in found["edges"]]


@pytest.fixture
def busy(client: Client, alice: Person) -> Person:
    """Somebody who followed and unfollowed shiyu, 25 operations in all; and others who did something else."""
    for number in range(25):
        assert client.act("unfollow" if number % 2 else "follow", alice, "shiyu") == "SUCCESS"
    bob = Person("bob")
    client.register(bob)
    for person, handle in ((bob, "shiyu"), (alice, "cyberconnect")):
        assert client.act("follow", person, handle) == "SUCCESS"
    return alice


def test_a_stranger_gets_the_proof_of_an_unfollow(client: Client, alice: Person) -> None:
    for op in ("follow", "unfollow"):
        client.act(op, alice, "shiyu")
    reply = client.ask(OPERATIONS, a=alice.address, handle="shiyu", first=1)
    verdict = verdict_on(reply)
    assert (verdict.form, verdict.entries) == (Form.PROOF, 1)
    assert [(str(last.operation), last.head.sequence) for last in verdict.last] == [("unfollow", 2)]
    [edge] = reply["data"]["address"]["operations"]["edges"]
    assert edge["node"] == {
        "address": alice.address,
        "handle": "shiyu",
        "sequence": 2,
        "op": "unfollow",
        "ts": client.clock.now,
        "proof": edge["node"]["proof"],
    }


def test_every_kind_of_operation_is_there(client: Client, alice: Person) -> None:
    """Also of a handle that nobody holds any more."""
    for op, field in (("claim", "claimHandle"), ("profile", "updateProfile"), ("release", "releaseHandle")):
        client.clock.now += 1
        members: dict[str, object] = {"op": op, "address": alice.address, "handle": "mine"}
        if op == "profile":
            members |= {"displayName": "Zoë ☕", "bio": "", "avatar": ""}
        request = alice.request(op, "mine", 0, message=json.dumps(members | {"ts": client.clock.now}))
        document = f"mutation ($input: HandleRequest!) {{ {field}(input: $input) {{ status }} }}"
        assert client.data(document, input=request)[field] == {"status": "SUCCESS"}
    reply = client.ask(OPERATIONS, a=alice.address, handle="mine")
    edges = reply["data"]["address"]["operations"]["edges"]
    assert [edge["node"]["op"] for edge in edges] == ["release", "profile", "claim"]
    verdict = verdict_on(reply)
    assert (verdict.form, verdict.entries, verdict.cut) == (Form.REPLY, 3, 0)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, range(25, 5, -1)),
        ({"limit": 5}, range(25, 20, -1)),
        ({"limit": 9, "first": 5}, range(25, 20, -1)),
        ({"offset": 3, "limit": 4}, range(22, 18, -1)),
        ({"offset": 22}, range(3, 0, -1)),
        ({"offset": 24}, range(1, 0, -1)),
        ({"offset": 25}, range(0)),
        ({"offset": 2**31 - 1}, range(0)),
        ({"limit": 0}, range(0)),
        ({"limit": 1000}, range(25, 0, -1)),
        ({"after": ""}, range(25, 5, -1)),
    ],
)
def test_pages_by_offset(arguments: dict[str, Any], expected: range, client: Client, busy: Person) -> None:
    found = page(client, busy, **arguments)
    assert sequences(found) == list(expected)
    assert found["totalCount"] == 25
    cursors = [edge["cursor"] for edge in found["edges"]]
    last = expected[-1] if expected else 25
    assert found["pageInfo"] == {
        "hasNextPage": last > 1 and arguments.get("offset", 0) < 25,
        "hasPreviousPage": arguments.get("offset", 0) > 0,
        "startCursor": cursors[0] if cursors else "",
        "endCursor": cursors[-1] if cursors else "",
    }


def test_pages_by_cursor_meet_each_entry_once_and_each_verifies(client: Client, busy: Person) -> None:
    seen, after = [], None
    while True:
        reply = client.ask(OPERATIONS, a=busy.address, handle="shiyu", first=10, after=after, offset=7)
        found = reply["data"]["address"]["operations"]
        seen += sequences(found)
        verdict = verdict_on(reply)
        assert verdict.cut == (1 if found["pageInfo"]["hasNextPage"] else 0)
        assert found["pageInfo"]["hasPreviousPage"] is (after is not None or True)
        if not found["pageInfo"]["hasNextPage"]:
            break
        assert client.act("follow" if len(seen) > 10 else "unfollow", busy, "shiyu") == "SUCCESS"
        after = found["pageInfo"]["endCursor"]
    assert seen == list(range(18, 0, -1))


def test_a_cursor_of_another_log_is_refused(client: Client, busy: Person) -> None:
    cursor = page(client, busy)["pageInfo"]["endCursor"]
    others = (
        client.ask(OPERATIONS, a=busy.address, handle="cyberconnect", after=cursor),
        client.ask(OPERATIONS, a=Person("bob").address, handle="shiyu", after=cursor),
        client.ask(KEYS, a=busy.address, after=cursor),
    )
    for reply in others:
        [error] = reply["errors"]
        assert error["message"] == "after: expected a cursor that this list gave"


@pytest.mark.parametrize("handle", ["", "Shiyu", "@shiyu", "shiyu.cc", "\ud800", "x" * 21])
def test_what_is_no_handle_is_refused_by_name(handle: str, client: Client, alice: Person) -> None:
    [error] = client.ask(OPERATIONS, a=alice.address, handle=handle)["errors"]
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": "handle"}
    assert error["message"].startswith("handle: expected ")


@pytest.mark.parametrize("argument", ["offset", "limit", "first"])
def test_negatives_are_refused_by_name(argument: str, client: Client, alice: Person) -> None:
    for document, more in ((OPERATIONS, {"handle": "shiyu"}), (KEYS, {})):
        [error] = client.ask(document, a=alice.address, **more, **{argument: -1})["errors"]
        assert error["message"] == f"{argument}: expected 0 or more"


def test_where_nothing_was_done_there_is_nothing(client: Client, alice: Person) -> None:
    empty = {
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": "", "endCursor": ""},
        "edges": [],
    }
    for more in ({}, {"offset": 3}):
        assert page(client, alice, "nobody", **more) == empty
        assert client.data(KEYS, a=alice.address, **more)["address"]["keyOperations"] == empty


@pytest.fixture
def restless(client: Client, busy: Person, clock: Ticker) -> list[tuple[str, int]]:
    """All that the busy one did, newest first, by handle and number; the last five came at one time."""
    for number, (op, handle) in enumerate(
        (
            ("unfollow", "cyberconnect"),
            ("unfollow", "shiyu"),
            ("follow", "cyberconnect"),
            ("follow", "shiyu"),
            ("unfollow", "shiyu"),
        ),
        start=1,
    ):
        assert client.act(op, busy, handle, clock.now + number) == "SUCCESS"
    last = [("shiyu", 28), ("shiyu", 27), ("cyberconnect", 3), ("shiyu", 26), ("cyberconnect", 2)]
    return [*last, ("cyberconnect", 1), *(("shiyu", number) for number in range(25, 0, -1))]


def test_everything_that_an_address_did_is_one_list(
    client: Client, busy: Person, restless: list[tuple[str, int]]
) -> None:
    """Newest first over all handles, in pages of any size, each page with proofs that verify."""
    for size in (1, 2, 3, 100):
        seen: list[tuple[str, int]] = []
        after = None
        while True:
            reply = client.ask(OPERATIONS, a=busy.address, first=size, after=after)
            found = reply["data"]["address"]["operations"]
            nodes = [edge["node"] for edge in found["edges"]]
            assert verdict_on(reply).entries == len(nodes)
            assert {node["address"] for node in nodes} == {busy.address}
            assert found["totalCount"] == len(restless)
            assert found["pageInfo"]["hasPreviousPage"] is bool(seen)
            seen += [(node["handle"], node["sequence"]) for node in nodes]
            if not found["pageInfo"]["hasNextPage"]:
                break
            after = found["pageInfo"]["endCursor"]
        assert seen == restless


def test_everything_by_offset(client: Client, busy: Person, restless: list[tuple[str, int]]) -> None:
    for offset in (0, 3, 30, 31, 999):
        found = page(client, busy, None, offset=offset, first=4)
        nodes = [(edge["node"]["handle"], edge["node"]["sequence"]) for edge in found["edges"]]
        assert nodes == restless[offset : offset + 4]
        assert found["pageInfo"]["hasPreviousPage"] is (offset > 0)
    [error] = client.ask(OPERATIONS, a=busy.address, offset=1_000)["errors"]
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": "offset"}
    assert page(client, Person("nobody"), None, offset=3)["pageInfo"]["hasPreviousPage"] is False


def test_cursors_of_everything_and_of_one_handle_are_not_each_others(client: Client, busy: Person) -> None:
    everything, of_one = (page(client, busy, handle)["pageInfo"]["endCursor"] for handle in (None, "shiyu"))
    for given in ({"after": everything, "handle": "shiyu"}, {"after": of_one}):
        [error] = client.ask(OPERATIONS, a=busy.address, **given)["errors"]
        assert error["message"] == "after: expected a cursor that this list gave"


def test_a_page_of_everything_costs_the_same_at_any_depth(
    client: Client, busy: Person, database: Database
) -> None:
    first = page(client, busy, None, first=3)["pageInfo"]["endCursor"]
    deep = page(client, busy, None, first=20, after=first)["pageInfo"]["endCursor"]
    near, far = (
        steps_of(database, partial(page, client, busy, None, first=2, after=at)) for at in (first, deep)
    )
    assert far <= near


def test_the_gateways_own_time_is_beside_the_proof(client: Client, alice: Person, clock: Ticker) -> None:
    client.act("follow", alice, "shiyu", clock.now - 1000)
    text = (
        'query ($a: AddressEVM!) { address(address: $a) { operations(handle: "shiyu") { edges { node '
        "{ ts acceptedAt } } } } }"
    )
    [edge] = client.data(text, a=alice.address)["address"]["operations"]["edges"]
    assert edge["node"] == {"ts": clock.now - 1000, "acceptedAt": clock.now}


def test_what_was_done_to_keys_is_there_with_proofs(client: Client, alice: Person) -> None:
    client.register(alice, LAPTOP)
    act_on_key(client, "rename", alice, LAPTOP, alice.device, name="Büro")
    client.clock.now += DAY
    act_on_key(client, "renew", alice, LAPTOP)
    act_on_key(client, "revoke", alice, alice.device, LAPTOP)
    reply = client.ask(KEYS, a=alice.address)
    found = reply["data"]["address"]["keyOperations"]
    told = [(edge["node"]["op"], edge["node"]["signingKey"]) for edge in found["edges"]]
    phone, laptop = alice.device.signing_key, LAPTOP.signing_key
    assert told == [("revoke", phone), ("renew", laptop), ("rename", laptop)]
    assert [edge["node"]["proof"]["signingKeyAuth"] is None for edge in found["edges"]] == [
        False,
        True,
        False,
    ]
    verdict = verdict_on(reply)
    assert (verdict.form, verdict.entries, verdict.cut) == (Form.REPLY, 3, 0)
    second = client.ask(KEYS, a=alice.address, first=1, after=found["edges"][0]["cursor"])
    assert sequences(second["data"]["address"]["keyOperations"]) == [2]
    assert verdict_on(second).cut == 1


def test_a_reply_with_everything_verifies_at_once(client: Client, busy: Person) -> None:
    client.register(busy, LAPTOP)
    act_on_key(client, "revoke", busy, LAPTOP)
    text = (
        "query ($a: AddressEVM!) { __typename address(address: $a) { __typename address "
        f"followings {{ __typename edges {{ __typename cursor node {{ __typename address handle proof "
        f"{{ __typename {PROOF} }} }} }} }} "
        f'operations(handle: "shiyu") {{ __typename {AROUND} edges {{ __typename node {{ __typename op proof '
        f"{{ __typename {PROOF} }} }} }} }} "
        f"keyOperations {{ __typename edges {{ __typename node {{ __typename op proof "
        f"{{ __typename {KEY_PROOF} }} }} }} }} }} }}"
    )
    assert verdict_on(client.ask(text, a=busy.address)).entries == 2 + 20 + 1


def test_pages_have_a_budget(database: Database, busy: Person, clock: Ticker) -> None:
    """Entries and proofs are counted as they are read, as follows are."""
    few = Client(create_gateway(database, GatewayConfig(max_rows=100), clock), clock)
    pages = " ".join(
        f'p{number}: operations(handle: "shiyu") {{ edges {{ node {{ proof {{ digest }} }} }} }}'
        for number in range(4)
    )
    reply = few.ask(f"query ($a: AddressEVM!) {{ address(address: $a) {{ {pages} }} }}", a=busy.address)
    assert {error["extensions"]["code"] for error in reply["errors"]} == {"LIMIT_EXCEEDED"}
    assert len(page(few, busy, limit=25)["edges"]) == 25


def test_no_page_reads_more_than_itself(client: Client, busy: Person, database: Database) -> None:
    """A page at any depth begins where it begins: nothing is skipped row by row."""
    act_on_key(client, "rename", busy, busy.device, name="Phone")
    deep, first = (
        steps_of(database, partial(page, client, busy, offset=offset, limit=3)) for offset in (20, 0)
    )
    assert deep <= first
    asked = statements_of(database, lambda: client.data(KEYS, a=busy.address, offset=0))
    assert len(asked) == 2
    assert all(statement.partition(" OFFSET ")[2] in {"", "0"} for statement in asked)


@pytest.mark.usefixtures("busy")
def test_each_entry_of_the_log_is_published(client: Client, database: Database) -> None:
    with database.read() as connection:
        rows = connection.execute(
            select(operations.c.address, operations.c.handle, operations.c.entry_digest)
        )
        logged = {tuple(row) for row in rows}
    found = set()
    for name, handle in (("alice", "shiyu"), ("alice", "cyberconnect"), ("bob", "shiyu")):
        for edge in page(client, Person(name), handle, limit=100)["edges"]:
            node = edge["node"]
            found.add((node["address"], node["handle"], node["proof"]["entryDigest"]))
    assert found == logged
