"""Reads: profiles, addresses, pages, in the order and with the limits that the contract gives."""

from typing import Any

import pytest

from tests.gateway.conftest import add_profile
from tests.gateway.people import Client, Device, Person, Ticker, Wallet
from webapp.gateway.config import GatewayConfig
from webapp.gateway.service import create_gateway
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


def addresses(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["address"] for edge in found["edges"]]


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
    seen_last = expected.stop == 25 or arguments.get("offset", 0) >= 25
    assert found["pageInfo"] == {
        "hasNextPage": not seen_last and arguments.get("limit") != 0,
        "hasPreviousPage": arguments.get("offset", 0) > 0,
        "startCursor": cursors[0] if cursors else "",
        "endCursor": cursors[-1] if cursors else "",
    }


@pytest.mark.usefixtures("crowd")
def test_a_page_beyond_the_end_reads_no_rows(client: Client, database: Database) -> None:
    """The counter says that there is nothing: a celebrity's followers are not skipped one by one."""
    statements: list[str] = []
    with database.read() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(statements.append)
    assert addresses(page(client, offset=25)) == []
    assert any("follower_counts" in statement for statement in statements)
    assert not any("FROM edges" in statement for statement in statements)


def test_pages_by_cursor_meet_each_follower_once(client: Client, crowd: list[str]) -> None:
    """Somebody unfollows and somebody follows between the pages: nobody else is missed or met twice."""
    seen: list[str] = []
    found = page(client, first=10)
    while True:
        seen += addresses(found)
        if not found["pageInfo"]["hasNextPage"]:
            break
        if len(seen) == 10:
            first, late = Person("person 24", Device("24")), Person("late", Device("late"))
            client.register(late)
            assert client.act("unfollow", first, "shiyu") == "SUCCESS"
            assert client.act("follow", late, "shiyu") == "SUCCESS"
        found = page(client, first=10, after=found["pageInfo"]["endCursor"], offset=7)
        assert found["pageInfo"]["hasPreviousPage"]
    assert seen == crowd


@pytest.mark.parametrize("argument", ["offset", "limit", "first"])
def test_negatives_are_refused_by_name(argument: str, client: Client) -> None:
    reply = client.ask(FOLLOWERS, **{argument: -1})
    [error] = reply["errors"]
    assert error["message"] == f"{argument}: expected 0 or more"
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": argument}


@pytest.mark.parametrize(
    "cursor", ["", "x", "ZjoxNg==", "cDox", "Zjox\n", "Zjo", "\ud800", "Zjox" * 99, "ZjowMQ", "é"]
)
def test_a_cursor_that_is_none_is_refused_by_name(cursor: str, client: Client) -> None:
    [error] = client.ask(FOLLOWERS, after=cursor)["errors"]
    assert error["message"] == "after: expected a cursor that this list gave"


def test_followings_name_the_handle_and_its_profile(
    client: Client, alice: Person, database: Database
) -> None:
    """Newest first, each with the profile that is followed; null where the profile is gone."""
    client.act("follow", alice, "shiyu")
    client.act("follow", alice, "cyberconnect")
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM profiles WHERE handle = 'shiyu'")
    text = (
        "query ($address: AddressEVM!) { address(address: $address) { followingCount followings "
        "{ totalCount edges { node { handle address follower { address } profile { handle } } } } } }"
    )
    found = client.data(text, address=alice.address.lower())["address"]
    assert found["followingCount"] == found["followings"]["totalCount"] == 2
    follower = {"address": alice.address, "follower": {"address": alice.address}}
    assert [edge["node"] for edge in found["followings"]["edges"]] == [
        {"handle": "cyberconnect", "profile": {"handle": "cyberconnect"}, **follower},
        {"handle": "shiyu", "profile": None, **follower},
    ]


def test_the_followers_address_may_be_asked_as_an_object(client: Client, alice: Person) -> None:
    """Guides of the original API select `address { address }` on a follow, older documents just `address`."""
    client.act("follow", alice, "shiyu")
    text = (
        "query ($a: AddressEVM!) { address(address: $a) { followings { edges { node "
        "{ ...old modern: address { address wallet { primaryProfile { handle } } } } } } } } "
        "fragment old on Follow { address }"
    )
    [edge] = client.data(text, a=alice.address)["address"]["followings"]["edges"]
    modern = {"address": alice.address, "wallet": {"primaryProfile": None}}
    assert edge["node"] == {"address": alice.address, "modern": modern}
    assert client.data(text.replace("...old modern:", "").split("fragment")[0], a=alice.address)["address"][
        "followings"
    ]["edges"] == [{"node": {"address": modern}}]


def test_everything_about_a_profile(client: Client, alice: Person) -> None:
    client.act("follow", alice, "shiyu")
    text = (
        'query ($me: AddressEVM!) { profileByHandle(chainID: 56, handle: "shiyu") { id profileID handle '
        "owner { address chainID followingCount } avatar metadata metadataInfo { displayName bio avatar } "
        "namespace { name chainID contractAddress } isPrimary followerCount isFollowedByMe(me: $me) } }"
    )
    assert client.data(text, me=alice.address.lower())["profileByHandle"] == {
        "id": "1",
        "profileID": 1,
        "handle": "shiyu",
        "owner": {"address": Wallet("owner of shiyu").address, "chainID": 56, "followingCount": 0},
        "avatar": "",
        "metadata": "",
        "metadataInfo": {"displayName": "Shiyu", "bio": "", "avatar": ""},
        "namespace": {"name": "Countersign", "chainID": 56, "contractAddress": ""},
        "isPrimary": True,
        "followerCount": 1,
        "isFollowedByMe": True,
    }


