"""Reads: profiles, addresses, suggestions, in the order and with the limits that the contract gives."""

from typing import Any

import pytest

from tests.support.databases import add_profile
from tests.support.people import Client, Person, Wallet
from webapp.storage.database import Database


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


def test_profiles_by_their_handles_keep_their_order(client: Client, alice: Person) -> None:
    """Null for what nobody holds and what nobody can; the same one twice where it is asked twice."""
    client.act("follow", alice, "shiyu")
    text = (
        "query ($h: [String!]!, $me: AddressEVM!) "
        "{ profilesByHandles(handles: $h) { handle isFollowedByMe(me: $me) } }"
    )

    def found(*handles: str) -> list[Any]:
        asked: list[Any] = client.data(text, h=handles, me=alice.address)["profilesByHandles"]
        return asked

    shiyu = {"handle": "shiyu", "isFollowedByMe": True}
    other = {"handle": "cyberconnect", "isFollowedByMe": False}
    assert found("nobody", "cyberconnect", "shiyu", "Shiyu", "", "shiyu") == [
        None,
        other,
        shiyu,
        None,
        None,
        shiyu,
    ]
    assert found() == []
    assert found("\ud800", "x" * 60_000) == [None, None]
    assert len(found(*["shiyu"] * 100)) == 100
    [error] = client.ask(text, h=["shiyu"] * 101, me=alice.address)["errors"]
    assert error["message"] == "handles: expected at most 100"
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": "handles"}


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


@pytest.mark.parametrize("chain", [1, 56, 97, "56", 2**63, 1.0, 1e3, float(2**53)])
def test_any_positive_chain_id(chain: float | str, client: Client, alice: Person) -> None:
    text = "query ($a: AddressEVM!, $c: ChainID!) { address(address: $a, chainID: $c) { chainID } }"
    assert client.data(text, a=alice.address, c=chain)["address"]["chainID"] == int(chain)


def test_a_chain_id_in_the_document_is_read_like_one_in_a_variable(client: Client, alice: Person) -> None:
    asked = '{ address(address: "%s", chainID: %s) { chainID } }'
    for written, read in (("1", 1), ("1.0", 1), ("1e3", 1000), ('"56"', 56)):
        assert client.data(asked % (alice.address, written))["address"]["chainID"] == read
    for refused in ("1.5", "-1.0", "1e400", "true"):
        [error] = client.ask(asked % (alice.address, refused))["errors"]
        assert "ChainID: expected a positive integer" in error["message"]


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
    "chain", [0, -1, "0", "01", "1e3", "", "x", 1.5, -1.0, 0.0, 2.0**53 + 2, 1e300, True, None, [1], {}]
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


def test_what_was_sent_is_not_repeated_at_length(client: Client) -> None:
    """GraphQL's messages quote a whole literal, once for each field missing there, and whole names."""
    for text in ('mutation { follow(input: {a: "%s"}) { status } }', "{ %s }"):
        reply = client.ask(text % ("x" * 50_000))
        assert reply["errors"]
        assert max(len(error["message"]) for error in reply["errors"]) <= 300


def test_who_follows_a_handle_of_somebody_s(client: Client, alice: Person, database: Database) -> None:
    """Any of them, for as long as it is followed; each address of a list is told for itself."""
    bob = Person("bob").address
    for number, handle in enumerate(("first", "second"), 100):
        add_profile(database, handle, bob, number)
    text = (
        "query ($asked: [AddressEVM!]!, $owner: AddressEVM!) { batchGetAddresses(addresses: $asked) "
        "{ followsHandleOf(owner: $owner) } }"
    )

    def told(owner: str) -> list[bool]:
        found = client.data(text, asked=[bob, alice.address, Person("nobody").address], owner=owner)
        return [each["followsHandleOf"] for each in found["batchGetAddresses"]]

    assert told(bob) == [False, False, False]
    client.act("follow", alice, "second")
    client.act("follow", alice, "shiyu")
    assert told(bob.lower()) == [False, True, False]
    assert told(Wallet("owner of shiyu").address) == [False, True, False]
    assert told(alice.address) == [False, False, False]
    client.act("unfollow", alice, "second")
    assert told(bob) == [False, False, False]
