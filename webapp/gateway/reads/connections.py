"""Lists as pages: followers and followings, and the profiles of an address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.gateway import graph
from webapp.gateway.graph import FollowRow, Profile, Side
from webapp.gateway.reads.paging import FIRST_POSITION, PageInfo, PageRequest, page_info
from webapp.gateway.reads.reading import Reading
from webapp.protocol.address import Address
from webapp.protocol.log_entries import OperationLogEntry


@dataclass(slots=True)
class FollowPage:
    """A page of one end's follows, newest first; what all its follows need is read once.

    Attributes:
        of: The name of the whole list, for its cursors.
        side: Which end was asked.
        key: The handle or address at that end.
        chain_id: The chain named in the question.
        rows: The follows of this page.
        info: Where the page lies.
    """

    of: str
    side: Side
    key: str
    chain_id: int
    rows: list[FollowRow]
    info: PageInfo
    _profiles: dict[str, Profile] | None = field(default=None)
    _entries: dict[int, OperationLogEntry] | None = field(default=None)

    @classmethod
    def read(
        cls, reading: Reading, side: Side, key: str, chain_id: int, arguments: Mapping[str, Any]
    ) -> "FollowPage":
        """Read a page and whether anything lies before and behind it.

        Raises:
            ArgumentError: The arguments name no page of this list.
        """
        request = PageRequest.parse(f"{side.name}:{key}", **arguments)
        total = graph.count_follows(reading.connection(), side, key) if request.skip else 0
        if request.after is None:
            preceded = total > 0
        else:
            preceded = graph.any_follow_from(reading.connection(), side, key, request.after)
        rows: list[FollowRow] = []
        if not request.skip or request.skip < total:
            rows = graph.page_of_follows(
                reading.connection(),
                side,
                key,
                before=FIRST_POSITION if request.after is None else request.after,
                skip=request.skip,
                most=request.size + 1,
            )
            reading.spend(len(rows))
        info = page_info(request, [row.position for row in rows], preceded=preceded)
        return cls(request.of, side, key, chain_id, rows[: request.size], info)

    def total(self, reading: Reading) -> int:
        """How many follows there are on all pages."""
        return graph.count_follows(reading.connection(), self.side, self.key)

    def profile(self, reading: Reading, row: FollowRow) -> Profile | None:
        """The profile that a follow of this page goes to."""
        if self._profiles is None:
            handles = {each.handle for each in self.rows}
            self._profiles = graph.profiles_by_handle(reading.connection(cost=len(handles)), handles)
        return self._profiles.get(row.handle)

    def entry(self, reading: Reading, row: FollowRow) -> OperationLogEntry:
        """The log entry that made a follow of this page."""
        if self._entries is None:
            positions = [each.position for each in self.rows]
            self._entries = graph.entries_at(reading.connection(cost=len(positions)), positions)
        return self._entries[row.position]

    def edges(self) -> list["FollowEdge"]:
        """The follows of this page, each with its page."""
        return [FollowEdge(self, row) for row in self.rows]


@dataclass(frozen=True, slots=True)
class FollowEdge:
    """A follow on its page."""

    page: FollowPage
    row: FollowRow


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """A page of an address's profiles, newest first; `of` is the name of the whole list."""

    of: str
    owner: Address
    chain_id: int
    profiles: list[Profile]
    info: PageInfo

    @classmethod
    def read(
        cls, reading: Reading, owner: Address, chain_id: int, arguments: Mapping[str, Any]
    ) -> "ProfilePage":
        """Read a page and whether anything lies before and behind it.

        Raises:
            ArgumentError: The arguments name no page of this list.
        """
        request = PageRequest.parse(f"PROFILES:{owner}", **arguments)
        if request.after is None:
            preceded = request.skip > 0 and graph.count_profiles(reading.connection(), owner) > 0
        else:
            preceded = graph.any_profile_from(reading.connection(), owner, request.after)
        found = graph.profiles_of_owner(
            reading.connection(),
            owner,
            before=FIRST_POSITION if request.after is None else request.after,
            skip=request.skip,
            most=request.size + 1,
        )
        reading.spend(len(found))
        info = page_info(request, [each.profile_id for each in found], preceded=preceded)
        return cls(request.of, owner, chain_id, found[: request.size], info)

    def total(self, reading: Reading) -> int:
        """How many profiles there are on all pages."""
        return graph.count_profiles(reading.connection(), self.owner)

    def edges(self) -> list["ProfileEdge"]:
        """The profiles of this page, each with its page."""
        return [ProfileEdge(self, profile) for profile in self.profiles]


@dataclass(frozen=True, slots=True)
class ProfileEdge:
    """A profile on its page."""

    page: ProfilePage
    profile: Profile
