"""What a document weighs: far less than the ceiling where it is ordinary; and over it, nothing is read."""

import functools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    build_schema,
    get_introspection_query,
    introspection_types,
)

from tests.support.databases import add_profile, migrated
from tests.support.people import Client, Person, Ticker, Wallet
from tests.support.wild_documents import GUIDES, SDK_SOURCES, sdk_document
from tests.support.work import calls_of, statements_of
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import LIGHT, GatewayResponse, create_gateway, schema_text
from webapp.gateway.schema.documents import DocumentError, Documents
from webapp.gateway.schema.weights import BATCHES, FIELDS, LISTS, PAGES, Scale
from webapp.gateway.tables import profiles
from webapp.storage.database import Database
from webapp.upstream import documents as site_documents

CEILING = GatewayConfig().max_weight
FOLLOWERS = 100

PROOF = (
    "proof { content digest signature signingKey signingKeyAuth { address message signature } "
    "arweaveTxHash sequence previousDigest entryDigest }"
)


def followers(page: str, node: str) -> str:
    return f'profileByHandle(handle: "shiyu") {{ followers({page}) {{ edges {{ node {{ {node} }} }} }} }}'


def aliased(count: int, selection: str) -> str:
    return "{" + " ".join(f"a{number}: {selection}" for number in range(count)) + "}"


FULL_PAGE = (
    "{"
    + followers(
        "first: 100",
        f"address handle {PROOF} profile {{ avatar metadataInfo {{ bio }} }} follower {{ followingCount }}",
    )
    + "}"
)

