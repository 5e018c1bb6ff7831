"""Reads over the graph: profiles, who follows whom, the proofs. Each takes an open transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from webapp.gateway.tables import edges, follower_counts, following_counts, operations, profiles, signing_keys
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.handle import Handle
from webapp.protocol.log_entries import OperationLogEntry

_BEHIND_EVERY_HANDLE = "\x7f"


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile with its number of followers."""

    handle: str
    profile_id: int
    owner: str
    display_name: str
    bio: str
    avatar: str
    metadata: str
    is_primary: bool
    followers: int


@dataclass(frozen=True, slots=True)
class FollowRow:
    """One follow that holds now; `position` numbers the operation that made it within the whole log."""

    address: str
    handle: str
    position: int


class Side(Enum):
    """The two ends a list of follows can be asked from; the value is the column that names that end."""

    FOLLOWERS = "handle"
    FOLLOWINGS = "address"


_profile = select(
    profiles.c.handle,
    profiles.c.profile_id,
    profiles.c.owner_address,
    profiles.c.display_name,
    profiles.c.bio,
    profiles.c.avatar,
    profiles.c.metadata_location,
    profiles.c.is_primary,
    func.coalesce(follower_counts.c.followers, 0),
).select_from(profiles.outerjoin(follower_counts, follower_counts.c.handle == profiles.c.handle))

