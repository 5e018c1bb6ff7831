"""Followings and followers in other orders than newest first, and those that begin with some letters."""

from functools import partial
from typing import Any

import pytest
from alembic import command
from sqlalchemy import insert, select

from tests.support.databases import add_profile
from tests.support.lists import addresses, handles, pages_of
from tests.support.people import Client, Device, Person, Wallet
from tests.support.work import steps_of
from webapp.gateway.reads.paging import MOST_COUNTED
from webapp.gateway.tables import edges, following_counts
from webapp.protocol.address import Address
from webapp.storage.database import Database
from webapp.storage.migrate import alembic_config, upgrade

PAGE = (
    "offset: $offset, limit: $limit, first: $first, after: $after) { totalCount "
    "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } "
    "edges { cursor node { address handle } } } } }"
)
ARGUMENTS = "$search: String, $offset: Int, $limit: Int, $first: Int, $after: String"
FOLLOWINGS = (
    f"query ($me: AddressEVM!, $order: FollowingOrder! = NEWEST, {ARGUMENTS}) "
    f"{{ address(address: $me) {{ followings(search: $search, order: $order, {PAGE}"
)
FOLLOWERS = (
    f"query ($handle: String!, $order: FollowerOrder! = NEWEST, {ARGUMENTS}) "
    f"{{ profileByHandle(handle: $handle) {{ followers(search: $search, order: $order, {PAGE}"
)


def followings(client: Client, me: str, **arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = client.data(FOLLOWINGS, me=me, **arguments)["address"]["followings"]
    return found


def followers(client: Client, handle: str = "shiyu", **arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = client.data(FOLLOWERS, handle=handle, **arguments)["profileByHandle"]["followers"]
    return found


@pytest.fixture
def followed(client: Client, alice: Person, database: Database) -> list[str]:
    """What alice follows, oldest first; between them are others that she unfollowed."""
    found = ["shiyu", "bb", "ab", "b-2", "cyberconnect", "ba", "b", "bz_", "c"]
    for number, handle in enumerate([*found, "bc", "bd", "zz"], start=10):
        if handle not in {"shiyu", "cyberconnect"}:
            add_profile(database, handle, Wallet("owner").address, number)
    for handle in [*found, "bc", "bd", "zz"]:
        assert client.act("follow", alice, handle) == "SUCCESS"
    for handle in ("bc", "bd", "zz"):
        assert client.act("unfollow", alice, handle) == "SUCCESS"
    return found


@pytest.fixture
def expected(followed: list[str]) -> dict[str, list[str]]:
    """All of them in each order."""
    return {
        "NEWEST": followed[::-1],
        "OLDEST": followed,
        "HANDLE": sorted(followed),
        "search": sorted(handle for handle in followed if handle.startswith("b")),
    }


def asked(order: str, search: str = "b") -> dict[str, Any]:
    return {"search": search} if order == "search" else {"order": order}


ORDERS = ("NEWEST", "OLDEST", "HANDLE", "search")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 2, 4, 100])
def test_pages_of_followings_are_the_whole_list_in_order(
    order: str, size: int, client: Client, alice: Person, expected: dict[str, list[str]]
) -> None:
    seen: list[str] = []
    for found in pages_of(partial(followings, client, alice.address), first=size, **asked(order)):
        assert found["totalCount"] == len(expected[order])
        seen += handles(found)
    assert seen == expected[order]


@pytest.mark.parametrize("order", ORDERS)
def test_followings_by_offset(
    order: str, client: Client, alice: Person, expected: dict[str, list[str]]
) -> None:
    for offset in (0, 2, 5, 9, 999):
        found = followings(client, alice.address, offset=offset, limit=3, **asked(order))
        assert handles(found) == expected[order][offset : offset + 3]
        assert found["pageInfo"]["hasPreviousPage"] is (offset > 0)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ab", ["ab"]),
        ("b-", ["b-2"]),
        ("bz", ["bz_"]),
        ("bc", []),
        ("z", []),
        ("B", []),
        ("%", []),
        ("_", []),
        ("\ud800", []),
        ("b" * 60, []),
    ],
)
@pytest.mark.usefixtures("followed")
def test_a_search_finds_what_is_followed_now(
    search: str, found: list[str], client: Client, alice: Person
) -> None:
    reply = followings(client, alice.address, search=search, order="OLDEST")
    assert (handles(reply), reply["totalCount"]) == (found, len(found))


@pytest.mark.usefixtures("followed")
def test_a_cursor_is_of_one_order_and_one_search(client: Client, alice: Person) -> None:
    for order in ORDERS:
        cursor = followings(client, alice.address, first=1, **asked(order))["pageInfo"]["endCursor"]
        others = [asked(other) for other in ORDERS if other != order] + [asked("search", "ba")]
        for other in others:
            [error] = client.ask(FOLLOWINGS, me=alice.address, after=cursor, **other)["errors"]
            assert error["message"] == "after: expected a cursor that this list gave"


def test_an_empty_search_is_as_good_as_none(
    client: Client, alice: Person, expected: dict[str, list[str]]
) -> None:
    for search in ("", None):
        assert handles(followings(client, alice.address, search=search)) == expected["NEWEST"]
    [follower] = addresses(followers(client, search=""))
    assert follower == alice.address


def test_an_offset_beyond_what_is_counted_is_refused_in_a_search_alone(client: Client, alice: Person) -> None:
    reply = client.ask(FOLLOWINGS, me=alice.address, search="b", offset=MOST_COUNTED)
    assert reply["errors"][0]["extensions"] == {"code": "BAD_ARGUMENT", "argument": "offset"}
    for order in ("NEWEST", "OLDEST", "HANDLE"):
        assert handles(followings(client, alice.address, order=order, offset=MOST_COUNTED)) == []


