"""The fields of the schema's object types: what each is in the value that stands for the object."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from webapp.gateway.arguments import ArgumentError, address_argument
from webapp.gateway.log.entries import LoggedKeyOperation
from webapp.gateway.reads import graph, lists
from webapp.gateway.reads.graph import Profile
from webapp.gateway.reads.key_uses import last_uses
from webapp.gateway.reads.lists import Block, Follow
from webapp.gateway.reads.pages import (
    Edge,
    OperationRow,
    Page,
    all_operations_of,
    key_operations_of,
    operations_of,
    page_of,
)
from webapp.gateway.reads.paging import cursor
from webapp.gateway.reads.reading import Reading, Siblings
from webapp.gateway.signing_keys import SigningKeyRecord, SigningKeys
from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle
from webapp.protocol.log_entries import OperationLogEntry

NAMESPACE = "Countersign"
T = TypeVar("T")


class Info(Protocol):
    """What a resolver is told beside its arguments, by GraphQL's executor or by a plan."""

    @property
    def context(self) -> Reading:
        """What the request may see."""


Resolver: TypeAlias = Callable[..., Any]
"""Called with the value of the object around, what is being resolved, and the arguments by name."""


class AddressView(NamedTuple):
    """An address in EIP-55 spelling, and those that are answered beside it."""

    address: str
    beside: Siblings[str]


class LogEntryView(NamedTuple):
    """An entry that was found by its digest, in the log of one kind or of the other."""

    operation: Edge[OperationRow] | None
    key_operation: Edge[LoggedKeyOperation] | None


class SigningKeyView(NamedTuple):
    """A signing key, whose it is, and those that are answered beside it."""

    key: SigningKeyRecord
    address: str
    beside: Siblings[SigningKeyRecord]


class ProfileView(NamedTuple):
    """A profile, and those that are answered beside it."""

    profile: Profile
    beside: Siblings[Profile]


def views(profiles: Iterable[tuple[T, Profile]], chain_id: int) -> dict[T, ProfileView]:
    """Profiles that are answered side by side, by whatever they are found by."""
    found = dict(profiles)
    beside = Siblings(chain_id, found.values())
    return {key: ProfileView(profile, beside) for key, profile in found.items()}


def _is_followed_by_me(view: ProfileView, info: Info, *, me: str) -> bool:
    address = address_argument("me", me).checksummed
    followed = view.beside.all(
        ("followed by", address),
        lambda profiles: graph.followed(info.context, address, {each.handle for each in profiles}),
    )
    return view.profile.handle in followed


def _owner(view: ProfileView, _info: Info) -> AddressView:
    owners = view.beside.all(
        "owners", lambda profiles: Siblings(view.beside.chain_id, {each.owner for each in profiles})
    )
    return AddressView(view.profile.owner, owners)


_FOLLOWERS = {"NEWEST": lists.FOLLOWERS, "OLDEST": lists.OLDEST_FOLLOWERS}
_FOLLOWINGS = {
    "NEWEST": lists.FOLLOWINGS,
    "OLDEST": lists.OLDEST_FOLLOWINGS,
    "HANDLE": lists.FOLLOWINGS_BY_HANDLE,
}


def _followers(
    view: ProfileView,
    info: Info,
    *,
    order: str,
    search: str | None = None,
    **arguments: Any,  # noqa: ANN401 (as the SDL types them)
) -> Page[Follow]:
    listed, wanted = _FOLLOWERS[order], None
    if search:
        listed, wanted = lists.FOLLOWERS_BEGINNING, lists.follower_searched(info.context, search)
    return page_of(info.context, listed, view.profile.handle, view.beside.chain_id, arguments, search=wanted)


def _followings(
    view: AddressView,
    info: Info,
    *,
    order: str,
    search: str | None = None,
    **arguments: Any,  # noqa: ANN401 (as the SDL types them)
) -> Page[Follow]:
    listed, wanted = _FOLLOWINGS[order], None
    if search:
        listed, wanted = lists.FOLLOWINGS_BEGINNING, lists.Beginning.of(search)
    return page_of(info.context, listed, view.address, view.beside.chain_id, arguments, search=wanted)


def _blocked(view: ProfileView, info: Info, **arguments: Any) -> Page[Block]:  # noqa: ANN401 (as the SDL types them)
    return page_of(info.context, lists.BLOCKED, view.profile.handle, view.beside.chain_id, arguments)