@pytest.mark.parametrize("handle", ["nobody", "Shiyu", "@shiyu", "shiyu.cc", "", "\ud800", "x" * 60_000])
def test_a_handle_that_nobody_has(handle: str, client: Client) -> None:
    assert client.data("query ($h: String!) { profileByHandle(handle: $h) { id } }", h=handle) == {
        "profileByHandle": None
    }


def test_profiles_of_an_address(client: Client, database: Database) -> None:
    """Oldest first, in pages; the one marked primary stands for the address."""
    owner = Person("collector").address
    for number in range(3, 8):
        add_profile(database, f"h{number}", owner, number)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE profiles SET is_primary = 0 WHERE handle IN ('h3', 'h4')")
    text = (
        "query ($a: AddressEVM!, $after: String) { address(address: $a) { wallet { address chainID "
        "primaryProfile { handle } profiles(first: 2, after: $after) { totalCount pageInfo "
        "{ hasNextPage hasPreviousPage endCursor } edges { cursor node { handle } } } } } }"
    )
    wallet = client.data(text, a=owner)["address"]["wallet"]
    assert (wallet["address"], wallet["chainID"], wallet["primaryProfile"]) == (owner, 1, {"handle": "h5"})
    seen = []
    while True:
        found = wallet["profiles"]
        assert found["totalCount"] == 5
        seen += [edge["node"]["handle"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        wallet = client.data(text, a=owner, after=found["pageInfo"]["endCursor"])["address"]["wallet"]
    assert seen == ["h3", "h4", "h5", "h6", "h7"]


def test_addresses_in_a_batch_keep_their_order(client: Client, alice: Person) -> None:
    asked = [Person("bob").address.lower(), alice.address, alice.address]
    text = "query ($a: [AddressEVM!]!) { batchGetAddresses(addresses: $a, chainID: 97) { address chainID } }"
    assert client.data(text, a=asked)["batchGetAddresses"] == [
        {"address": Person("bob").address, "chainID": 97},
        {"address": alice.address, "chainID": 97},
        {"address": alice.address, "chainID": 97},
    ]
    [error] = client.ask(text, a=[alice.address, "0x"])["errors"]
    assert error["message"].startswith("addresses[1]: expected ")
    [error] = client.ask(text, a=[alice.address] * 101)["errors"]
    assert error["message"] == "addresses: expected at most 100"
    assert len(client.data(text, a=[alice.address] * 100)["batchGetAddresses"]) == 100


@pytest.mark.parametrize(
    ("document", "argument"),
    [
        ('{ address(address: "0x12") { address } }', "address"),
        ('{ address(address: "0xF39fD6E51AAD88f6f4CE6Ab8827279CFFFB92266") { address } }', "address"),
        ('{ profileByHandle(handle: "shiyu") { isFollowedByMe(me: "me") } }', "me"),
    ],
)
def test_a_bad_address_in_a_query_is_an_error_that_names_it(
    document: str, argument: str, client: Client
) -> None:
    [error] = client.ask(document)["errors"]
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": argument}
    assert error["message"].startswith(f"{argument}: expected ")


@pytest.mark.parametrize("chain", [1, 56, 97, "56", 2**63])
def test_any_positive_chain_id(chain: object, client: Client, alice: Person) -> None:
    text = "query ($a: AddressEVM!, $c: ChainID!) { address(address: $a, chainID: $c) { chainID } }"
    assert client.data(text, a=alice.address, c=chain)["address"]["chainID"] == int(str(chain))


def test_a_profile_without_a_chain_is_of_the_first(client: Client) -> None:
    """`chainID` is optional there: left out, null, or a variable that is null."""
    fields = '{ profileByHandle(handle: "shiyu"%s) { owner { chainID } } }'
    asked = [
        client.data(fields % ""),
        client.data(fields % ", chainID: null"),
        client.data("query ($c: ChainID) " + fields % ", chainID: $c", c=None),
    ]
    assert [data["profileByHandle"]["owner"]["chainID"] for data in asked] == [1, 1, 1]


@pytest.mark.parametrize(
    "chain", [0, -1, "0", "01", "1e3", "", "x", 1.5, float("1e300"), True, None, [1], {}]
)
def test_other_chain_ids_are_refused(chain: object, client: Client, alice: Person) -> None:
    text = "query ($a: AddressEVM!, $c: ChainID!) { address(address: $a, chainID: $c) { chainID } }"
    reply = client.ask(text, a=alice.address, c=chain)
    assert "data" not in reply
    assert len(reply["errors"]) == 1


def test_suggestions_are_in_order_and_few(client: Client, database: Database) -> None:
    for number in range(3, 33):
        add_profile(database, f"sh-{number:02}", Person("owner").address, number)
    text = "query ($p: String!, $n: Int) { profilesByPrefix(prefix: $p, first: $n) { handle } }"

    def suggested(prefix: str, most: int | None = None) -> list[str]:
        variables = {"p": prefix} if most is None else {"p": prefix, "n": most}
        return [found["handle"] for found in client.data(text, **variables)["profilesByPrefix"]]

    assert suggested("sh") == [f"sh-{number:02}" for number in range(3, 11)]
    assert len(suggested("sh", 100)) == 20
    assert suggested("shi", 3) == ["shiyu"]
    assert suggested("shiyu") == ["shiyu"]
    for nothing in ("", "S", "%", "_", "sh%", "\ud800", "z", "s" * 50):
        assert suggested(nothing) == []


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


def test_what_was_sent_is_not_repeated_at_length(client: Client) -> None:
    """GraphQL's message about a missing field quotes the whole literal, once for each such field."""
    reply = client.ask('mutation { follow(input: {a: "%s"}) { status } }' % ("x" * 50_000))
    assert len(reply["errors"]) > 1
    assert max(len(error["message"]) for error in reply["errors"]) <= 300
