"""Prepared plans: each answers as GraphQL's executor does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.databases import add_profile, migrated
from tests.support.people import NOW, Client, Person, Ticker, Wallet
from tests.support.written_documents import Writing
from webapp.chain.errors import RpcOverShare
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import Gateway, create_gateway
from webapp.gateway.schema.documents import Document, Documents
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseUnavailable, OutcomeUnknown


class Unplanned(Documents):
    """Every document without its plan."""

    def get(self, text: str) -> Document:
        return replace(super().get(text), plan=None)


def unplanned(gateway: Gateway) -> Gateway:
    gateway._documents = Unplanned(gateway._documents.schema, GatewayConfig())
    return gateway


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
        assert client.gateway._documents.get(text).plan is not None or prepare is unplanned
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