def _profiles(view: AddressView, info: Info, **arguments: Any) -> Page[Profile]:  # noqa: ANN401 (as the SDL types them)
    return page_of(info.context, lists.PROFILES, view.address, view.beside.chain_id, arguments)


def _operations(
    view: AddressView,
    info: Info,
    *,
    handle: str | None = None,
    **arguments: Any,  # noqa: ANN401 (as the SDL types them)
) -> Page[OperationRow]:
    if handle is None:
        return all_operations_of(info.context, view.address, view.beside.chain_id, arguments)
    try:
        wanted = parse_handle(handle)
    except HandleError as error:
        raise ArgumentError(error.field, error.expected) from None
    return operations_of(info.context, view.address, wanted, view.beside.chain_id, arguments)


def _key_operations(view: AddressView, info: Info, **arguments: Any) -> Page[LoggedKeyOperation]:  # noqa: ANN401 (as the SDL types them)
    return key_operations_of(info.context, view.address, view.beside.chain_id, arguments)


def _primary_profile(view: AddressView, info: Info) -> ProfileView | None:
    return view.beside.all(
        "primary profiles",
        lambda owners: views(graph.primary_profiles(info.context, set(owners)).items(), view.beside.chain_id),
    ).get(view.address)


def _following_count(view: AddressView, info: Info) -> int:
    return view.beside.all(
        "following counts", lambda addresses: graph.following_counts_of(info.context, set(addresses))
    ).get(view.address, 0)


def _follows_handle_of(view: AddressView, info: Info, *, owner: str) -> bool:
    other = address_argument("owner", owner).checksummed
    return view.address in view.beside.all(
        ("following", other),
        lambda addresses: graph.followers_of_owner(info.context, other, set(addresses)),
    )


def signing_keys_of(keys: SigningKeys) -> Resolver:
    """Resolver of the signing keys of an address."""

    def resolve(view: AddressView, info: Info) -> list[SigningKeyView]:
        info.context.spend(1)
        found = keys.listed(info.context.snapshot, view.address)
        info.context.spend(len(found))
        beside = Siblings(view.beside.chain_id, found)
        return [SigningKeyView(key, view.address, beside) for key in found]

    return resolve


def _last_used_at(view: SigningKeyView, info: Info) -> int | None:
    uses = view.beside.all("last uses", lambda _keys: last_uses(info.context, view.address))
    return uses.get(view.key.signing_key)


def _follower(edge: Edge[Follow] | Edge[Block], _info: Info) -> AddressView:
    beside: Siblings[Any] = edge.page.beside
    addresses = beside.all(
        "followers", lambda rows: Siblings(beside.chain_id, {each.address for each in rows})
    )
    return AddressView(edge.row.address, addresses)


def _followed_profile(edge: Edge[Follow], info: Info) -> ProfileView | None:
    beside = edge.page.beside
    return beside.all(
        "profiles",
        lambda rows: views(
            graph.profiles_by_handle(info.context, {each.handle for each in rows}).items(), beside.chain_id
        ),
    ).get(edge.row.handle)


def _proof(edge: Edge[Follow] | Edge[Block] | Edge[OperationRow], info: Info) -> OperationLogEntry:
    beside: Siblings[Any] = edge.page.beside
    entries = beside.all(
        "entries", lambda rows: graph.entries_at(info.context, {each.position for each in rows})
    )
    return entries[edge.row.position]


def _of(value: str | Callable[[Any], Any]) -> Resolver:
    """A member, by its dotted name, or whatever else is known without asking."""
    found = attrgetter(value) if isinstance(value, str) else value
    return lambda source, _info: found(source)


def _text_of(name: str) -> Resolver:
    """A member that is a text whose length somebody else chose."""
    found = attrgetter(name)
    return lambda source, info: info.context.text(found(source))


def _itself(source: Any, _info: Info) -> Any:  # noqa: ANN401 (an object seen under another type)
    return source


_CONNECTION = {
    "totalCount": _of("total"),
    "pageInfo": _of("info"),
    "edges": _of(lambda page: page.edges()),
}
_DECISION = {
    "status": _of("status"),
    "tsInServer": _of("ts_in_server"),
}
_EDGE = {"cursor": _of(lambda edge: cursor(edge.page.of, edge.place)), "node": _itself}
_ACCEPTED = {
    "sequence": _of("row.sequence"),
    "op": _of("row.op"),
    "ts": _of("row.ts"),
    "acceptedAt": _of("row.received_at"),
}
_PROOF = {
    "content": _text_of("message"),
    "digest": _of("digest"),
    "signature": _of("signature"),
    "signingKeyAuth": _of("authorization"),
    "sequence": _of("sequence"),
    "previousDigest": _of("previous_digest"),
    "entryDigest": _of("entry_digest"),
}

