"""The SDL: one home, described throughout, and of one mind with the protocol."""

from enum import StrEnum
from functools import partial
from importlib.resources import files

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    is_specified_scalar_type,
)

from webapp.gateway.config import LoginConfig
from webapp.gateway.http.service import schema_text
from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.login.access_tokens import AccessTokens
from webapp.gateway.login.logins import Logins
from webapp.gateway.schema.login_mutations import login_mutations
from webapp.gateway.schema.resolvers import install_resolvers
from webapp.gateway.signing_keys import SigningKeys
from webapp.protocol.facts import Policy
from webapp.protocol.status import HandleStatus, RegistrationStatus, SigningKeyStatus, Status
from webapp.storage.database import Database

SCHEMA = build_schema(schema_text())
OWN_TYPES = [
    definition
    for name, definition in SCHEMA.type_map.items()
    if not name.startswith("__") and not is_specified_scalar_type(definition)
]


@pytest.mark.parametrize("own", [Status, RegistrationStatus, HandleStatus, SigningKeyStatus])
def test_the_sdl_has_the_protocols_statuses_in_its_order(own: type[StrEnum]) -> None:
    definition = SCHEMA.type_map[own.__name__]
    assert isinstance(definition, GraphQLEnumType)
    assert list(definition.values) == [status.value for status in own]


@pytest.mark.parametrize("definition", OWN_TYPES, ids=str)
def test_everything_is_described(definition: GraphQLNamedType) -> None:
    """Every type, field, argument and enum value, in a sentence."""
    described = {str(definition): definition.description}
    if isinstance(definition, GraphQLEnumType):
        described |= {name: value.description for name, value in definition.values.items()}
    if isinstance(definition, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in definition.fields.items():
            described[name] = field.description
            for argument, value in getattr(field, "args", {}).items():
                described[f"{name}({argument})"] = value.description
    for name, description in described.items():
        assert description, name
        assert description.strip().endswith((".", "?")), name


REFERENCE = {
    "FollowRequest": {
        "address": "AddressEVM!",
        "handle": "String!",
        "message": "String!",
        "signature": "String!",
        "signingKey": "String!",
    },
    "UnFollowRequest": {
        "address": "String!",
        "handle": "String!",
        "message": "String!",
        "signature": "String!",
        "signingKey": "String!",
    },
    "RegisterSigningKeyRequest": {
        "address": "String!",
        "message": "String!",
        "signature": "String!",
        "appId": "String",
    },
    "LoginGetMessageInput": {"domain": "String!", "address": "AddressEVM!", "chainID": "ChainID!"},
    "LoginVerifyInput": {
        "domain": "String!",
        "address": "AddressEVM!",
        "chainID": "ChainID!",
        "signature": "String!",
        "isEIP1271": "Boolean",
    },
    "CreateAPIKeyInput": {"email": "String!", "twitterID": "String!", "origin": "String!"},
    "CreateFollowTypedMessageInput": {
        "address": "String!",
        "handle": "String!",
        "operation": "FollowOperation!",
    },
}


@pytest.mark.parametrize("name", REFERENCE)
def test_input_types_are_the_references(name: str) -> None:
    definition = SCHEMA.type_map[name]
    assert isinstance(definition, GraphQLInputObjectType)
    assert {field: str(value.type) for field, value in definition.fields.items()} == REFERENCE[name]


def test_arguments_are_the_references() -> None:
    """`chainID` is what the reference types it as, with a default: documents with and without it validate."""
    query, mutation = SCHEMA.query_type, SCHEMA.mutation_type
    assert query is not None
    assert mutation is not None
    arguments = {
        name: {argument: str(value.type) for argument, value in field.args.items()}
        for name, field in (query.fields | mutation.fields).items()
    }
    for ours in (
        "profilesByPrefix",
        "profilesByHandles",
        "profiles",
        "proof",
        "claimHandle",
        "releaseHandle",
        "updateProfile",
        "removeFollower",
        "blockFollower",
        "unblockFollower",
        "revokeSigningKey",
        "renameSigningKey",
        "renewSigningKey",
    ):
        arguments.pop(ours)
    assert arguments == {
        "profileByHandle": {"chainID": "ChainID", "handle": "String!"},
        "address": {"address": "AddressEVM!", "chainID": "ChainID!"},
        "batchGetAddresses": {"addresses": "[AddressEVM!]!", "chainID": "ChainID!"},
        "createFollowTypedMessage": {"input": "CreateFollowTypedMessageInput!"},
        "follow": {"input": "FollowRequest!"},
        "unfollow": {"input": "UnFollowRequest!"},
        "registerSigningKey": {"input": "RegisterSigningKeyRequest!"},
        "loginGetMessage": {"input": "LoginGetMessageInput!"},
        "loginVerify": {"input": "LoginVerifyInput!"},
        "createAPIKey": {"input": "CreateAPIKeyInput!"},
    }


@pytest.mark.parametrize(
    ("written", "rewritten"),
    [
        ("  bio: String!", "  bio: String!\n  more: String"),
        ("  bio: String!", "  about: String!"),
        ("type ProfileMetadata", "type Unknown { x: Int }\ntype ProfileMetadata"),
    ],
)
def test_a_field_without_a_resolver_is_noticed_at_the_start(
    written: str, rewritten: str, database: Database
) -> None:
    schema = build_schema(schema_text().replace(written, rewritten, 1), assume_valid=True)
    log = OperationLog(database, Policy(), 1, lambda: 0)
    keys = SigningKeys(database, log, Policy(), lambda: 0)
    logins = Logins(database, LoginConfig(), AccessTokens(None, 1, lambda: 0), lambda: 0, None)
    others = login_mutations(logins, None)
    install = partial(install_resolvers, decided=lambda *_: None, next_ts=lambda *_: 0)
    install(build_schema(schema_text()), log, keys, others)
    with pytest.raises(LookupError):
        install(schema, log, keys, others)


def test_the_sdl_is_the_packages() -> None:
    assert files("webapp.gateway.schema").joinpath("schema.graphql").is_file()
