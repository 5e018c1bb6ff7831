"""Documents: what is refused before it costs anything, what is remembered, and what is out in the wild."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from graphql import build_schema, get_introspection_query

from tests.support.people import Client, Person, Ticker, message
from tests.support.places import ROOT
from tests.support.wild_documents import GUIDES, SDK_SOURCES, sdk_document
from tests.support.work import calls_of
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway, schema_text
from webapp.gateway.schema import documents
from webapp.gateway.schema.documents import DocumentError, Documents
from webapp.storage.database import Database


def nested(levels: int) -> str:
    """A query that nests so many fields."""
    cycle = ["followers(first: 1)", "edges", "node", "profile"]
    names = [
        'profileByHandle(handle: "shiyu")',
        *(cycle[level % 4] for level in range(levels - 2)),
        "__typename",
    ]
    return "{" + "{".join(names) + "}" * levels


def aliases(count: int) -> str:
    return (
        '{ profileByHandle(handle: "shiyu") {'
        + " ".join(f"a{number}: handle" for number in range(count))
        + "} }"
    )


def test_t56_t57_the_limits_are_where_they_are_said_to_be(client: Client) -> None:
    """Depth 12 and 30 aliases are answered, one more is not."""
    assert "errors" not in client.ask(nested(12))
    assert "errors" not in client.ask(aliases(30))
    for document, words in ((nested(13), "nests 13 fields"), (aliases(31), "31 aliases")):
        response = client.post({"query": document})
        assert response.status == 400
        [error] = json.loads(response.body)["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert words in error["message"]


def test_t57_tokens_end_at_2000(client: Client) -> None:
    text = "{ batchGetAddresses(addresses: [%s]) { address } __typename }"
    [error] = client.ask(text % ('"" ' * 1987))["errors"]
    assert error["message"] == "addresses: expected at most 100", "exactly 2,000 tokens are read"
    [error] = client.ask(text % ('"" ' * 1988))["errors"]
    assert "2000 tokens" in error["message"]


def test_t56_aliases_inside_fragments_count_at_every_use(client: Client) -> None:
    """Eight fragments that each use the next one twice would be 256 aliases."""
    fragments = "".join(
        f"fragment f{level} on Query {{ a{level}: __typename ...f{level + 1} ...f{level + 1} }} "
        for level in range(8)
    )
    document = "{ ...f0 } " + fragments + "fragment f8 on Query { a8: __typename }"
    [error] = client.ask(document)["errors"]
    assert "511 aliases" in error["message"]


def test_introspection_counts_neither_as_depth_nor_as_aliases(client: Client) -> None:
    """GraphiQL's own query is deeper than any limit."""
    assert client.data(get_introspection_query())["__schema"]["queryType"]["name"] == "Query"
    wide = '{ __type(name: "Query") {' + " ".join(f"a{number}: name" for number in range(31)) + "} }"
    assert "errors" not in client.ask(wide)


EXPENSIVE = {
    "deep": nested(300),
    "deeper than the parser": "{a" * 5000,
    "deep arguments": "{a(x:" + "[" * 1900,
    "660 aliases": "{" + "".join(f"a{number}:__typename " for number in range(660)) + "}",
    "150 mutations": "mutation($i:FollowRequest!){"
    + "".join(f"a{n}:follow(input:$i){{status}}" for n in range(150))
    + "}",
    "overlapping fields": "{" + " __typename" * 1900 + "}",
    "overlapping objects": "{" + 'profileByHandle(handle:"a"){handle}' * 180 + "}",
    "overlapping in fragments": "{...f ...g} fragment f on Query{"
    + "__typename " * 700
    + "} fragment g on Query{"
    + "__typename " * 700
    + "}",
    "fragment cycle": "{...f} fragment f on Query{...g} fragment g on Query{...f}",
    "self-containing fragment": "{...f} fragment f on Query{...f}",
    "self-containing mutation": "mutation {...f} fragment f on Mutation{...f}",
    "exponential fragments": "{...f0} "
    + "".join(f"fragment f{n} on Query{{...f{n + 1} ...f{n + 1}}} " for n in range(100))
    + "fragment f100 on Query{a:__typename}",
    "unknown fields": "{" + " ".join(f"handl{n}" for n in range(1900)) + "}",
    "unknown variables": "{" + " ".join(f"profileByHandle(handle:$v{n}){{id}}" for n in range(140)) + "}",
    "many operations": " ".join(f"query q{n}{{__typename}}" for n in range(390)),
    "long name": "{" + "a" * 60_000 + "}",
    "long comment": "#" + "a" * 60_000 + "\n{x}",
    "commas": "{" + "," * 60_000 + "x}",
    "tokens": "{" + "a " * 30_000 + "}",
    "many fragments": "{"
    + "".join(f"...f{n} " for n in range(130))
    + "} "
    + "".join(f"fragment f{n} on Query {{...f{n + 1}}} " for n in range(130))
    + "fragment f130 on Query{__typename}",
    "many operations with one fragment": " ".join(f"query q{n}{{...f}}" for n in range(99))
    + " fragment f on Query{__schema{"
    + " ".join(f"a{n}:description" for n in range(400))
    + "}}",
    "directives": "{__typename " + "@skip(if:false) " * 300 + "}",
}