OBJECTS: dict[str, dict[str, Resolver]] = {
    **dict.fromkeys(
        ("FollowResponse", "UnFollowResponse", "HandleResponse", "SigningKeyResponse"), _DECISION
    ),
    "RegisterSigningKeyResponse": {"status": _itself},
    "LoginGetMessageResult": {"message": _itself},
    "LoginVerifyResult": {"accessToken": _itself},
    "CreateAPIKeyResult": {"apiKey": _itself},
    "CreateFollowTypedMessageResult": {"message": _itself},
    "Profile": {
        "id": _of(lambda view: str(view.profile.profile_id)),
        "profileID": _of("profile.profile_id"),
        "handle": _of("profile.handle"),
        "owner": _owner,
        "avatar": _text_of("profile.avatar"),
        "metadata": _of("profile.metadata"),
        "metadataInfo": _of("profile"),
        "namespace": _itself,
        "isPrimary": _of(lambda view: bool(view.profile.is_primary)),
        "followerCount": _of("profile.followers"),
        "isFollowedByMe": _is_followed_by_me,
        "followers": _followers,
        "blocked": _blocked,
    },
    "ProfileMetadata": {
        "displayName": _text_of("display_name"),
        "bio": _text_of("bio"),
        "avatar": _text_of("avatar"),
    },
    "Namespace": {
        "name": _of(lambda _: NAMESPACE),
        "chainID": _of("beside.chain_id"),
        "contractAddress": _of(lambda _: ""),
    },
    "Address": {
        "address": _of("address"),
        "chainID": _of("beside.chain_id"),
        "wallet": _itself,
        "followingCount": _following_count,
        "followsHandleOf": _follows_handle_of,
        "followings": _followings,
        "operations": _operations,
        "keyOperations": _key_operations,
    },
    "Wallet": {
        "address": _of("address"),
        "chainID": _of("beside.chain_id"),
        "profiles": _profiles,
        "primaryProfile": _primary_profile,
    },
    **dict.fromkeys(
        (
            "ProfileConnection",
            "FollowConnection",
            "BlockConnection",
            "OperationConnection",
            "KeyOperationConnection",
        ),
        _CONNECTION,
    ),
    "ProfileEdge": {**_EDGE, "node": _of(lambda edge: ProfileView(edge.row, edge.page.beside))},
    **dict.fromkeys(("FollowEdge", "BlockEdge", "OperationEdge", "KeyOperationEdge"), _EDGE),
    "Follow": {
        "address": _of("row.address"),
        "follower": _follower,
        "handle": _of("row.handle"),
        "profile": _followed_profile,
        "proof": _proof,
    },
    "Block": {"follower": _follower, "handle": _of("row.handle"), "proof": _proof},
    "Operation": {
        **_ACCEPTED,
        "address": _of("row.address"),
        "handle": _of("row.handle"),
        "proof": _proof,
    },
    "KeyOperation": {
        **_ACCEPTED,
        "address": _of("row.entry.address.checksummed"),
        "signingKey": _of("row.signing_key"),
        "proof": _of("row.entry"),
    },
    "LogEntry": {"operation": _of("operation"), "keyOperation": _of("key_operation")},
    "PageInfo": {
        "hasNextPage": _of("has_next_page"),
        "hasPreviousPage": _of("has_previous_page"),
        "startCursor": _of("start_cursor"),
        "endCursor": _of("end_cursor"),
    },
    "Proof": {
        **_PROOF,
        "signingKey": _of("signing_key"),
        "arweaveTxHash": _of(lambda _: ""),
    },
    "KeyProof": {**_PROOF, "authorizedBy": _of("authorized_by")},
    "SigningKeyAuth": {
        "address": _of("address.checksummed"),
        "message": _of("message"),
        "signature": _text_of("signature"),
    },
    "SigningKeyRecord": {
        "signingKey": _of("key.signing_key"),
        "fingerprint": _of("key.fingerprint"),
        "name": _text_of("key.name"),
        "entity": _of("key.entity"),
        "registeredAt": _of("key.registered_at"),
        "expiresAt": _of("key.expires_at"),
        "revokedAt": _of("key.revoked_at"),
        "lastUsedAt": _last_used_at,
    },
}
"""Resolvers by type and field, but for the root fields and what needs more than the request's reading."""
