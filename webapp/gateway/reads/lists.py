"""Lists of the graph that are read in pages: followers and followings, blocks, profiles."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Column, String, bindparam, case, exists, func, literal_column, select, true

from webapp.gateway.arguments import ArgumentError
from webapp.gateway.reads.graph import BEHIND_ALL, AnySelect, Key, Profile, profiled, profiles_by_handle
from webapp.gateway.reads.paging import FIRST_POSITION, MOST_COUNTED
from webapp.gateway.reads.reading import Reading
from webapp.gateway.tables import (
    address_letters,
    blocks,
    edges,
    followed_rank,
    follower_counts,
    following_counts,
    profiles,
)
from webapp.protocol.handle import parse_handle
from webapp.protocol.submissions import read
from webapp.storage.prepared import Prepared

_LETTERS = re.compile(r"[a-z0-9_-]{1,42}")
_DIGITS = re.compile(r"0[xX][0-9a-fA-F]{0,40}")
FEWEST_DIGITS = 3
"""One of 4,096 addresses begins so: of a million, 250 are looked up among those that follow."""

RowT = TypeVar("RowT")


class Follow(NamedTuple):
    """One follow that holds now; `position` numbers the operation that made it within the whole log."""

    position: int
    address: str
    handle: str


class Block(NamedTuple):
    """A block that stands; `position` numbers the operation that made it within the whole log."""

    position: int
    address: str  # who is blocked
    handle: str


class Beginning(NamedTuple):
    """How texts begin that are searched for; `start` comes just before all of them, and `end` just behind."""

    text: str
    start: str
    end: str

    @classmethod
    def of(cls, text: str) -> "Beginning":
        """Begin with `text`, of letters of handles or of addresses; with any others, nothing begins."""
        if not _LETTERS.fullmatch(text):
            return cls("", BEHIND_ALL, BEHIND_ALL)
        return cls(text, text[:-1] + chr(ord(text[-1]) - 1) + BEHIND_ALL, text + BEHIND_ALL)


def follower_searched(reading: Reading, search: str) -> Beginning:
    """How the addresses begin that are searched for among followers.

    Args:
        reading: What the request may see.
        search: 0x and digits of an address, or the whole of a handle, for the address that holds it.

    Raises:
        ArgumentError: There are so few digits that many addresses that do not follow would be looked at.
    """
    if _DIGITS.fullmatch(search):
        if len(search) < len("0x") + FEWEST_DIGITS:
            raise ArgumentError("search", f"a handle, or 0x and at least {FEWEST_DIGITS} hex digits")
        return Beginning.of(search.lower())
    found = profiles_by_handle(reading, (search,)) if read(parse_handle, search) is not None else {}
    return Beginning.of(found[search].owner.lower() if search in found else "")


class Listed(Generic[RowT]):
    """A list that is read in pages: follows of one end, profiles of an owner, all profiles.

    `page` gives a row for each entry of a page: the list's length, whether anything precedes the page, the
    entry's place and the rest of it; or one row with nulls behind the first two, where the page is empty.

    Attributes:
        name: Of all lists of this kind, for cursors.
        row: Makes an entry of a row.
        place: Whether entries stand by a number or by a text.
        counted: Whether the length is counted anew, and no further than `MOST_COUNTED`.
        page: The statement.
    """

    def __init__(
        self,
        name: str,
        row: Callable[[Sequence[Any]], RowT],
        entries: AnySelect,
        by: Key,
        total: AnySelect | None = None,
        *,
        place: type[Any] = int,
        rising: bool = False,
        searched: bool = False,
        bounded: bool = False,
    ) -> None:
        """Prepare the statement.

        Args:
            name: Of all lists of this kind, for cursors.
            row: Makes an entry of a row of `entries`.
            entries: All of a list, with its key as a parameter.
            by: Differs from entry to entry, and orders them by an index.
            total: How many there are; None: they are counted.
            place: What `by` is.
            rising: Whether the smallest comes first.
            searched: Whether only those are wanted that begin in some way.
            bounded: Whether `total` is counted anew, and no further than `MOST_COUNTED`.
        """
        self.name, self.row, self.place, self.counted = name, row, place, bounded or total is None
        after: Key = bindparam("after", type_=String() if place is str else BigInteger())
        skip = bindparam("skip", type_=BigInteger())
        first: Key
        if searched:
            first, entries = bindparam("start"), entries.where(by < bindparam("end"))
        else:
            first = literal_column("''" if place is str else "-1") if rising else _ABOVE_ALL
        beyond = func.coalesce(after, first)
        all_of_them: AnySelect = entries.with_only_columns(literal_column("1")).where(
            by > first if rising else by < first
        )
        length = func.coalesce((counted(all_of_them) if total is None else total).scalar_subquery(), 0)
        placed = entries.with_only_columns(by.label("place"), *entries.selected_columns)
        order = by if rising else by.desc()
        shown = (
            placed.where(by > beyond if rising else by < beyond)
            .order_by(order)
            # Where there are not so many as are to be passed over, none is: the limit is looked at once.
            .limit(case(((skip == 0) | (skip < length), bindparam("most")), else_=literal_column("0")))
            .offset(skip)
            .subquery()
        )
        before = exists(all_of_them.where(by <= after if rising else by >= after))
        preceded = case((after.is_(None), (skip > 0) & (length > 0)), else_=before)
        one = select(literal_column("1").label("one")).subquery()
        self.page = Prepared(
            select(length, preceded, shown)
            .select_from(one.outerjoin(shown, true()))
            .order_by(shown.c.place if rising else shown.c.place.desc())
        )


_ABOVE_ALL: Key = literal_column(str(FIRST_POSITION))


def counted(entries: AnySelect) -> AnySelect:
    """Count entries, no further than `MOST_COUNTED`."""
    return select(func.count()).select_from(entries.limit(literal_column(str(MOST_COUNTED))).subquery())


def _follows(end: Column[str]) -> AnySelect:
    return select(edges.c.position, edges.c.address, edges.c.handle).where(
        end == bindparam("key"), edges.c.following.is_(True)
    )


_KEY: Key = bindparam("key")

_followers = (
    _follows(edges.c.handle),
    edges.c.position,
    select(follower_counts.c.followers).where(follower_counts.c.handle == _KEY),
)
FOLLOWERS = Listed("FOLLOWERS", Follow._make, *_followers)
"""Who follows a handle, newest first."""
OLDEST_FOLLOWERS = Listed("OLDEST FOLLOWERS", Follow._make, *_followers, rising=True)
"""Who follows a handle, oldest first."""
FOLLOWERS_BEGINNING = Listed(
    "FOLLOWERS BEGINNING",
    Follow._make,
    select(edges.c.position, edges.c.address, edges.c.handle)
    .join(following_counts, following_counts.c.address == edges.c.address)
    # Not said as the index of all followers has it: the pairs of the addresses found are looked up instead.
    .where(edges.c.handle == _KEY, edges.c.following == true()),
    address_letters,
    place=str,
    rising=True,
    searched=True,
)
"""Who follows a handle with an address that begins in some way, by the addresses."""
_followings = select(following_counts.c.followings).where(following_counts.c.address == _KEY)
FOLLOWINGS = Listed("FOLLOWINGS", Follow._make, _follows(edges.c.address), edges.c.position, _followings)
"""Whom an address follows, newest first."""
OLDEST_FOLLOWINGS = Listed(
    "OLDEST FOLLOWINGS", Follow._make, _follows(edges.c.address), edges.c.position, _followings, rising=True
)
"""Whom an address follows, oldest first."""
FOLLOWINGS_BY_HANDLE = Listed(
    "FOLLOWINGS BY HANDLE",
    Follow._make,
    _follows(edges.c.address),
    edges.c.handle,
    _followings,
    place=str,
    rising=True,
)
"""Whom an address follows, by their handles."""
FOLLOWINGS_BEGINNING = Listed(
    "FOLLOWINGS BEGINNING",
    Follow._make,
    _follows(edges.c.address),
    edges.c.handle,
    place=str,
    rising=True,
    searched=True,
)
"""Whom an address follows with a handle that begins in some way, by the handles."""
BLOCKED = Listed(
    "BLOCKED",
    Block._make,
    select(blocks.c.position, blocks.c.follower, blocks.c.handle).where(
        blocks.c.handle == _KEY,
        blocks.c.address
        == select(profiles.c.owner_address).where(profiles.c.handle == _KEY).scalar_subquery(),
    ),
    blocks.c.position,
)
"""Whom the owner of a handle keeps from following it, newest first."""
PROFILES = Listed(
    "PROFILES",
    Profile._make,
    profiled.where(profiles.c.owner_address == _KEY),
    profiles.c.profile_id,
    select(func.count()).select_from(profiles).where(profiles.c.owner_address == _KEY),
)
"""The profiles of an address."""
NEWEST_PROFILES = Listed("NEWEST PROFILES", Profile._make, profiled, profiles.c.profile_id)
"""All profiles, the newest first."""
MOST_FOLLOWED_PROFILES = Listed(
    "MOST FOLLOWED PROFILES",
    Profile._make,
    profiled.where(follower_counts.c.handle.is_not(None)),
    followed_rank,
    counted(select(literal_column("1")).where(profiles.c.profile_id < _ABOVE_ALL)),
    place=str,
    rising=True,
    bounded=True,
)
"""All profiles, the most followed first, and those with as many followers by their handles."""
PROFILES_BEGINNING = Listed(
    "PROFILES BEGINNING",
    Profile._make,
    profiled,
    profiles.c.handle,
    place=str,
    rising=True,
    searched=True,
)
"""The profiles whose handles begin in some way, in alphabetical order."""
