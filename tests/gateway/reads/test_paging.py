"""Pages of lists: their order, their ends, their cursors, and what one request may read in all."""

import base64
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, update

from tests.support.lists import addresses, pages_of
from tests.support.people import Client, Device, Person, Ticker, Wallet
from tests.support.work import steps_of
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.tables import edges, follower_counts
from webapp.storage.database import Database

FOLLOWERS = (
    'query ($offset: Int, $limit: Int, $first: Int, $after: String) { profileByHandle(handle: "shiyu") '
    "{ followers(offset: $offset, limit: $limit, first: $first, after: $after) { totalCount "
    "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } "
    "edges { cursor node { address handle } } } } }"
)


@pytest.fixture
def crowd(client: Client) -> list[str]:
    """Addresses of 25 followers of shiyu, newest first, all within one millisecond."""
    people = [Person(f"person {number}", Device(str(number))) for number in range(25)]
    for person in people:
        client.register(person)
        assert client.act("follow", person, "shiyu", client.clock.now) == "SUCCESS"
    return [person.address for person in reversed(people)]


def page(client: Client, **arguments: object) -> dict[str, Any]:
    followers: dict[str, Any] = client.data(FOLLOWERS, **arguments)["profileByHandle"]["followers"]
    return followers


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, slice(0, 20)),
        ({"limit": 5}, slice(0, 5)),
        ({"first": 5}, slice(0, 5)),
        ({"limit": 9, "first": 5}, slice(0, 5)),
        ({"offset": 22}, slice(22, 25)),
        ({"offset": 3, "limit": 4}, slice(3, 7)),
        ({"limit": 1000}, slice(0, 25)),
        ({"limit": 0}, slice(0, 0)),
        ({"first": 0, "offset": 24}, slice(0, 0)),
        ({"first": 0, "offset": 25}, slice(0, 0)),
        ({"after": ""}, slice(0, 20)),
        ({"after": "", "offset": 3, "limit": 4}, slice(3, 7)),
        ({"offset": 25}, slice(0, 0)),
        ({"offset": 2**31 - 1}, slice(0, 0)),
    ],
)
def test_pages_by_offset(
    arguments: dict[str, int], expected: slice, client: Client, crowd: list[str]
) -> None:
    found = page(client, **arguments)
    assert addresses(found) == crowd[expected]
    assert found["totalCount"] == 25
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert found["pageInfo"] == {
        "hasNextPage": arguments.get("offset", 0) + len(cursors) < 25,
        "hasPreviousPage": arguments.get("offset", 0) > 0,
        "startCursor": cursors[0] if cursors else "",
        "endCursor": cursors[-1] if cursors else "",
    }


@pytest.mark.usefixtures("crowd")
def test_a_page_beyond_the_end_reads_no_rows(client: Client, database: Database) -> None:
    """The counter says that there is nothing: a celebrity's followers are not skipped one by one."""
    nothing, last, beyond = (
        steps_of(database, partial(page, client, offset=offset, limit=0)) for offset in (0, 24, 25)
    )
    assert beyond < nothing + (last - nothing) / 4


def test_pages_by_cursor_meet_each_follower_once(client: Client, crowd: list[str]) -> None:
    """Somebody unfollows and somebody follows between the pages: nobody else is missed or met twice."""
    seen: list[str] = []
    for found in pages_of(partial(page, client), first=10, offset=7):
        seen += addresses(found)
        if len(seen) == 10:
            first, late = Person("person 24", Device("24")), Person("late", Device("late"))
            client.register(late)
            assert client.act("unfollow", first, "shiyu") == "SUCCESS"
            assert client.act("follow", late, "shiyu") == "SUCCESS"
    assert seen == crowd


@pytest.mark.parametrize("argument", ["offset", "limit", "first"])
def test_negatives_are_refused_by_name(argument: str, client: Client) -> None:
    reply = client.ask(FOLLOWERS, **{argument: -1})
    [error] = reply["errors"]
    assert error["message"] == f"{argument}: expected 0 or more"
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": argument}


@pytest.mark.parametrize(
    "cursor", ["x", "ZjoxNg==", "Zjox", "Zjox\n", "Zjo", "\ud800", "Zjox" * 99, "ZjowMQ", "é", " "]
)
def test_a_cursor_that_is_none_is_refused_by_name(cursor: str, client: Client) -> None:
    [error] = client.ask(FOLLOWERS, after=cursor)["errors"]
    assert error["message"] == "after: expected a cursor that this list gave"


