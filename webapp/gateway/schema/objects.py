"""The fields of the schema's object types: what each is in the value that stands for the object."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from webapp.gateway import graph
from webapp.gateway.arguments import address_argument
from webapp.gateway.graph import Profile, Side
from webapp.gateway.reads.connections import FollowEdge, FollowPage, ProfileEdge, ProfilePage
from webapp.gateway.reads.paging import cursor
from webapp.gateway.reads.reading import Reading
from webapp.gateway.signing_keys import SigningKeyRecord, SigningKeys
from webapp.protocol.address import Address

NAMESPACE = "Countersign"


class Info(Protocol):
    """What a resolver is told beside its arguments, by GraphQL's executor or by a plan."""

    @property
    def context(self) -> Reading:
        """What the request may see."""


Resolver: TypeAlias = Callable[..., Any]
"""Called with the value of the object around, what is being resolved, and the arguments by name."""


@dataclass(frozen=True, slots=True)
class AddressView:
    """An address under the chain that was asked for."""

    address: Address
    chain_id: int


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile under the chain that was asked for."""

    profile: Profile
    chain_id: int


def _is_followed_by_me(view: ProfileView, info: Info, *, me: str) -> bool:
    return graph.is_following(info.context.connection(), address_argument("me", me), view.profile.handle)


def _followers(view: ProfileView, info: Info, **arguments: Any) -> FollowPage:  # noqa: ANN401 (as the SDL types them)
    return FollowPage.read(info.context, Side.FOLLOWERS, view.profile.handle, view.chain_id, arguments)


def _followings(view: AddressView, info: Info, **arguments: Any) -> FollowPage:  # noqa: ANN401 (as the SDL types them)
    return FollowPage.read(info.context, Side.FOLLOWINGS, view.address.checksummed, view.chain_id, arguments)


def _profiles(view: AddressView, info: Info, **arguments: Any) -> ProfilePage:  # noqa: ANN401 (as the SDL types them)
    return ProfilePage.read(info.context, view.address, view.chain_id, arguments)


def _primary_profile(view: AddressView, info: Info) -> ProfileView | None:
    found = graph.primary_profile(info.context.connection(), view.address)
    return None if found is None else ProfileView(found, view.chain_id)


def _following_count(view: AddressView, info: Info) -> int:
    return graph.count_follows(info.context.connection(), Side.FOLLOWINGS, view.address.checksummed)


def signing_keys_of(keys: SigningKeys) -> Resolver:
    """Resolver of the signing keys of an address."""

    def resolve(view: AddressView, info: Info) -> list[SigningKeyRecord]:
        found = keys.listed(info.context.connection(), view.address)
        info.context.spend(len(found))
        return found

    return resolve


def _followed_profile(edge: FollowEdge, info: Info) -> ProfileView | None:
    found = edge.page.profile(info.context, edge.row)
    return None if found is None else ProfileView(found, edge.page.chain_id)


def _shown_profile(edge: ProfileEdge, _info: Info) -> ProfileView:
    return ProfileView(edge.profile, edge.page.chain_id)


def _of(value: Callable[[Any], Any]) -> Resolver:
    return lambda source, _info: value(source)


def _text_of(value: Callable[[Any], str]) -> Resolver:
    """A text whose length somebody else chose."""

    def resolve(source: Any, info: Info) -> str:  # noqa: ANN401 (whatever the SDL says)
        return info.context.text(value(source))

    return resolve


def _itself(source: Any, _info: Info) -> Any:  # noqa: ANN401 (an object seen under another type)
    return source


_POSITION = {
    "totalCount": lambda page, info: page.total(info.context),
    "pageInfo": _of(lambda page: page.info),
}

OBJECTS: dict[str, dict[str, Resolver]] = {
    "FollowResponse": {
        "status": _of(lambda decision: decision.status),
        "tsInServer": _of(lambda decision: decision.ts_in_server),
    },
    "UnFollowResponse": {
        "status": _of(lambda decision: decision.status),
        "tsInServer": _of(lambda decision: decision.ts_in_server),
    },
    "HandleResponse": {
        "status": _of(lambda decision: decision.status),
        "tsInServer": _of(lambda decision: decision.ts_in_server),
    },
    "SigningKeyResponse": {
        "status": _of(lambda decision: decision.status),
        "tsInServer": _of(lambda decision: decision.ts_in_server),
    },
    "RegisterSigningKeyResponse": {"status": _itself},
    "LoginGetMessageResult": {"message": _itself},
    "LoginVerifyResult": {"accessToken": _itself},
    "CreateAPIKeyResult": {"apiKey": _itself},
    "CreateFollowTypedMessageResult": {"message": _itself},
    "Profile": {
        "id": _of(lambda view: str(view.profile.profile_id)),
        "profileID": _of(lambda view: view.profile.profile_id),
        "handle": _of(lambda view: view.profile.handle),
        "owner": _of(lambda view: AddressView(Address(view.profile.owner), view.chain_id)),
        "avatar": _text_of(lambda view: view.profile.avatar),
        "metadata": _of(lambda view: view.profile.metadata),
        "metadataInfo": _of(lambda view: view.profile),
        "namespace": _itself,
        "isPrimary": _of(lambda view: view.profile.is_primary),
        "followerCount": _of(lambda view: view.profile.followers),
        "isFollowedByMe": _is_followed_by_me,
        "followers": _followers,
    },
    "ProfileMetadata": {
        "displayName": _text_of(lambda profile: profile.display_name),
        "bio": _text_of(lambda profile: profile.bio),
        "avatar": _text_of(lambda profile: profile.avatar),
    },
    "Namespace": {
        "name": _of(lambda _: NAMESPACE),
        "chainID": _of(lambda view: view.chain_id),
        "contractAddress": _of(lambda _: ""),
    },
    "Address": {
        "address": _of(lambda view: view.address.checksummed),
        "chainID": _of(lambda view: view.chain_id),
        "wallet": _itself,
        "followingCount": _following_count,
        "followings": _followings,
    },
    "Wallet": {
        "address": _of(lambda view: view.address.checksummed),
        "chainID": _of(lambda view: view.chain_id),
        "profiles": _profiles,
        "primaryProfile": _primary_profile,
    },
    "ProfileConnection": {
        **_POSITION,
        "edges": _of(lambda page: page.edges()),
    },
    "ProfileEdge": {
        "cursor": _of(lambda edge: cursor(edge.page.of, edge.profile.profile_id)),
        "node": _shown_profile,
    },
    "FollowConnection": {**_POSITION, "edges": _of(lambda page: page.edges())},
    "FollowEdge": {"cursor": _of(lambda edge: cursor(edge.page.of, edge.row.position)), "node": _itself},
    "Follow": {
        "address": _of(lambda edge: edge.row.address),
        "follower": _of(lambda edge: AddressView(Address(edge.row.address), edge.page.chain_id)),
        "handle": _of(lambda edge: edge.row.handle),
        "profile": _followed_profile,
        "proof": lambda edge, info: edge.page.entry(info.context, edge.row),
    },
    "PageInfo": {
        "hasNextPage": _of(lambda info: info.has_next_page),
        "hasPreviousPage": _of(lambda info: info.has_previous_page),
        "startCursor": _of(lambda info: info.start_cursor),
        "endCursor": _of(lambda info: info.end_cursor),
    },
    "Proof": {
        "content": _text_of(lambda entry: entry.message),
        "digest": _of(lambda entry: entry.digest),
        "signature": _of(lambda entry: entry.signature),
        "signingKey": _of(lambda entry: entry.signing_key),
        "signingKeyAuth": _of(lambda entry: entry.authorization),
        "arweaveTxHash": _of(lambda _: ""),
        "sequence": _of(lambda entry: entry.sequence),
        "previousDigest": _of(lambda entry: entry.previous_digest),
        "entryDigest": _of(lambda entry: entry.entry_digest),
    },
    "SigningKeyAuth": {
        "address": _of(lambda authorization: authorization.address.checksummed),
        "message": _of(lambda authorization: authorization.message),
        "signature": _text_of(lambda authorization: authorization.signature),
    },
    "SigningKeyRecord": {
        "signingKey": _of(lambda record: record.signing_key),
        "fingerprint": _of(lambda record: record.fingerprint),
        "name": _text_of(lambda record: record.name),
        "entity": _of(lambda record: record.entity),
        "registeredAt": _of(lambda record: record.registered_at),
        "expiresAt": _of(lambda record: record.expires_at),
        "revokedAt": _of(lambda record: record.revoked_at),
    },
}
"""Resolvers by type and field, but for the root fields and what needs more than the request's reading."""
