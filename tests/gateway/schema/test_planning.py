"""Which documents have a plan: those that nearly all clients send."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.people import Client, Person
from tests.support.wild_documents import GUIDES, SDK_SOURCES, sdk_document
from tests.support.written_documents import SCHEMA
from webapp.gateway.http import service
from webapp.gateway.schema.documents import Document
from webapp.gateway.schema.plans import MutationPlan
from webapp.upstream import documents as site_documents

SITE = {
    name: each for name, each in vars(site_documents).items() if isinstance(each, site_documents.Document)
}
SDK = [
    (version, operation)
    for version in SDK_SOURCES
    for operation in ("follow", "unfollow", "registerSigningKey")
]

assert SCHEMA.mutation_type is not None
MUTATIONS: Mapping[str, Any] = SCHEMA.mutation_type.fields


def document(client: Client, text: str) -> Document:
    return client.gateway._documents.get(text)


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


@pytest.mark.parametrize("field", MUTATIONS)
def test_every_mutation_has_a_plan_in_two_halves(field: str, client: Client) -> None:
    """Who decides stands in between: the arguments come out before, the answer goes in after."""
    definition = MUTATIONS[field]
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