OVER = {
    "followers with proofs under eight aliases": aliased(8, followers("first: 100", f"address {PROOF}")),
    "lists within lists": (
        "{"
        + followers(
            "first: 48", "follower { followings(first: 100) { edges { node { profile { handle } } } } }"
        )
        + "}"
    ),
    "look-ups for each follower": (
        "{" + followers("first: 100", f"follower {aliased(30, 'followingCount')}") + "}"
    ),
    "a fragment at every use": (
        aliased(8, 'profileByHandle(handle: "shiyu") { followers(first: 100) { ...page } }')
        + f" fragment page on FollowConnection {{ edges {{ node {{ ...proof }} }} }} "
        f"fragment proof on Follow {{ ... {{ {PROOF} }} }}"
    ),
    "a page size as a default": (
        "query ($n: Int = 100) " + aliased(8, followers("limit: $n", f"address {PROOF}"))
    ),
    "a name of 20 kB for each follower": ("{" + followers("first: 100", f"{'a' * 20_000}: address") + "}"),
    "the schema's descriptions": ("{ __schema { types { fields " + aliased(490, "description") + " } } }"),
    "the schema's fields": "{ __schema { types { "
    + " ".join(f"a{n}: fields {{ b{n}: name }}" for n in range(200))
    + " } } }",
}


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A graph in which a hundred people follow one."""
    database = migrated(tmp_path_factory.mktemp("crowd") / "gateway.sqlite3")
    add_profile(database, "shiyu", Wallet("owner of shiyu").address, 1)
    clock = Ticker()
    client = Client(create_gateway(database, GatewayConfig(), clock), clock)
    for number in range(FOLLOWERS):
        person = Person(f"person {number}")
        client.register(person)
        assert client.act("follow", person, "shiyu") == "SUCCESS"
    yield database
    database.close()


@pytest.fixture
def asking(crowd: Database, clock: Ticker) -> Client:
    return Client(create_gateway(crowd, GatewayConfig(), clock), clock)


@functools.cache
def prepared() -> Documents:
    return Documents(build_schema(schema_text()), GatewayConfig())


def weight(text: str, **variables: Any) -> float:
    document = prepared().get(text)
    [operation] = (node for node in document.node.definitions if isinstance(node, OperationDefinitionNode))
    return Scale.of(document.node, variables).weigh(operation)


@pytest.mark.parametrize("name", OVER)
def test_t56_t57_a_document_that_takes_too_much_is_refused_before_anything_is_read(
    name: str, asking: Client, crowd: Database
) -> None:
    responses: list[GatewayResponse] = []
    statements = statements_of(crowd, lambda: responses.append(asking.post({"query": OVER[name]})))
    [response] = responses
    assert not statements
    assert response.status == 400
    assert len(response.body) < 300
    [error] = json.loads(response.body)["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "weighs" in error["message"]
    assert f"at most {CEILING}" in error["message"]


@pytest.mark.parametrize("name", GUIDES)
def test_documents_in_the_wild_weigh_next_to_nothing(name: str) -> None:
    text, variables = GUIDES[name]
    assert weight(text, **variables) < CEILING / 25


@pytest.mark.parametrize("version", SDK_SOURCES)
@pytest.mark.parametrize("operation", ["follow", "unfollow", "registerSigningKey"])
def test_the_original_sdks_documents_weigh_next_to_nothing(version: str, operation: str) -> None:
    assert prepared().get(sdk_document(SDK_SOURCES[version], operation)).heaviest < 20


def test_the_sites_own_documents_weigh_next_to_nothing() -> None:
    """But for pages of lists, which may be as long as pages can be."""
    own = [value for value in vars(site_documents).values() if isinstance(value, site_documents.Document)]
    heaviest = {document.name: prepared().get(document.text).heaviest for document in own}
    pages = {document.name for document in own if "$first" in document.text or "[" in document.text}
    assert len(heaviest) > len(pages) > 3
    assert max(weight for name, weight in heaviest.items() if name not in pages) < CEILING / 25
    assert max(heaviest.values()) < CEILING / 3


def test_the_longest_page_with_all_that_it_can_show_is_answered(asking: Client) -> None:
    assert weight(FULL_PAGE) < CEILING / 2
    found = asking.data(FULL_PAGE)["profileByHandle"]["followers"]["edges"]
    assert len(found) == FOLLOWERS


def test_the_largest_batch_of_a_client_in_the_wild_is_answered(asking: Client) -> None:
    text, variables = GUIDES["a client's batch"]
    addresses = [Person(f"person {number}").address for number in range(FOLLOWERS)]
    found = asking.data(text, **{**variables, "toAddrList": addresses})["batchGetAddresses"]
    assert len(found) == FOLLOWERS


@pytest.mark.parametrize(
    ("page", "variables", "times"),
    [
        ("first: 3", {}, 3),
        ("limit: 3", {}, 3),
        ("first: 3, limit: 90", {}, 3),
        ("first: null, limit: 3", {}, 3),
        ("offset: 90", {}, 20),
        ("first: 0", {}, 0),
        ("first: 2000000", {}, 100),
        ("first: -3", {}, 0),
        ("first: $n", {"n": 3}, 3),
        ("first: $n", {"n": 3.0}, 3),
        ("first: $n", {"n": 101}, 100),
        ("first: $n", {"n": None}, 20),
        ("first: $n, limit: 3", {"n": None}, 3),
        ("first: $n", {"n": "many"}, 100),
        ("first: $n", {}, 7),
    ],
)
def test_a_page_weighs_as_much_as_it_may_hold(page: str, variables: dict[str, Any], times: int) -> None:
    """As long as `paging.py` would make it, whoever says so."""

    def text(node: str) -> str:
        return f"query ($n: Int = 7) {{ {followers(page, node)} unused: {followers('limit: $n', 'handle')} }}"

    one, two = (weight(text(node), **variables) for node in ("handle", "handle address"))
    assert two - one == times


@pytest.mark.parametrize(
    ("addresses", "variables", "times"),
    [
        ('["0x", "0x"]', {}, 2),
        ("$a", {"a": ["0x"] * 7}, 7),
        ("$a", {"a": "0x"}, 1),
        ("$a", {"a": ["0x"] * 1000}, 100),
        ("[$b, $b, $b]", {"a": [], "b": "0x"}, 3),
    ],
)
def test_a_batch_weighs_as_much_as_it_names(addresses: str, variables: dict[str, Any], times: int) -> None:
    def text(node: str) -> str:
        return (
            'query ($a: [AddressEVM!]! = [], $b: AddressEVM! = "") { '
            f"batchGetAddresses(addresses: {addresses}) {{ {node} }} "
            "a: batchGetAddresses(addresses: $a) { chainID } b: address(address: $b) { chainID } }"
        )

    one, two = (weight(text(node), **variables) for node in ("address", "address a: address"))
    assert two - one == times


@pytest.mark.parametrize(("handles", "times"), [(["x"] * 7, 7), (["x"] * 1000, 100), ("x", 1)])
def test_profiles_by_their_handles_weigh_as_many_as_are_named(handles: object, times: int) -> None:
    text = "query ($h: [String!]!) { profilesByHandles(handles: $h) { %s } }"
    one, two = (weight(text % node, h=handles) for node in ("handle", "handle a: handle"))
    assert two - one == times


@pytest.mark.parametrize(
    "text",
    [
        '{ proof(entryDigest: "x") { __typename } }',
        '{ profiles(search: "h", first: 1) { totalCount } }',
        '{ profileByHandle(handle: "h") { followers(search: "0xabc", first: 1) { totalCount } } }',
        '{ address(address: "0x") { followings(search: "h", first: 1) { totalCount } } }',
    ],
)
def test_a_search_is_never_light(text: str) -> None:
    """It may take longer than what is answered before others. As many as can have names are answered."""
    assert LIGHT < weight(text) < CEILING / 30


def test_only_the_operation_that_is_executed_is_weighed(asking: Client) -> None:
    heavy = "query heavy " + OVER["followers with proofs under eight aliases"]
    content = {"query": heavy + " query light { __typename }", "operationName": "light"}
    assert asking.post(content).status == 200
    assert asking.post({**content, "operationName": "heavy"}).status == 400


def test_every_list_of_the_schema_is_weighed_as_one() -> None:
    """A list that nobody entered in the table would multiply nothing."""
    schema = build_schema(schema_text())
    lists = set()
    types = [each for each in schema.type_map.values() if isinstance(each, GraphQLObjectType)]
    for kind in [*types, *introspection_types.values()]:
        for name, field in getattr(kind, "fields", {}).items():
            inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
            if isinstance(inner, GraphQLList):
                lists.add(name)
    assert lists == (LISTS.keys() - {"ofType"}) | BATCHES.keys() | {"edges"}
    connections = {
        name
        for kind in types
        for name, field in kind.fields.items()
        if "first" in field.args and name not in lists
    }
    assert connections == PAGES


def test_every_name_in_the_tables_is_a_field() -> None:
    schema = build_schema(schema_text())
    named = {name for kind in schema.type_map.values() for name in getattr(kind, "fields", {})}
    assert FIELDS.keys() | PAGES | LISTS.keys() <= named


@pytest.mark.parametrize(
    "text",
    [
        FULL_PAGE,
        "{" + followers("first: 100", aliased(30, "address")[1:-1]) + "}",
        "{" + followers("first: 100", f"proof {aliased(28, 'content')}") + "}",
        "{" + followers("first: 80", f"follower {aliased(28, 'followingCount')}") + "}",
        "{"
        + followers("first: 100", "follower { followings(first: 1) { edges { node { handle } } } }")
        + "}",
        '{ __type(name: "Mutation") { fields ' + aliased(490, "description") + " } }",
    ],
)
def test_work_grows_with_weight(text: str, asking: Client) -> None:
    """A unit of any document takes less than five times the work that it takes in GraphiQL's own question."""
    usual = get_introspection_query()
    efforts = []
    for question in (usual, text):
        assert weight(question) <= CEILING
        asking.data(question)
        calls, reply = calls_of(lambda question=question: asking.ask(question))  # type: ignore[misc]
        assert "errors" not in reply
        efforts.append(calls / weight(question))
    assert efforts[1] < 5 * efforts[0]