@pytest.fixture(scope="module")
def usual() -> int:
    """What the work of preparing a document is that everybody may send: GraphiQL's own first question."""
    text, known = get_introspection_query(), prepared()
    known._prepare(text)
    return calls_of(lambda: known._prepare(text))[0]


@pytest.mark.parametrize("name", EXPENSIVE)
def test_t57_expensive_documents_are_refused_at_once(name: str, client: Client, usual: int) -> None:
    """Each would take up to seconds to validate or to execute; the refusal takes less than preparing
    fifteen questions of GraphiQL's.
    """
    client.ask("{ __typename }")
    calls, reply = calls_of(lambda: client.ask(EXPENSIVE[name]))
    assert reply.keys() == {"errors"}
    assert "INTERNAL" not in json.dumps(reply)
    assert calls < 15 * usual


@pytest.mark.parametrize(
    "document",
    [
        "{ a: follow(input: $i) { status } b: follow(input: $i) { status } }",
        "{ follow(input: $i) { status } ... { b: follow(input: $i) { status } } }",
        "{ follow(input: $i) { status } ...f } fragment f on Mutation { b: follow(input: $i) { status } }",
    ],
)
def test_t56_one_mutation_a_request(document: str, client: Client, alice: Person, clock: Ticker) -> None:
    """Under another name, inline or in a fragment: two are refused, and none of them runs."""
    request = alice.request("follow", "shiyu", clock.now)
    content = {"query": f"mutation($i: FollowRequest!) {document}", "variables": {"i": request}}
    response = client.post(content)
    assert response.status == 400
    assert "One mutation" in json.loads(response.body)["errors"][0]["message"]
    assert client.profile("shiyu", alice.address)["followerCount"] == 0


def test_one_mutation_in_pieces_is_one(client: Client, alice: Person, clock: Ticker) -> None:
    document = (
        "mutation($i: FollowRequest!) { __typename follow(input: $i) { status } ...more } "
        "fragment more on Mutation { follow(input: $i) { tsInServer } }"
    )
    answer = client.data(document, i=alice.request("follow", "shiyu", clock.now))
    assert answer["follow"] == {"status": "SUCCESS", "tsInServer": clock.now + 1}


def prepared() -> Documents:
    return Documents(build_schema(schema_text()), GatewayConfig())


def test_a_document_is_prepared_once() -> None:
    known = prepared()
    first = known.get("{ __typename }")
    assert known.get("{ __typename }") is first
    assert known.get("{ __typename  }") is not first


