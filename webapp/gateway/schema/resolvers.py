"""Between GraphQL and the gateway's own types: the root fields, and all joined to the SDL."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema

from webapp.gateway.arguments import ArgumentError, address_argument, digest_argument
from webapp.gateway.log.operation_log import Decided, Log
from webapp.gateway.reads import graph, lists
from webapp.gateway.reads.pages import Page, key_operation_with, operation_with, page_of
from webapp.gateway.reads.paging import PageRequest
from webapp.gateway.reads.reading import Siblings
from webapp.gateway.schema.objects import (
    OBJECTS,
    AddressView,
    Info,
    LogEntryView,
    ProfileView,
    Resolver,
    signing_keys_of,
    views,
)
from webapp.gateway.signing_keys import SigningKeys
from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle
from webapp.protocol.message import Operation, compose_message
from webapp.protocol.submissions import REGISTER, SIGNED, Fields, read

LARGEST_BATCH = 100
MOST_SUGGESTIONS = 20
DEFAULT_CHAIN = 1

_PREFIX = re.compile(r"[a-z0-9_-]{1,20}")


def install_resolvers(
    schema: GraphQLSchema,
    log: Log,
    keys: SigningKeys,
    others: Mapping[str, Resolver],
    *,
    decided: Callable[[str, str], None],
    next_ts: Callable[[object, object], int],
) -> None:
    """Give every field of the schema its resolver.

    Args:
        schema: As built from the SDL.
        log: Decides what is signed.
        keys: Decides registrations and lists keys.
        others: Mutations that have a module of their own, by name.
        decided: Told the name of every mutation that was decided, and its status.
        next_ts: Gives the `ts` of an address's next message about a handle, whatever these are.

    Raises:
        LookupError: The SDL has a field without a resolver, or the other way round.
    """
    mutations: dict[str, Resolver] = {name: _signed(log, name, decided) for name in SIGNED}
    mutations |= others
    mutations[REGISTER] = _registering(keys, decided)
    address = {**OBJECTS["Address"], "signingKeys": signing_keys_of(keys)}
    resolvers = {**OBJECTS, "Mutation": mutations, "Query": _queries(next_ts), "Address": address}
    for name, definition in schema.type_map.items():
        if not isinstance(definition, GraphQLObjectType) or name.startswith("__"):
            continue
        fields = resolvers.pop(name, {})
        if definition.fields.keys() != fields.keys():
            raise LookupError(f"{name}: the fields of the SDL and of the resolvers differ")
        for field, resolver in fields.items():
            definition.fields[field].resolve = resolver
    if resolvers:
        raise LookupError(f"{', '.join(resolvers)}: not in the SDL")


def _signed(log: Log, name: str, decided: Callable[[str, str], None]) -> Resolver:
    """A mutation as GraphQL's executor and others who hold a thread have it decided."""

    def resolve(_root: None, info: Info, *, input: Fields) -> Decided:  # noqa: A002 (the SDL's name)
        decision = log.take_and_wait(name, input)
        decided(name, decision.status)
        info.context.retry_after = decision.retry_after
        return decision

    return resolve


def _registering(keys: SigningKeys, decided: Callable[[str, str], None]) -> Resolver:
    def register(_root: None, info: Info, *, input: Fields) -> str:  # noqa: A002 (the SDL's name)
        bearer = info.context.caller.bearer
        status = keys.register({**input, "bearer": bearer and bearer.checksummed})
        decided(REGISTER, status)
        return status

    return register


def _queries(next_ts: Callable[[object, object], int]) -> dict[str, Resolver]:
    def create_follow_typed_message(_root: None, _info: Info, *, input: Fields) -> str:  # noqa: A002 (the SDL's name)
        address, handle = input["address"], input["handle"]
        return compose_message(Operation[input["operation"]], address, handle, next_ts(address, handle))

    return {
        "profileByHandle": _profile_by_handle,
        "address": _address,
        "batchGetAddresses": _batch_get_addresses,
        "createFollowTypedMessage": create_follow_typed_message,
        "profilesByPrefix": _profiles_by_prefix,
        "profilesByHandles": _profiles_by_handles,
        "profiles": _all_profiles,
        "proof": _log_entry,
    }


def _profile_by_handle(
    _root: None,
    info: Info,
    *,
    chainID: int | None,  # noqa: N803 (the SDL's name)
    handle: str,
) -> ProfileView | None:
    try:
        wanted = parse_handle(handle)
    except HandleError:
        return None
    found = graph.profiles_by_handle(info.context, (wanted,))
    return views(found.items(), chainID or DEFAULT_CHAIN).get(wanted)


def _address(
    _root: None,
    _info: Info,
    *,
    address: str,
    chainID: int,  # noqa: N803 (the SDL's name)
) -> AddressView:
    found = address_argument("address", address).checksummed
    return AddressView(found, Siblings(chainID, (found,)))


def _batch_get_addresses(
    _root: None,
    _info: Info,
    *,
    addresses: list[str],
    chainID: int,  # noqa: N803 (the SDL's name)
) -> list[AddressView]:
    if len(addresses) > LARGEST_BATCH:
        raise ArgumentError("addresses", f"at most {LARGEST_BATCH}")
    found = [
        address_argument(f"addresses[{place}]", address).checksummed
        for place, address in enumerate(addresses)
    ]
    beside = Siblings(chainID, found)
    return [AddressView(address, beside) for address in found]


def _profiles_by_prefix(_root: None, info: Info, *, prefix: str, first: int | None) -> list[ProfileView]:
    request = PageRequest.parse("profilesByPrefix", int, first=first)
    if not _PREFIX.fullmatch(prefix):
        return []
    most = min(request.size, MOST_SUGGESTIONS)
    found = graph.profiles_by_prefix(info.context, prefix, most)
    return list(views(enumerate(found), DEFAULT_CHAIN).values())


def _profiles_by_handles(_root: None, info: Info, *, handles: list[str]) -> list[ProfileView | None]:
    if len(handles) > LARGEST_BATCH:
        raise ArgumentError("handles", f"at most {LARGEST_BATCH}")
    wanted = {handle for handle in handles if read(parse_handle, handle) is not None}
    found = views(graph.profiles_by_handle(info.context, wanted).items(), DEFAULT_CHAIN) if wanted else {}
    return [found.get(handle) for handle in handles]


_ORDERS = {"NEWEST": lists.NEWEST_PROFILES, "MOST_FOLLOWED": lists.MOST_FOLLOWED_PROFILES}


def _all_profiles(
    _root: None,
    info: Info,
    *,
    order: str,
    search: str | None = None,
    **arguments: Any,  # noqa: ANN401 (as the SDL types them)
) -> Page[graph.Profile]:
    listed, wanted = _ORDERS[order], None
    if search:
        listed, wanted = lists.PROFILES_BEGINNING, lists.Beginning.of(search)
    return page_of(info.context, listed, "", DEFAULT_CHAIN, arguments, search=wanted)


def _log_entry(_root: None, info: Info, *, entryDigest: str) -> LogEntryView | None:  # noqa: N803 (the SDL's name)
    digest = digest_argument("entryDigest", entryDigest)
    operation = operation_with(info.context, digest, DEFAULT_CHAIN)
    if operation is not None:
        return LogEntryView(operation, None)
    about_key = key_operation_with(info.context, digest, DEFAULT_CHAIN)
    return None if about_key is None else LogEntryView(None, about_key)
