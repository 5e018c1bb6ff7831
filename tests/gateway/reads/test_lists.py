"""The profiles of an address as a list, by offset and by cursor."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.databases import add_profile
from tests.support.lists import handles, pages_of
from tests.support.people import Client, Person
from webapp.gateway.tables import profiles
from webapp.storage.database import Database

PROFILES = (
    "query ($a: AddressEVM!, $offset: Int, $limit: Int, $first: Int, $after: String) { address(address: $a) "
    "{ wallet { address chainID primaryProfile { handle } profiles(offset: $offset, limit: $limit, "
    "first: $first, after: $after) { totalCount "
    "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { handle } } } } } }"
)


def profiles_of(client: Client, address: str, **arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = client.data(PROFILES, a=address, **arguments)["address"]["wallet"]["profiles"]
    return found


@pytest.fixture
def collector(database: Database) -> str:
    """Address of somebody with the profiles h3 to h7, of which h5 is primary."""
    owner = Person("collector").address
    for number in range(3, 8):
        add_profile(database, f"h{number}", owner, number)
    with database.write() as connection:
        theirs = update(profiles).where(profiles.c.handle.in_(["h3", "h4"]))
        connection.execute(theirs.values(is_primary=False))
    return owner


@pytest.mark.parametrize(
    ("arguments", "expected", "around"),
    [
        ({}, ["h7", "h6", "h5", "h4", "h3"], (False, False)),
        ({"limit": 2}, ["h7", "h6"], (False, True)),
        ({"limit": 4, "first": 1, "after": ""}, ["h7"], (False, True)),
        ({"offset": 3}, ["h4", "h3"], (True, False)),
        ({"offset": 1, "limit": 2}, ["h6", "h5"], (True, True)),
        ({"first": 0}, [], (False, True)),
        ({"offset": 5}, [], (True, False)),
    ],
)
def test_profiles_of_an_address_by_offset(
    arguments: dict[str, Any],
    expected: list[str],
    around: tuple[bool, bool],
    client: Client,
    collector: str,
) -> None:
    found = profiles_of(client, collector, **arguments)
    assert handles(found) == expected
    assert found["totalCount"] == 5
    cursors = [edge["cursor"] for edge in found["edges"]] or [""]
    assert found["pageInfo"] == {
        "hasPreviousPage": around[0],
        "hasNextPage": around[1],
        "startCursor": cursors[0],
        "endCursor": cursors[-1],
    }


def test_nothing_precedes_the_page_of_an_empty_list(client: Client) -> None:
    found = profiles_of(client, Person("nobody").address, offset=3)
    ends = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": "", "endCursor": ""}
    assert found == {"totalCount": 0, "pageInfo": ends, "edges": []}


def test_profiles_of_an_address_by_cursor(client: Client, collector: str) -> None:
    """Newest first, each once; the one marked primary stands for the address."""
    wallet = client.data(PROFILES, a=collector)["address"]["wallet"]
    assert (wallet["address"], wallet["chainID"]) == (collector, 1)
    assert wallet["primaryProfile"] == {"handle": "h5"}
    found = pages_of(partial(profiles_of, client, collector), first=2, offset=4)
    assert [handles(each) for each in found] == [["h7", "h6"], ["h5", "h4"], ["h3"]]
