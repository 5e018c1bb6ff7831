"""All profiles: newest, most followed, or those that begin with some letters."""

from functools import partial
from typing import Any

import pytest
from alembic import command
from sqlalchemy import insert, select, update

from tests.support.databases import add_profile
from tests.support.lists import handles, pages_of
from tests.support.people import Client, Device, Person
from tests.support.work import steps_of
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.reads.paging import MOST_COUNTED
from webapp.gateway.tables import follower_counts, profiles
from webapp.storage.database import Database
from webapp.storage.migrate import alembic_config, upgrade

DIRECTORY = (
    "query ($search: String, $order: ProfileOrder! = NEWEST, $offset: Int, $limit: Int, $first: Int, "
    "$after: String) { profiles(search: $search, order: $order, offset: $offset, limit: $limit, "
    "first: $first, after: $after) { totalCount "
    "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } "
    "edges { cursor node { handle followerCount } } } }"
)
ORDERS: dict[str, dict[str, str]] = {
    "newest": {},
    "most followed": {"order": "MOST_FOLLOWED"},
    "searched": {"search": "h"},
}


def page(client: Client, **arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = client.data(DIRECTORY, **arguments)["profiles"]
    return found


@pytest.fixture
def people(database: Database) -> list[str]:
    """The handles h03 to h27 in the order of their claims, beside shiyu and cyberconnect, which are older.

    Each has as many followers as its number has units: h03, h13 and h23 have three.
    """
    found = [f"h{number:02}" for number in range(3, 28)]
    for number, handle in enumerate(found, start=3):
        add_profile(database, handle, Person("owner").address, number)
        with database.write() as connection:
            counted = update(follower_counts).where(follower_counts.c.handle == handle)
            connection.execute(counted.values(followers=number % 10))
    return found


@pytest.fixture
def expected(people: list[str]) -> dict[str, list[str]]:
    """All of them in each order."""
    ranked = sorted([*people, "shiyu", "cyberconnect"], key=lambda each: (-_followers(each), each))
    return {
        "newest": [*reversed(people), "cyberconnect", "shiyu"],
        "most followed": ranked,
        "searched": people,
    }


def _followers(handle: str) -> int:
    return int(handle[-1]) if handle.startswith("h") else 0


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 4, 25, 100])
def test_pages_to_the_end_are_the_whole_list_in_order(
    order: str, size: int, client: Client, expected: dict[str, list[str]]
) -> None:
    seen: list[str] = []
    for found in pages_of(partial(page, client), first=size, offset=7, **ORDERS[order]):
        assert found["totalCount"] == len(expected[order])
        seen += handles(found)
    assert seen == expected[order]


@pytest.mark.parametrize("order", ORDERS)
def test_each_entry_is_a_place_to_continue_behind(
    order: str, client: Client, expected: dict[str, list[str]]
) -> None:
    for number, edge in enumerate(page(client, first=100, **ORDERS[order])["edges"], start=1):
        behind = page(client, first=2, after=edge["cursor"], **ORDERS[order])
        assert handles(behind) == expected[order][number : number + 2]
        assert behind["pageInfo"]["hasPreviousPage"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "arguments", [{"offset": 3, "limit": 4}, {"offset": 24}, {"offset": 26}, {"offset": 27}, {"offset": 999}]
)
def test_pages_by_offset(
    arguments: dict[str, int], order: str, client: Client, expected: dict[str, list[str]]
) -> None:
    found = page(client, **arguments, **ORDERS[order])
    begin = arguments["offset"]
    assert handles(found) == expected[order][begin : begin + arguments.get("limit", 20)]
    assert found["pageInfo"]["hasPreviousPage"] is True


@pytest.mark.parametrize("order", ORDERS)
def test_an_offset_beyond_what_is_counted_is_refused(order: str, client: Client) -> None:
    [error] = client.ask(DIRECTORY, offset=MOST_COUNTED, **ORDERS[order])["errors"]
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": "offset"}
    assert error["message"] == "offset: expected less than 1000 in this list; `after` goes on from there"


