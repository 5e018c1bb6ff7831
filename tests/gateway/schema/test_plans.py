"""Prepared plans: what nearly all clients send has one, and it answers as GraphQL's executor does."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    is_leaf_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.databases import add_profile, migrated
from tests.support.people import NOW, Client, Person, Ticker, Wallet
from tests.support.wild_documents import GUIDES, SDK_SOURCES, sdk_document
from webapp.chain.errors import RpcOverShare
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http import service
from webapp.gateway.http.service import Gateway, create_gateway, schema_text
from webapp.gateway.schema.documents import Document, Documents
from webapp.gateway.schema.plans import MutationPlan
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseUnavailable, OutcomeUnknown
from webapp.upstream import documents as site_documents

SCHEMA = build_schema(schema_text())


def document(client: Client, text: str) -> Document:
    return client.gateway._documents.get(text)


class Unplanned(Documents):
    """Every document without its plan."""

    def get(self, text: str) -> Document:
        return replace(super().get(text), plan=None)


def unplanned(gateway: Gateway) -> Gateway:
    gateway._documents = Unplanned(gateway._documents.schema, GatewayConfig())
    return gateway


# --- whose documents have one ---


SITE = {
    name: each for name, each in vars(site_documents).items() if isinstance(each, site_documents.Document)
}
SDK = [
    (version, operation)
    for version in SDK_SOURCES
    for operation in ("follow", "unfollow", "registerSigningKey")
]


@pytest.mark.parametrize("name", SITE)
def test_every_document_of_the_site_has_a_plan(name: str, client: Client) -> None:
    assert document(client, SITE[name].text).plan_for(SITE[name].name)


@pytest.mark.parametrize(("version", "operation"), [*SDK, ("alpha.21", "createFollowTypedMessage")])
def test_the_original_sdks_documents_have_a_plan(version: str, operation: str, client: Client) -> None:
    found = document(client, sdk_document(SDK_SOURCES[version], operation))
    assert found.plan_for(operation)


@pytest.mark.parametrize("name", GUIDES)
def test_the_guides_documents_have_a_plan(name: str, client: Client) -> None:
    assert document(client, GUIDES[name][0]).plan


@pytest.mark.parametrize("field", SCHEMA.type_map["Mutation"].fields)  # type: ignore[attr-defined]
def test_every_mutation_has_a_plan_in_two_halves(field: str, client: Client) -> None:
    """Who decides stands in between: the arguments come out before, the answer goes in after."""
    definition = SCHEMA.type_map["Mutation"].fields[field]  # type: ignore[attr-defined]
    members = " ".join(definition.type.of_type.fields)
    kind = definition.args["input"].type
    plan = document(client, f"mutation ($i: {kind}) {{ {field}(input: $i) {{ {members} }} }}").plan
    assert isinstance(plan, MutationPlan)
    assert plan.field == field
    given = {name: "56" if name == "chainID" else "x" for name in kind.of_type.fields if name != "isEIP1271"}
    expected = {**given, "chainID": 56} if "chainID" in given else given
    assert plan.arguments({"i": given}) == {"input": expected}
    assert plan.arguments({"i": {}}) is plan.arguments({}) is None


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { description } }",
        "{ ...f } fragment f on Query { __typename }",
        "{ ... { __typename } }",
        "{ __typename __typename }",
        "query a { __typename } query b { __typename }",
        "query ($a: AddressEVM!) { batchGetAddresses(addresses: [$a]) { address } }",
        "mutation ($i: FollowRequest!) { follow(input: $i) { status } __typename }",
        "mutation ($i: FollowRequest!, $s: Boolean!) { follow(input: $i) { status @skip(if: $s) } }",
    ],
)
def test_what_a_plan_would_not_get_right_has_none(text: str, client: Client) -> None:
    assert document(client, text).plan is None


def test_a_plan_is_of_the_operation_that_was_named(client: Client) -> None:
    found = document(client, "query a { __typename }")
    assert found.plan_for(None) is found.plan_for("a") is not None
    assert found.plan_for("b") is None
    response = client.post({"query": "query a { __typename }", "operationName": "b"})
    assert "Unknown operation named 'b'" in response.body.decode()


def test_the_executor_is_spared(client: Client, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "execute_sync", None)
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    assert client.profile("shiyu", alice.address) == {"followerCount": 1, "isFollowedByMe": True}
    for text, variables in GUIDES.values():
        client.data(text, **variables)


# --- what they answer ---


@dataclass
class Twins:
    """Two gateways with the same people, the same clock and the same past; one of them has no plans."""

    planned: Client
    executed: Client
    requests: list[dict[str, str]]
    with_plan: int = 0
    with_data: int = 0

    def check_alike(self, content: dict[str, Any]) -> None:
        """Both answer the same, byte for byte; with the status of the media type whose status says more."""
        accept = "application/graphql-response+json"
        ours, theirs = (client.post(content, accept=accept) for client in (self.planned, self.executed))
        assert _same(ours.body) == _same(theirs.body)
        assert (ours.status, ours.headers) == (theirs.status, theirs.headers)
        self.with_data += b'"data":{' in ours.body
        documents = self.planned.gateway._documents
        self.with_plan += any(
            known.plan is not None for text, known in documents._known.items() if text == content["query"]
        )


def _same(body: bytes) -> bytes:
    """A body without what is random in it: the ids of incidents, and the nonces of sign-ins."""
    return re.sub(
        rb"(?<=Nonce: )[0-9a-zA-Z]+|(?<=Internal error )[0-9a-f]{16}|(?<=\"id\":\")[0-9a-f]{16}", b"", body
    )


def _twin(path: Path, clock: Ticker) -> Client:
    database = migrated(path)
    for number, handle in enumerate(("shiyu", "cyberconnect", "h3"), start=1):
        add_profile(database, handle, Wallet("owner of shiyu").address, number)
    return Client(create_gateway(database, GatewayConfig(), clock), clock)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    folder, clock = tmp_path_factory.mktemp("twins"), Ticker()
    planned, executed = (_twin(folder / name, clock) for name in ("planned", "executed"))
    unplanned(executed.gateway)
    people = [Person("alice"), Person("bob")]
    past = [
        *(("registerSigningKey", person.registration()) for person in people),
        *(("follow", person.request("follow", "shiyu", NOW)) for person in people),
        ("unfollow", people[1].request("unfollow", "shiyu", NOW + 1)),
    ]
    for client in (planned, executed):
        assert [client.status(op, request) for op, request in past] == ["SUCCESS"] * len(past)
    requests = [
        person.request(op, handle, NOW + 1_000 + number)
        for number, (person, op, handle) in enumerate(
            (person, op, handle)
            for person in people
            for handle in ("shiyu", "cyberconnect", "nobody")
            for op in ("follow", "unfollow", "claim", "release")
        )
    ]
    yield Twins(planned, executed, [*requests, *(person.registration() for person in people)])
    for client in (planned, executed):
        client.gateway._database.close()


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [None, True, False, 0, 1, -1, 2**31, 1.0, 1.5, 1e300, "", "1", "shiyu", "\ud800", "FOLLOW"]
    ),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["address", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
TEXTS = {
    "handle": ["shiyu", "cyberconnect", "nobody", "Shiyu", ""],
    "address": [
        Person("alice").address,
        Person("bob").address.lower(),
        Wallet("owner of shiyu").address,
        "0x12",
    ],
    "prefix": ["sh", "", "%"],
    "search": ["sh", "", "%"],
    "after": ["", "x"],
    "entryDigest": ["0" * 64, "0x"],
}
TEXTS["handles"] = TEXTS["handle"]
TEXTS["me"] = TEXTS["addresses"] = TEXTS["address"]


@dataclass
class Writing:
    """Writes a document of one operation, and the variables for it."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    requests: list[dict[str, str]]
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)

    def some(self, *weighted: tuple[int, Any]) -> Any:
        """One of several things, each as often as its number says."""
        return self.draw(st.sampled_from([thing for often, thing in weighted for _ in range(often)]))

    def fitting(self, name: str, kind: Any) -> Any:
        """A value that the type has, and mostly one that means something."""
        if isinstance(kind, GraphQLNonNull):
            return self.fitting(name, kind.of_type)
        if isinstance(kind, GraphQLList):
            return [self.fitting(name, kind.of_type) for _ in range(self.some((1, 0), (3, 2)))]
        if isinstance(kind, GraphQLInputObjectType):
            known = self.draw(st.sampled_from(self.requests))
            given = {
                member: known[member] if member in known else self.fitting(member, of.type)
                for member, of in kind.fields.items()
                if isinstance(of.type, GraphQLNonNull) or self.some((1, True), (1, False))
            }
            if self.some((6, False), (1, True)):
                given[self.some((1, "x"), (3, next(iter(given))))] = self.draw(JUNK)
            return given
        if isinstance(kind, GraphQLEnumType):
            return self.draw(st.sampled_from(list(kind.values)))
        if kind.name == "Int":
            return self.some((3, 1), (2, 0), (2, 3), (1, -1), (1, 2.0))
        if kind.name == "ChainID":
            return self.some((1, 1), (1, "56"), (1, 97.0))
        if kind.name == "Boolean":
            return self.some((1, True), (1, False))
        return self.draw(st.sampled_from(TEXTS.get(name, ["x", "1"])))

    def value(self, name: str, kind: Any) -> str:
        """An argument's value: a variable, or written out, with variables inside or without."""
        how = self.some((5, "variable"), (3, "literal"))
        if how == "variable":
            return self.variable(name, kind)
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(inner, GraphQLInputObjectType):
            given = self.fitting(name, inner)
            members = []
            for member, of in inner.fields.items():
                if member in given:
                    inside = self.some((1, True), (1, False))
                    written = self.value(member, of.type) if inside else self.literal(given[member], of.type)
                    members.append(f"{member}: {written}")
            return "{" + " ".join(members) + "}"
        given = self.draw(JUNK) if self.some((15, False), (1, True)) else self.fitting(name, kind)
        return self.literal(given, kind)

    def literal(self, value: Any, kind: Any) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self.literal(value, kind.of_type)
        if isinstance(kind, GraphQLEnumType) and isinstance(value, str):
            return value or "NONE"
        if isinstance(value, dict):
            return "{" + " ".join(f"{name}: {self.literal(each, None)}" for name, each in value.items()) + "}"
        if isinstance(value, list):
            return "[" + " ".join(self.literal(each, None) for each in value) + "]"
        return json.dumps(value)

    def variable(self, name: str, kind: Any) -> str:
        called = f"v{len(self.declared)}"
        declared = str(kind)
        how = self.some((8, "as it is"), (1, "text"), (1, "nullable"), (2, "default"), (1, "null default"))
        if how == "text":
            declared = declared.replace("AddressEVM", "String")
        if how in {"nullable", "null default"}:
            declared = declared.rstrip("!")
        if how == "default":
            declared = f"{declared.rstrip('!')} = {self.literal(self.fitting(name, kind), kind)}"
        if how == "null default":
            declared += " = null"
        self.declared.append(f"${called}: {declared}")
        sent = self.some((12, "fitting"), (1, "junk"), (1, "null"), (1, "nothing"))
        if sent != "nothing":
            self.variables[called] = (
                None if sent == "null" else self.draw(JUNK) if sent == "junk" else self.fitting(name, kind)
            )
        return f"${called}"

    def selection(self, kind: GraphQLObjectType, depth: int) -> str:
        names = [name for name, of in kind.fields.items() if depth or is_leaf_type(_named(of.type))] or [
            "__typename"
        ]
        chosen = self.draw(
            st.lists(st.sampled_from([*names, "__typename"]), min_size=1, max_size=4, unique=True)
        )
        return "{ " + " ".join(self.selected(kind, name, depth) for name in chosen) + " }"

    def selected(self, kind: GraphQLObjectType, name: str, depth: int) -> str:
        alias = self.some((8, ""), (1, "a: "))
        directive = ""
        if self.some((10, False), (1, True)):
            how = self.some((1, "include"), (1, "skip"))
            directive = f" @{how}(if: {self.value('if', SCHEMA.get_directive('skip').args['if'].type)})"  # type: ignore[union-attr]
        if name == "__typename":
            return f"{alias}{name}{directive}"
        definition = kind.fields[name]
        arguments = ", ".join(
            f"{argument}: {self.value(argument, of.type)}"
            for argument, of in definition.args.items()
            if (isinstance(of.type, GraphQLNonNull) and not of.default) or self.some((1, True), (2, False))
        )
        inner = _named(definition.type)
        members = self.selection(inner, depth - 1) if isinstance(inner, GraphQLObjectType) else ""
        return f"{alias}{name}{f'({arguments})' if arguments else ''}{directive} {members}"

    def operation(self) -> dict[str, Any]:
        kind = self.some((3, "query"), (2, "mutation"))
        root = SCHEMA.query_type if kind == "query" else SCHEMA.mutation_type
        assert root is not None
        if kind == "query":
            selection = self.selection(root, 5)
        else:
            selection = "{ " + self.selected(root, self.draw(st.sampled_from(list(root.fields))), 1) + " }"
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return {"query": f"{kind} q{declared} {selection}", "variables": self.variables}


