"""The profiles of an address as a list, by offset and by cursor."""

from typing import Any

import pytest
from sqlalchemy import update

from tests.support.databases import add_profile
from tests.support.people import Client, Person
from webapp.gateway.tables import profiles
from webapp.storage.database import Database

PROFILES = (
    "query ($a: AddressEVM!, $offset: Int, $limit: Int, $first: Int, $after: String) { address(address: $a) "
    "{ wallet { address chainID primaryProfile { handle } profiles(offset: $offset, limit: $limit, "
    "first: $first, after: $after) { totalCount "
    "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { handle } } } } } }"
)


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
    found = client.data(PROFILES, a=collector, **arguments)["address"]["wallet"]["profiles"]
    assert [edge["node"]["handle"] for edge in found["edges"]] == expected
    assert found["totalCount"] == 5
    cursors = [edge["cursor"] for edge in found["edges"]] or [""]
    assert found["pageInfo"] == {
        "hasPreviousPage": around[0],
        "hasNextPage": around[1],
        "startCursor": cursors[0],
        "endCursor": cursors[-1],
    }


def test_nothing_precedes_the_page_of_an_empty_list(client: Client) -> None:
    found = client.data(PROFILES, a=Person("nobody").address, offset=3)["address"]["wallet"]["profiles"]
    ends = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": "", "endCursor": ""}
    assert found == {"totalCount": 0, "pageInfo": ends, "edges": []}


def test_profiles_of_an_address_by_cursor(client: Client, collector: str) -> None:
    """Newest first, each once; the one marked primary stands for the address."""
    wallet = client.data(PROFILES, a=collector, first=2)["address"]["wallet"]
    assert (wallet["address"], wallet["chainID"]) == (collector, 1)
    assert wallet["primaryProfile"] == {"handle": "h5"}
    seen: list[str] = []
    while True:
        found = wallet["profiles"]
        assert found["pageInfo"]["hasPreviousPage"] is bool(seen)
        seen += [edge["node"]["handle"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        variables = {"first": 2, "offset": 4, "after": found["pageInfo"]["endCursor"]}
        wallet = client.data(PROFILES, a=collector, **variables)["address"]["wallet"]
    assert seen == ["h7", "h6", "h5", "h4", "h3"]