def test_long_texts_are_counted_as_they_are_read(crowd: Database, clock: Ticker) -> None:
    """A profile's picture may have 2 kB, a contract wallet's signature 16: no weight of a field can know."""
    config = GatewayConfig(max_text=10_000)
    client = Client(create_gateway(crowd, config, clock), clock)
    reply = client.ask("{" + followers("first: 100", "proof { content }") + "}")
    assert {error["extensions"]["code"] for error in reply["errors"]} == {"LIMIT_EXCEEDED"}
    assert "10000 bytes" in reply["errors"][0]["message"]
    assert reply["data"]["profileByHandle"] is None
    assert "errors" not in client.ask("{" + followers("first: 50", "proof { content }") + "}")


def test_letters_that_json_escapes_count_as_what_they_become(database: Database, clock: Ticker) -> None:
    with database.write() as connection:
        connection.execute(profiles.update().values(bio="\N{SNOWMAN}" * 100))
    question = '{ profileByHandle(handle: "shiyu") { metadataInfo { bio } } }'
    for most, answered in ((602, True), (601, False)):
        client = Client(create_gateway(database, GatewayConfig(max_text=most), clock), clock)
        assert ("errors" not in client.ask(question)) is answered


def test_the_check_is_made_each_time_with_the_variables_at_hand() -> None:
    """What is remembered of a text is what it weighs at most; a lighter request of the same text passes."""
    known = prepared()
    text = "query ($n: Int) " + aliased(8, followers("first: $n", f"address {PROOF}"))
    document = known.get(text)
    for _ in range(2):
        document.check_weight(None, {"n": 20}, CEILING)
        with pytest.raises(DocumentError):
            document.check_weight(None, {"n": 100}, CEILING)