def test_a_cursor_has_one_spelling_and_is_of_one_list(client: Client, crowd: list[str]) -> None:
    """Positions are of the whole log: without its mark, a cursor would continue any list somewhere."""
    given = page(client, first=3)["pageInfo"]["endCursor"]
    plain = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode()
    mark, position = plain.split(":")
    for other in (f"{mark}:0{position}", f"{mark}:{position} ", f"{'0' * 12}:{position}", position):
        written = base64.urlsafe_b64encode(other.encode()).decode().rstrip("=")
        [error] = client.ask(FOLLOWERS, after=written)["errors"]
        assert error["message"] == "after: expected a cursor that this list gave"
    assert addresses(page(client, after=given)) == crowd[3:23]
    others = (
        'profileByHandle(handle: "cyberconnect") { followers(after: $c) { totalCount } }',
        "address(address: $a) { followings(after: $c) { totalCount } }",
        "address(address: $a) { wallet { profiles(after: $c) { totalCount } } }",
    )
    for other in others:
        text = (
            f"query ($c: String, $a: String!) {{ batchGetAddresses(addresses: [$a]) {{ chainID }} {other} }}"
        )
        [error] = client.ask(text, a=crowd[0], c=given)["errors"]
        assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": "after"}


def test_the_end_of_an_empty_page_begins_at_the_beginning(client: Client) -> None:
    """A client that hands on what it was given, whatever it was, is answered."""
    ends = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": "", "endCursor": ""}
    assert page(client)["pageInfo"] == ends
    assert page(client, after=ends["endCursor"])["pageInfo"] == ends
    assert page(client, offset=5)["pageInfo"] == ends


def test_something_precedes_a_page_only_where_it_still_does(client: Client, crowd: list[str]) -> None:
    first = page(client, first=1)["pageInfo"]
    assert page(client, first=0, after=first["endCursor"])["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": True,
        "startCursor": "",
        "endCursor": "",
    }
    newest = Person("person 24", Device("24"))
    assert newest.address == crowd[0]
    assert client.act("unfollow", newest, "shiyu") == "SUCCESS"
    assert page(client, first=1, after=first["endCursor"])["pageInfo"]["hasPreviousPage"] is False


def test_a_page_has_at_most_a_hundred(client: Client, database: Database) -> None:
    follow = {"handle": "shiyu", "following": True, "since": 0, "sequence": 1, "ts": 0}
    head = {"digest": "", "entry_digest": ""}
    with database.write() as connection:
        rows = [
            {"address": Wallet(f"many {number}").address, "position": number, **follow, **head}
            for number in range(1, 104)
        ]
        connection.execute(insert(edges), rows)
        connection.execute(update(follower_counts).values(followers=len(rows)))
    newest_first = [row["address"] for row in reversed(rows)]
    found = page(client, limit=100)
    for asked in ({"limit": 101}, {"first": 1000}, {"limit": 5, "first": 2**31 - 1}):
        assert page(client, **asked) == found
    assert addresses(found) == newest_first[:100]
    assert found["pageInfo"]["hasNextPage"] is True
    assert addresses(page(client, first=103, after=found["pageInfo"]["endCursor"])) == newest_first[100:]


@pytest.mark.usefixtures("crowd")
def test_lists_within_lists_have_a_budget(database: Database, clock: Ticker) -> None:
    """No limit on a document's text can see how lists multiply: rows are counted as they are read."""
    client = Client(create_gateway(database, GatewayConfig(max_rows=100), clock), clock)
    inner = "followers(limit: 25) { totalCount }"
    for level in ("followings", "followers"):
        parent = "profile" if level == "followings" else "follower"
        inner = f"{level}(limit: 25) {{ edges {{ node {{ {parent} {{ {inner} }} }} }} }}"
    reply = client.ask(f'{{ profileByHandle(handle: "shiyu") {{ {inner} }} }}')
    assert {error["extensions"]["code"] for error in reply["errors"]} == {"LIMIT_EXCEEDED"}
    assert len(addresses(page(client, limit=25))) == 25
