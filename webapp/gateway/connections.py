"""Lists as pages: followers and followings, and the profiles of an address."""

from dataclasses import dataclass, field

from webapp.gateway import graph
from webapp.gateway.graph import FollowRow, Profile, Side
from webapp.gateway.paging import FIRST_POSITION, PageInfo, PageRequest, page_info
from webapp.gateway.reading import Reading
from webapp.protocol.address import Address
from webapp.protocol.proof import OperationLogEntry

FOLLOW = "f"
PROFILE = "p"


@dataclass(slots=True)
class FollowPage:
    """A page of one end's follows, newest first; what all its follows need is read once.

    Attributes:
        side: Which end was asked.
        key: The handle or address at that end.
        chain_id: The chain named in the question.
        rows: The follows of this page.
        info: Where the page lies.
    """

    side: Side
    key: str
    chain_id: int
    rows: list[FollowRow]
    info: PageInfo
    _profiles: dict[str, Profile] | None = field(default=None)
    _entries: dict[int, OperationLogEntry] | None = field(default=None)

    @classmethod
    def read(
        cls, reading: Reading, side: Side, key: str, request: PageRequest, chain_id: int
    ) -> "FollowPage":
        """Read a page and whether there is another one behind it."""
        rows: list[FollowRow] = []
        beyond = request.skip > 0 and request.skip >= graph.count_follows(reading.connection(), side, key)
        if request.size > 0 and not beyond:
            rows = graph.page_of_follows(
                reading.connection(),
                side,
                key,
                before=FIRST_POSITION if request.after is None else request.after,
                skip=request.skip,
                most=request.size + 1,
            )
            reading.spend(len(rows))
        shown = rows[: request.size]
        info = page_info(FOLLOW, request, [row.position for row in shown], more=len(rows) > request.size)
        return cls(side, key, chain_id, shown, info)

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
    """A page of an address's profiles, oldest first."""

    owner: Address
    chain_id: int
    profiles: list[Profile]
    info: PageInfo

    @classmethod
    def read(cls, reading: Reading, owner: Address, request: PageRequest, chain_id: int) -> "ProfilePage":
        """Read a page and whether there is another one behind it."""
        found = graph.profiles_of_owner(
            reading.connection(), owner, after=request.after or 0, most=request.size + 1
        )
        reading.spend(len(found))
        shown = found[: request.size]
        info = page_info(
            PROFILE, request, [each.profile_id for each in shown], more=len(found) > request.size
        )
        return cls(owner, chain_id, shown, info)

    def total(self, reading: Reading) -> int:
        """How many profiles there are on all pages."""
        return graph.count_profiles(reading.connection(), self.owner)