@pytest.fixture
def crowd(client: Client) -> list[Person]:
    """Twenty who follow shiyu, oldest first; two more did, and one follows somebody else."""
    people = [Person(f"person {number}", Device(str(number))) for number in range(23)]
    for person in people:
        client.register(person)
    for person in people[:22]:
        assert client.act("follow", person, "shiyu") == "SUCCESS"
    for person in people[20:22]:
        assert client.act("unfollow", person, "shiyu") == "SUCCESS"
    assert client.act("follow", people[22], "cyberconnect") == "SUCCESS"
    return people


def test_followers_oldest_first(client: Client, crowd: list[Person]) -> None:
    seen: list[str] = []
    for found in pages_of(partial(followers, client), order="OLDEST", first=7):
        assert found["totalCount"] == 20
        seen += addresses(found)
    assert seen == [person.address for person in crowd[:20]]
    assert addresses(followers(client)) == seen[::-1]


@pytest.mark.parametrize("digits", [3, 4, 39, 40])
@pytest.mark.parametrize("spelt", [str, str.lower, lambda text: "0x" + text[2:].upper()])
def test_a_follower_is_found_by_the_beginning_of_the_address(
    digits: int, spelt: Any, client: Client, crowd: list[Person]
) -> None:
    """In any letter case; who does not follow now is not found."""
    for place, person in enumerate(crowd):
        beginning = spelt(person.address)[: 2 + digits]
        alike = [
            each.address
            for each in sorted(crowd[:20], key=lambda each: each.address.lower())
            if each.address.lower().startswith(beginning.lower())
        ]
        reply = followers(client, search=beginning)
        assert addresses(reply) == alike
        assert reply["totalCount"] == len(alike)
        assert (person.address in alike) is (place < 20)


def test_a_follower_is_found_by_a_handle(client: Client, crowd: list[Person], database: Database) -> None:
    """By the whole of any that the follower holds; by half of one, nobody is."""
    for number, (handle, holder) in enumerate(
        (("alice", crowd[3]), ("alice-2", crowd[3]), ("gone", crowd[21]), ("0xyz", crowd[4])), start=10
    ):
        add_profile(database, handle, holder.address, number)
    for handle in ("alice", "alice-2"):
        assert addresses(followers(client, search=handle)) == [crowd[3].address]
    assert addresses(followers(client, search="0xyz")) == [crowd[4].address]
    for nobody in ("alic", "gone", "shiyu", "Alice", "%", "\ud800", "x" * 60):
        assert addresses(followers(client, search=nobody)) == []


@pytest.mark.parametrize("search", ["0x", "0xa", "0xab", "0XAB"])
def test_too_few_digits_are_refused_by_name(search: str, client: Client) -> None:
    [error] = client.ask(FOLLOWERS, handle="shiyu", search=search)["errors"]
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": "search"}
    assert error["message"] == "search: expected a handle, or 0x and at least 3 hex digits"


ALIKE = 1_100
"""Addresses that begin with the same digits: more than are counted."""


@pytest.fixture
def many(database: Database, alice: Person) -> list[str]:
    """So many followers of shiyu with addresses that begin alike, and so many handles that alice follows."""
    follow = {"following": True, "since": 0, "sequence": 1, "ts": 0, "digest": "", "entry_digest": ""}
    found = [Address.from_digits(f"abcd{number:036x}").checksummed for number in range(ALIKE)]
    with database.write() as connection:
        rows = [
            {"address": address, "handle": "shiyu", "position": number, **follow}
            for number, address in enumerate(found, start=1)
        ]
        connection.execute(insert(edges), rows)
        connection.execute(insert(following_counts), [{"address": one, "followings": 1} for one in found])
        rows = [
            {"address": alice.address, "handle": f"m{number:04}", "position": ALIKE + number, **follow}
            for number in range(1, ALIKE + 1)
        ]
        connection.execute(insert(edges), rows)
        connection.execute(insert(following_counts), {"address": alice.address, "followings": ALIKE})
    return sorted(found, key=str.lower)


def test_more_than_are_counted_are_found_one_after_the_other(client: Client, many: list[str]) -> None:
    seen: list[str] = []
    for found in pages_of(partial(followers, client), search="0xAbCd", first=100):
        assert found["totalCount"] == MOST_COUNTED
        seen += addresses(found)
    assert seen == many


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    "arguments", [{"order": "OLDEST"}, {"order": "HANDLE"}, {"search": "m"}, {"search": "0xabcd"}]
)
def test_a_page_at_any_depth_costs_what_the_first_one_costs(
    arguments: dict[str, str], client: Client, alice: Person, database: Database
) -> None:
    whose = followers if arguments.get("search") == "0xabcd" else partial(followings, me=alice.address)
    near = whose(client, first=10, **arguments)["pageInfo"]["endCursor"]
    deep = near
    for _ in range(9):
        deep = whose(client, first=100, after=deep, **arguments)["pageInfo"]["endCursor"]
    first, last = (
        steps_of(database, partial(whose, client, first=10, after=where, **arguments))
        for where in (near, deep)
    )
    assert last <= first * 1.05


def test_followers_of_a_database_from_before_are_found(
    client: Client, alice: Person, database: Database
) -> None:
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    with database.write() as connection:
        command.downgrade(alembic_config(connection), "0010")
        assert connection.scalars(select(following_counts.c.address)).all() == [alice.address]
    upgrade(database)
    assert addresses(followers(client, search=alice.address[:6])) == [alice.address]
