"""What reads ask of the database: one statement for all of a page, and none that goes through a table."""

import re
from functools import partial

import pytest

from tests.support.databases import add_profile
from tests.support.handles import act as act_on_handle
from tests.support.keys import act as act_on_key
from tests.support.people import Client, Device, Person
from tests.support.queries import ADDRESS, AROUND, PROOF, QUERIES, document
from tests.support.work import looked_up, looks_through, statements_of
from webapp.storage.database import Database

OTHERS = (
    "query ($me: AddressEVM!) { address(address: $me) { signingKeys { name lastUsedAt } } }",
    """query ($me: AddressEVM!) {
      createFollowTypedMessage(input: { address: $me, handle: "shiyu", operation: FOLLOW }) { message }
    }""",
    "query ($me: AddressEVM!) { address(address: $me) { followings(offset: 3) { totalCount } } }",
    'query ($me: AddressEVM!) { profilesByHandles(handles: ["h1", "h2"]) { isFollowedByMe(me: $me) } }',
)
BOTH = re.compile(r"\baddress\b.+ AND \W*handle\b")
BATCH = (
    "query ($me: AddressEVM!, $all: [AddressEVM!]!) "
    f"{{ batchGetAddresses(addresses: $all, chainID: 1) {{ {ADDRESS} }} }}"
)


@pytest.fixture
def people(client: Client, database: Database) -> list[Person]:
    """Twelve who follow shiyu and each other, each with a handle; the first did it twice, and blocks all."""
    people = [Person(f"person {number}", Device(str(number))) for number in range(12)]
    for number, person in enumerate(people):
        client.register(person)
        add_profile(database, f"h{number}", person.address, 10 + number)
        add_profile(database, f"hh{number}", people[0].address, 30 + number)
    for person in people:
        client.act("follow", person, "shiyu")
    for number in range(12):
        client.act("unfollow", people[0], "shiyu")
        client.act("follow", people[0], "shiyu")
        client.act("follow", people[0], f"h{number}")
        act_on_handle(client, "block", people[0], "h0", follower=people[number].address)
        act_on_key(client, "rename", people[0], people[0].device, name=f"Phone {number}")
    return people


def asked(client: Client, database: Database, name: str, person: Person, size: int) -> list[str]:
    owner = {"owner": person.address} if name == "profiles" else {}
    return statements_of(database, partial(client.data, document(name), me=person.address, n=size, **owner))


@pytest.mark.usefixtures("people")
def test_a_page_of_followers_costs_one_query_and_all_of_its_proofs_another(
    client: Client, database: Database
) -> None:
    """Its length, its ends and what precedes it come with the page; the profile has been found before."""
    text = (
        'query ($n: Int, $after: String) { profileByHandle(handle: "shiyu") '
        f"{{ followers(first: $n, after: $after) {{ {AROUND} edges {{ node {{ address {PROOF} }} }} }} }} }}"
    )
    after = client.data(text, n=1)["profileByHandle"]["followers"]["pageInfo"]["endCursor"]
    for given in ({"n": 5}, {"n": 11, "after": after}):
        profile, page, proofs = statements_of(database, partial(client.data, text, **given))
        assert "FROM profiles" in profile
        assert "FROM edges" in page
        assert "FROM operations" in proofs


@pytest.mark.parametrize("name", QUERIES)
def test_a_longer_page_costs_no_more_statements(
    name: str, client: Client, database: Database, people: list[Person]
) -> None:
    """Profiles, whom the viewer follows, primary profiles, counts, proofs: each is asked for all at once."""
    short, long = (asked(client, database, name, people[0], size) for size in (2, 12))
    assert 0 < len(long) == len(short)


def test_a_longer_batch_costs_no_more_statements(
    client: Client, database: Database, people: list[Person]
) -> None:
    addresses = [person.address for person in people]
    short, long = (
        statements_of(database, partial(client.data, BATCH, me=addresses[0], all=some))
        for some in (addresses[:2], addresses)
    )
    assert 0 < len(long) == len(short)


def test_every_statement_is_answered_from_an_index(
    client: Client, database: Database, people: list[Person]
) -> None:
    """What is gone through is what was asked for: the keys of a page, the page itself, a single row."""
    statements = [
        statement
        for name in QUERIES
        for size in (1, 12)
        for statement in asked(client, database, name, people[0], size)
    ]
    for text in OTHERS:
        statements += statements_of(database, partial(client.data, text, me=people[0].address))
    assert len(statements) > 40
    with database.read() as connection:
        for statement in statements:
            assert not looks_through(connection, statement), statement


@pytest.mark.parametrize("name", ["followers", "followings"])
def test_whether_somebody_follows_is_no_search_of_all_they_follow(
    name: str, client: Client, database: Database, people: list[Person]
) -> None:
    """The pair is looked up, for one handle and for many: not the list of an address's follows."""
    statements = asked(client, database, name, people[0], 12)
    pairs = [text for text in statements if text.startswith("SELECT edges.handle")]
    assert pairs
    with database.read() as connection:
        for text in pairs:
            conditions = looked_up(connection, text)
            assert any(BOTH.search(condition) for condition in conditions), conditions