@pytest.mark.parametrize("order", ORDERS)
def test_a_cursor_is_of_one_order_and_one_search(
    order: str, client: Client, expected: dict[str, list[str]]
) -> None:
    assert expected[order]
    cursor = page(client, **ORDERS[order])["pageInfo"]["endCursor"]
    for other in [*(each for name, each in ORDERS.items() if name != order), {"search": "h2"}]:
        [error] = client.ask(DIRECTORY, after=cursor, **other)["errors"]
        assert error["message"] == "after: expected a cursor that this list gave"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("h0", ["h03", "h04", "h05", "h06", "h07", "h08", "h09"]),
        ("h27", ["h27"]),
        ("shi", ["shiyu"]),
        ("shiyu", ["shiyu"]),
        ("i", []),
        ("H", []),
        ("%", []),
        ("h%", []),
        ("\x7f", []),
        ("\ud800", []),
        ("h" * 50, []),
        ("-", []),
    ],
)
@pytest.mark.usefixtures("people")
def test_a_search_finds_what_begins_so(search: str, found: list[str], client: Client) -> None:
    for order in ("NEWEST", "MOST_FOLLOWED"):
        reply = page(client, search=search, order=order)
        assert (handles(reply), reply["totalCount"]) == (found, len(found))


def test_neighbours_of_a_beginning_are_not_found(client: Client, database: Database) -> None:
    """What stands just before it and just behind it in the order of handles."""
    for number, handle in enumerate(("ab", "aazzzz", "ab-", "abz_", "ac", "aa_"), start=10):
        add_profile(database, handle, Person("owner").address, number)
    assert handles(page(client, search="ab")) == ["ab", "ab-", "abz_"]


def test_an_empty_search_is_as_good_as_none(client: Client, expected: dict[str, list[str]]) -> None:
    assert handles(page(client, search="", first=100)) == expected["newest"]
    assert handles(page(client, search=None, first=100)) == expected["newest"]


def test_an_order_that_is_none_is_refused(client: Client) -> None:
    for order in ("OLDEST", "newest", "", 1, None):
        assert "errors" in client.ask(DIRECTORY, order=order)


def test_follows_change_the_order_at_once(client: Client, alice: Person) -> None:
    assert handles(page(client, order="MOST_FOLLOWED")) == ["cyberconnect", "shiyu"]
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    assert handles(page(client, order="MOST_FOLLOWED")) == ["shiyu", "cyberconnect"]
    bob = Person("bob", Device("bob"))
    client.register(bob)
    for person in (alice, bob):
        assert client.act("follow", person, "cyberconnect") == "SUCCESS"
    assert handles(page(client, order="MOST_FOLLOWED")) == ["cyberconnect", "shiyu"]
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
    [first, second] = page(client, order="MOST_FOLLOWED")["edges"]
    assert [first["node"]["followerCount"], second["node"]["followerCount"]] == [2, 0]


def test_who_has_gone_is_in_no_order(client: Client, alice: Person, database: Database) -> None:
    """Its count stays: its followers do."""
    client.act("follow", alice, "shiyu")
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM profiles WHERE handle = 'shiyu'")
    for order in ("NEWEST", "MOST_FOLLOWED"):
        assert handles(page(client, order=order)) == ["cyberconnect"]


def test_profiles_of_a_database_from_before_have_their_place(database: Database, client: Client) -> None:
    """Also those that nobody ever followed; and a rebuild finds nothing to change."""
    with database.write() as connection:
        command.downgrade(alembic_config(connection), "0009")
        connection.exec_driver_sql("DELETE FROM follower_counts")
    upgrade(database)
    assert handles(page(client, order="MOST_FOLLOWED")) == ["cyberconnect", "shiyu"]
    assert compare_projections(database).equal


@pytest.fixture
def many(database: Database) -> int:
    """More profiles than are counted, two out of three of them followed."""
    row = {"owner_address": "", "display_name": "", "bio": "", "avatar": "", "metadata_location": ""}
    rows = [
        {"handle": f"m{number:05}", "profile_id": number, "is_primary": True, "created_at": 0, **row}
        for number in range(10, 10 + 3 * MOST_COUNTED)
    ]
    with database.write() as connection:
        connection.execute(insert(profiles), rows)
        number = select(profiles.c.profile_id).where(profiles.c.handle == follower_counts.c.handle)
        connection.execute(update(follower_counts).values(followers=number.scalar_subquery() % 3))
        return len(connection.scalars(select(profiles.c.profile_id)).all())


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("arguments", [{}, {"order": "MOST_FOLLOWED"}, {"search": "m"}])
def test_a_page_at_any_depth_costs_what_the_first_one_costs(
    arguments: dict[str, str], client: Client, database: Database
) -> None:
    first = page(client, first=10, **arguments)
    assert first["totalCount"] == MOST_COUNTED
    after = first["pageInfo"]["endCursor"]
    for _ in range(25):
        after = page(client, first=100, after=after, **arguments)["pageInfo"]["endCursor"]
    near, deep = (
        steps_of(database, partial(page, client, first=10, after=where, **arguments))
        for where in (first["pageInfo"]["endCursor"], after)
    )
    assert deep <= near * 1.05