def _named(kind: Any) -> Any:
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind


def check_many(twins: Twins, count: int) -> None:
    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        writing = Writing(data.draw, twins.requests)
        twins.check_alike(writing.operation())

    check()


@pytest.mark.parametrize("count", [200, pytest.param(4_000, marks=pytest.mark.soak)])
def test_a_plan_answers_as_the_executor_does(count: int, twins: Twins) -> None:
    """Any document, any variables, right and wrong; and both logs are the same at the end."""
    twins.with_plan = twins.with_data = 0
    check_many(twins, count)
    assert min(twins.with_plan, twins.with_data) > count // 4
    assert len({_log(client.gateway._database) for client in (twins.planned, twins.executed)}) == 1


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ('query ($c: ChainID = 1) { address(address: "%s", chainID: $c) { chainID } }', {"c": None}),
        ('query ($c: ChainID = 7) { address(address: "%s", chainID: $c) { chainID } }', {}),
        ('query ($c: ChainID = null) { profileByHandle(handle: "shiyu", chainID: $c) { handle } }', {}),
        ("query ($h: String!) { profileByHandle(handle: $h) { handle } }", {"h": None}),
        ('query ($n: Int) { profilesByPrefix(prefix: "sh", first: $n) { handle } }', {}),
        ('query ($n: Int) { profilesByPrefix(prefix: "sh", first: $n) { handle } }', {"n": None}),
        ('query ($n: Int = 0) { profilesByPrefix(prefix: "sh", first: $n) { handle } }', {}),
        ("query ($s: Boolean = true) { __typename @skip(if: $s) a: __typename @include(if: $s) }", {}),
        ("query ($s: Boolean = true) { __typename @skip(if: $s) a: __typename }", {"s": None}),
        ("query ($s: Boolean!) { __typename @skip(if: false) @include(if: $s) }", {"s": False}),
    ],
)
def test_nulls_and_defaults_are_those_of_the_executor(
    text: str, variables: dict[str, Any], twins: Twins
) -> None:
    before = twins.with_plan
    twins.check_alike({"query": text.replace("%s", Person("alice").address), "variables": variables})
    assert twins.with_plan == before + 1