def test_the_memory_of_documents_is_bounded() -> None:
    """By number and by the length of all texts together; the least recently used goes first."""
    known = prepared()
    kept = known.get("{ __typename }")
    for number in range(documents.MAX_DOCUMENTS + 10):
        known.get(f"{{ a{number}: __typename }}")
        known.get("{ __typename }")
    assert len(known) == documents.MAX_DOCUMENTS
    assert known.get("{ __typename }") is kept
    for number in range(20):
        known.get("{ __typename } #" + str(number) + "x" * (documents.MAX_CACHED_TEXT // 10))
    assert known.size <= documents.MAX_CACHED_TEXT
    before = len(known)
    known.get("{ __typename } #" + "x" * documents.MAX_CACHED_TEXT)
    assert len(known) == before


def test_no_text_takes_more_than_an_eighth_of_the_memory() -> None:
    """All together stay below 80 MB: a parsed document takes up to 300 times its text."""
    assert documents.MAX_CACHED_TEXT * 300 <= 80_000_000
    known = prepared()
    for longer, remembered in ((0, 1), (1, 1)):
        text = "{ __typename } #"
        known.get(text + "x" * (documents.MAX_CACHED_TEXT // 8 - len(text) + longer))
        assert len(known) == remembered


def test_a_text_that_two_prepared_at_once_is_counted_once() -> None:
    known = prepared()
    text = "{ __typename }"
    for _ in range(2):
        known._remember(text, known._prepare(text))
    assert (len(known), known.size) == (1, len(text))


def test_refused_documents_are_not_remembered() -> None:
    known = prepared()
    for text in ("{", "{ nothing }", nested(13)):
        with pytest.raises(DocumentError):
            known.get(text)
    assert len(known) == 0


def test_threads_share_the_memory() -> None:
    known = prepared()
    texts = [f"{{ a{number % 600}: __typename }}" for number in range(900)]
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda text: known.get(text).operation(None), texts))
    assert len(names) == 900
    assert len(known) == documents.MAX_DOCUMENTS
    assert known.size == sum(len(text) for text in known._known)


@pytest.mark.parametrize("version", SDK_SOURCES)
def test_the_original_sdks_documents_are_answered(version: str, client: Client, clock: Ticker) -> None:
    """Texts and variables as the two versions of the JavaScript SDK send them."""
    source, alice = SDK_SOURCES[version], Person("alice")
    registration = alice.registration() | ({"appId": "app"} if version == "alpha.21" else {})
    registered = client.data(sdk_document(source, "registerSigningKey"), input=registration)
    assert registered == {"registerSigningKey": {"status": "SUCCESS"}}
    for op in ("follow", "unfollow", "follow"):
        clock.now += 1
        text = message(op, alice.address, "shiyu", clock.now)
        if version == "alpha.21":
            asked = {"address": alice.address, "handle": "shiyu", "operation": op.upper()}
            written = client.data(sdk_document(source, "createFollowTypedMessage"), input=asked)
            text = written["createFollowTypedMessage"]["message"]
        answer = client.data(sdk_document(source, op), input=alice.request(op, "shiyu", 0, message=text))[op]
        assert answer["status"] == "SUCCESS"
        assert answer.keys() == ({"status", "tsInServer"} if version == "alpha.21" else {"status"})


@pytest.mark.parametrize("name", GUIDES)
def test_documents_in_the_wild_are_answered(name: str, client: Client) -> None:
    """The shapes of the published guides and of clients written after them."""
    text, variables = GUIDES[name]
    assert None not in client.data(text, **variables).values()


@pytest.mark.parametrize(
    "document",
    [
        """query ($a: AddressEVM) {
            createFollowTypedMessage(input: {address: $a, handle: "x", operation: FOLLOW}) { message }
        }""",
        "query ($a: Int!) { address(address: $a) { address } }",
        "query ($a: [String!]!) { address(address: $a) { address } }",
        "query ($a: String) { batchGetAddresses(addresses: [$a]) { address } }",
    ],
)
def test_other_types_of_variables_are_not_forgiven(document: str, client: Client) -> None:
    """Text for address and address for text, no more than that: null stays null and a list a list."""
    reply = client.ask(document, a=None)
    assert reply["errors"][0]["extensions"]["code"] == "VALIDATION_FAILED"


def test_t58_without_introspection_nothing_is_told_about_names(database: Database, clock: Ticker) -> None:
    client = Client(create_gateway(database, GatewayConfig(introspection=False), clock), clock)
    for document in ("{ __schema { description } }", '{ __type(name: "Query") { name } }'):
        assert client.ask(document)["errors"][0]["extensions"]["code"] == "VALIDATION_FAILED"
    for document in (
        "{ profileByHandl }",
        '{ profileByHandle(handl: "x") { id } }',
        '{ profileByHandle(handle: "x") { handl } }',
    ):
        assert "mean" not in json.dumps(client.ask(document)["errors"])
    variables = {"i": {"addres": "x"}}
    text = "query ($i: CreateFollowTypedMessageInput!) { createFollowTypedMessage(input: $i) { message } }"
    assert "mean" not in json.dumps(client.ask(text, **variables)["errors"])
    assert client.data("{ __typename }") == {"__typename": "Query"}


def test_the_sdk_sources_are_the_published_ones() -> None:
    """What the tests above cut their documents from is what npm installed, at the locked versions."""
    listed = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert listed["node_modules/@cyberlab/cyberconnect-v2"]["version"] == "0.0.1-alpha.21"
    assert listed["node_modules/cyberconnect-v2-alpha16"]["version"] == "0.0.1-alpha.16"
