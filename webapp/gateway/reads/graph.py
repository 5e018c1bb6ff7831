"""Reads over the graph by key, of many keys at once: profiles, who follows whom, the proofs."""

from collections.abc import Collection
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from webapp.gateway.log.entries import logged, read_entry
from webapp.gateway.reads.reading import Reading
from webapp.gateway.tables import (
    edges,
    follower_counts,
    following_counts,
    hidden_profiles,
    operations,
    profiles,
)
from webapp.protocol.log_entries import OperationLogEntry
from webapp.storage.prepared import Lookup, Prepared

BEHIND_ALL = "\x7f"
"""Behind every letter of a handle or an address."""

Key: TypeAlias = ColumnElement[Any]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]


class Profile(NamedTuple):
    """A profile with its number of followers; `profile_id` is its place in the list of its owner's."""

    profile_id: int
    handle: str
    owner: str
    display_name: str
    bio: str
    avatar: str
    metadata: str
    is_primary: int
    followers: int


def _unless_hidden(text: Column[str]) -> Key:
    return case((hidden_profiles.c.handle.is_(None), text), else_=literal_column("''")).label(text.key)


profiled = select(
    profiles.c.profile_id,
    profiles.c.handle,
    profiles.c.owner_address,
    _unless_hidden(profiles.c.display_name),
    _unless_hidden(profiles.c.bio),
    _unless_hidden(profiles.c.avatar),
    profiles.c.metadata_location,
    profiles.c.is_primary,
    func.coalesce(follower_counts.c.followers, 0),
).select_from(
    profiles.outerjoin(follower_counts, follower_counts.c.handle == profiles.c.handle).outerjoin(
        hidden_profiles,
        (hidden_profiles.c.handle == profiles.c.handle)
        & (hidden_profiles.c.owner_address == profiles.c.owner_address),
    )
)
"""All that `Profile` needs; of a profile that is hidden, no texts."""
_others = profiles.alias()


def _primary(owner: Key) -> AnySelect:
    first = (
        select(_others.c.profile_id)
        .where(_others.c.owner_address == owner)
        .order_by(_others.c.is_primary.desc(), _others.c.profile_id)
        .limit(literal_column("1"))
    )
    return profiled.where(profiles.c.owner_address == owner, profiles.c.profile_id == first.scalar_subquery())


def _following_count(address: Key) -> AnySelect:
    of = following_counts.c
    return select(of.address, of.followings).where(of.address == address)


def _followed(handle: Key) -> AnySelect:
    # As a join, or with a condition on `following`, it is looked for among all that the address follows.
    return select(edges.c.handle, edges.c.following).where(
        edges.c.address == bindparam("address"), edges.c.handle.in_(select(handle))
    )


def _following_owner(address: Key) -> AnySelect:
    theirs = select(profiles.c.handle).where(profiles.c.owner_address == bindparam("owner"))
    return select(edges.c.address, edges.c.following).where(
        edges.c.address == address, edges.c.handle.in_(theirs)
    )


_by_handle = Lookup(lambda handle: profiled.where(profiles.c.handle == handle))
_primaries = Lookup(_primary)
_following_counts = Lookup(_following_count)
_followed_handles = Lookup(_followed)
_followers_of_owner = Lookup(_following_owner)
_entries = Lookup(lambda position: logged.where(operations.c.position == position), BigInteger())
_by_prefix = Prepared(
    profiled.where(profiles.c.handle >= bindparam("low"), profiles.c.handle < bindparam("high"))
    .order_by(profiles.c.handle)
    .limit(bindparam("most"))
)


def profiles_by_handle(reading: Reading, handles: Collection[str]) -> dict[str, Profile]:
    """The profiles that hold these handles, by handle."""
    return {row[1]: Profile._make(row) for row in reading.look_up(_by_handle, handles)}


def primary_profiles(reading: Reading, owners: Collection[str]) -> dict[str, Profile]:
    """The profile that stands for each of these addresses: the one marked so, else the oldest."""
    return {row[2]: Profile._make(row) for row in reading.look_up(_primaries, owners)}


def profiles_by_prefix(reading: Reading, prefix: str, most: int) -> list[Profile]:
    """Profiles whose handle begins so, in alphabetical order; `prefix` holds letters of handles only."""
    high = prefix + BEHIND_ALL
    return [Profile._make(row) for row in reading.rows(_by_prefix, low=prefix, high=high, most=most)]


def followed(reading: Reading, address: str, handles: Collection[str]) -> set[str]:
    """Those of the handles that an address follows now."""
    rows = reading.look_up(_followed_handles, handles, address=address)
    return {handle for handle, following in rows if following}


def followers_of_owner(reading: Reading, owner: str, addresses: Collection[str]) -> set[str]:
    """Those of the addresses that follow any handle of `owner`'s now."""
    rows = reading.look_up(_followers_of_owner, addresses, owner=owner)
    return {address for address, following in rows if following}


def following_counts_of(reading: Reading, addresses: Collection[str]) -> dict[str, int]:
    """How many handles each of these addresses follows, where it ever followed any: a maintained counter."""
    return dict(reading.look_up(_following_counts, addresses))


def entries_at(reading: Reading, positions: Collection[int]) -> dict[int, OperationLogEntry]:
    """Log entries by their position in the whole log."""
    return {row[3]: read_entry(row) for row in reading.look_up(_entries, positions)}