_by_handle = _profile.where(profiles.c.handle == bindparam("handle"))
_by_handles = _profile.where(profiles.c.handle.in_(bindparam("handles", expanding=True)))
_by_prefix = (
    _profile.where(profiles.c.handle >= bindparam("low"), profiles.c.handle < bindparam("high"))
    .order_by(profiles.c.handle)
    .limit(bindparam("most"))
)
_by_owner = (
    _profile.where(
        profiles.c.owner_address == bindparam("owner"), profiles.c.profile_id < bindparam("before")
    )
    .order_by(profiles.c.profile_id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_profile_from = (
    select(profiles.c.profile_id)
    .where(profiles.c.owner_address == bindparam("owner"), profiles.c.profile_id >= bindparam("position"))
    .limit(1)
)
_primary = (
    _profile.where(profiles.c.owner_address == bindparam("owner"))
    .order_by(profiles.c.is_primary.desc(), profiles.c.profile_id)
    .limit(1)
)
_owned = select(func.count()).select_from(profiles).where(profiles.c.owner_address == bindparam("owner"))
_follower_count = select(follower_counts.c.followers).where(follower_counts.c.handle == bindparam("key"))
_following_count = select(following_counts.c.followings).where(following_counts.c.address == bindparam("key"))
_is_following = select(edges.c.following).where(
    edges.c.address == bindparam("address"), edges.c.handle == bindparam("handle")
)
_pages = {
    side: select(edges.c.address, edges.c.handle, edges.c.position)
    .where(
        edges.c[side.value] == bindparam("key"),
        edges.c.following.is_(True),
        edges.c.position < bindparam("before"),
    )
    .order_by(edges.c.position.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
    for side in Side
}
_follow_from = {
    side: select(edges.c.position)
    .where(
        edges.c[side.value] == bindparam("key"),
        edges.c.following.is_(True),
        edges.c.position >= bindparam("position"),
    )
    .limit(1)
    for side in Side
}
logged = select(
    operations.c.position,
    operations.c.address,
    operations.c.handle,
    operations.c.sequence,
    operations.c.message,
    operations.c.digest,
    operations.c.signature,
    operations.c.signing_key,
    operations.c.previous_digest,
    operations.c.entry_digest,
    signing_keys.c.authorization_message,
    signing_keys.c.authorization_signature,
).select_from(
    operations.join(
        signing_keys,
        (signing_keys.c.address == operations.c.address)
        & (signing_keys.c.public_key == operations.c.signing_key),
    )
)
"""All that `read_entry` needs of an operation."""

_entries = logged.where(operations.c.position.in_(bindparam("positions", expanding=True)))


def profile_by_handle(connection: Connection, handle: Handle) -> Profile | None:
    """The profile that holds a handle."""
    row = connection.execute(_by_handle, {"handle": handle}).first()
    return None if row is None else Profile(*row)


def profiles_by_handle(connection: Connection, handles: Iterable[str]) -> dict[str, Profile]:
    """The profiles that hold these handles, by handle."""
    rows = connection.execute(_by_handles, {"handles": sorted(set(handles))})
    return {row.handle: Profile(*row) for row in rows}


def profiles_by_prefix(connection: Connection, prefix: str, most: int) -> list[Profile]:
    """Profiles whose handle begins so, in alphabetical order; `prefix` holds letters of handles only."""
    bounds = {"low": prefix, "high": prefix + _BEHIND_EVERY_HANDLE, "most": most}
    return [Profile(*row) for row in connection.execute(_by_prefix, bounds)]


def profiles_of_owner(
    connection: Connection, owner: Address, *, before: int, skip: int, most: int
) -> list[Profile]:
    """Profiles of an address, newest first, beginning below the number `before`, then `skip` further on."""
    of = {"owner": owner.checksummed, "before": before, "skip": skip, "most": most}
    return [Profile(*row) for row in connection.execute(_by_owner, of)]


def any_profile_from(connection: Connection, owner: Address, position: int) -> bool:
    """Whether an address holds a profile with this number or a higher one."""
    found = connection.scalar(_profile_from, {"owner": owner.checksummed, "position": position})
    return found is not None


def count_profiles(connection: Connection, owner: Address) -> int:
    """How many profiles an address holds."""
    return connection.scalar(_owned, {"owner": owner.checksummed}) or 0


def primary_profile(connection: Connection, owner: Address) -> Profile | None:
    """The profile that stands for an address: the one marked so, else the oldest."""
    row = connection.execute(_primary, {"owner": owner.checksummed}).first()
    return None if row is None else Profile(*row)


def is_following(connection: Connection, address: Address, handle: str) -> bool:
    """Whether the address follows the handle now."""
    return bool(connection.scalar(_is_following, {"address": address.checksummed, "handle": handle}))


def count_follows(connection: Connection, side: Side, key: str) -> int:
    """How many follow the handle `key`, or how many the address `key` follows: a maintained counter."""
    statement = _follower_count if side is Side.FOLLOWERS else _following_count
    return connection.scalar(statement, {"key": key}) or 0


def page_of_follows(
    connection: Connection, side: Side, key: str, *, before: int, skip: int, most: int
) -> list[FollowRow]:
    """Follows of one end, newest first, beginning below the position `before` and then `skip` further on."""
    rows = connection.execute(_pages[side], {"key": key, "before": before, "skip": skip, "most": most})
    return [FollowRow(*row) for row in rows]


def any_follow_from(connection: Connection, side: Side, key: str, position: int) -> bool:
    """Whether one end has a follow made at this position or at a higher one."""
    return connection.scalar(_follow_from[side], {"key": key, "position": position}) is not None


def entries_at(connection: Connection, positions: Sequence[int]) -> dict[int, OperationLogEntry]:
    """Log entries by their position in the whole log."""
    rows = connection.execute(_entries, {"positions": positions})
    return {row.position: read_entry(row) for row in rows}


def read_entry(row: Row[*tuple[Any, ...]]) -> OperationLogEntry:
    """Read a row of `logged`."""
    address = Address(row.address)
    return OperationLogEntry(
        address=address,
        handle=row.handle,
        sequence=row.sequence,
        message=row.message,
        digest=row.digest,
        signature=row.signature,
        signing_key=row.signing_key,
        authorization=SigningKeyAuthorization(
            address, row.authorization_message, row.authorization_signature
        ),
        previous_digest=row.previous_digest,
        entry_digest=row.entry_digest,
    )