def _log(database: Database) -> str:
    with database.read() as connection:
        return str(connection.exec_driver_sql("SELECT * FROM operations ORDER BY position").all())


# --- what goes wrong ---


FAULTS: dict[str, object] = {
    "a fault that is told": GraphQLError("no", extensions={"code": "NO", "retryAfter": 7}),
    "a fault of ours": RuntimeError("no"),
    "a database that is gone": DatabaseUnavailable("GONE"),
    "a commit that failed": OutcomeUnknown("IOERR"),
    "a chain that is asked too often": RpcOverShare("no", 7),
    "nothing": None,
    "something else": object(),
    "a status that is none": SimpleNamespace(status="FINE", ts_in_server=NOW),
    "a time that is none": SimpleNamespace(status="SUCCESS", ts_in_server=None),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", ["follow", "profileByHandle"])
def test_what_goes_wrong_is_told_as_the_executor_tells_it(
    operation: str, fault: str, database: Database, clock: Ticker
) -> None:
    """And a mutation's resolver is called once, whatever it does."""
    calls = []

    def resolve(*_: object, **given: object) -> object:
        calls.append(given)
        found = FAULTS[fault]
        if isinstance(found, Exception):
            raise found
        return found

    answers = []
    for prepare in (lambda gateway: gateway, unplanned):
        client = Client(prepare(create_gateway(database, GatewayConfig(), clock)), clock)
        root = client.gateway._documents.schema.type_map["Mutation" if operation == "follow" else "Query"]
        root.fields[operation].resolve = resolve  # type: ignore[attr-defined]
        text, variables = (
            (
                "mutation ($i: FollowRequest!) { a: follow(input: $i) { at: tsInServer status } }",
                {"i": REQUEST},
            )
            if operation == "follow"
            else (
                '{ a: profileByHandle(handle: "shiyu") { id handle } address(address: "0x1") { address } }',
                {},
            )
        )
        calls.clear()
        response = client.post({"query": text, "variables": variables})
        answers.append((response.status, response.headers, _same(response.body)))
        assert document(client, text).plan is not None or prepare is unplanned
        if operation == "follow":
            assert calls == [{"input": REQUEST}]
    assert answers[0] == answers[1]


REQUEST = dict.fromkeys(("address", "handle", "message", "signature", "signingKey"), "x")


def test_a_query_that_is_asked_again_has_its_whole_budget(
    database: Database, clock: Ticker, alice: Person
) -> None:
    """What its plan read before it failed counts for nothing, and the reply's other members are there."""
    text = (
        'query ($a: AddressEVM!, $b: AddressEVM!) { profileByHandle(handle: "shiyu") { handle } '
        "address(address: $a) { followingCount } b: address(address: $b) { address } }"
    )
    client = Client(create_gateway(database, GatewayConfig(max_rows=2), clock), clock)
    reply = client.ask(text, a=alice.address, b="0x12")
    assert reply["data"] == {
        "profileByHandle": {"handle": "shiyu"},
        "address": {"followingCount": 0},
        "b": None,
    }
