"""The logs themselves as pages, newest first: all that an address did with a handle, or with its own keys.

Entries are numbered without gaps, so that `offset`, too, is a place to begin at and nothing is skipped row by
row: any page costs what the first one costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, bindparam, func, select

from webapp.gateway import graph
from webapp.gateway.log.key_entries import LoggedKeyOperation, keys_logged, read_key_entry
from webapp.gateway.reads.paging import FIRST_POSITION, PageInfo, PageRequest, page_info
from webapp.gateway.reads.reading import Reading
from webapp.gateway.tables import key_operations, operations
from webapp.protocol.address import Address
from webapp.protocol.handle import Handle
from webapp.protocol.log_entries import OperationLogEntry

_of_pair = (operations.c.address == bindparam("address"), operations.c.handle == bindparam("handle"))
_pair_head = select(func.max(operations.c.sequence)).where(*_of_pair)
_pair_page = (
    select(
        operations.c.sequence,
        operations.c.position,
        operations.c.op,
        operations.c.ts,
        operations.c.received_at,
    )
    .where(*_of_pair, operations.c.sequence < bindparam("before"))
    .order_by(operations.c.sequence.desc())
    .limit(bindparam("most"))
)
_of_keys = key_operations.c.address == bindparam("address")
_key_head = select(func.max(key_operations.c.sequence)).where(_of_keys)
_key_page = (
    keys_logged.where(_of_keys, key_operations.c.sequence < bindparam("before"))
    .order_by(key_operations.c.sequence.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An accepted operation; `position` numbers it within the whole log, times are as in the tables."""

    sequence: int
    position: int
    op: str
    ts: int
    received_at: int


RowT = TypeVar("RowT", OperationRow, LoggedKeyOperation)


@dataclass(slots=True)
class LogPage(Generic[RowT]):
    """A page of a log, newest first.

    Attributes:
        of: The name of the whole log, for its cursors.
        address: Whose log.
        total: How many entries there are on all pages.
        rows: The entries of this page.
        info: Where the page lies.
    """

    of: str
    address: Address
    total: int
    rows: list[RowT]
    info: PageInfo

    def edges(self) -> list["LogEdge[RowT]"]:
        """The entries of this page, each with its page."""
        return [LogEdge(self, row) for row in self.rows]


@dataclass(slots=True)
class OperationPage(LogPage[OperationRow]):
    """A page of the log of an address and a handle; the proofs of all its entries are read at once."""

    handle: Handle
    _entries: dict[int, OperationLogEntry] | None = field(default=None)

    @classmethod
    def read(
        cls, reading: Reading, address: Address, handle: Handle, arguments: Mapping[str, Any]
    ) -> "OperationPage":
        """Read a page.

        Raises:
            ArgumentError: The arguments name no page of this log.
        """
        of = {"address": address.checksummed, "handle": handle}
        request = PageRequest.parse(f"OPERATIONS:{address}:{handle}", **arguments)
        total, found, info = _read(reading, request, _pair_head, _pair_page, of)
        rows = [OperationRow(*row) for row in found]
        return cls(request.of, address, total, rows, info, handle)

    def entry(self, reading: Reading, row: OperationRow) -> OperationLogEntry:
        """The log entry of a row of this page."""
        if self._entries is None:
            positions = [each.position for each in self.rows]
            self._entries = graph.entries_at(reading.connection(cost=len(positions)), positions)
        return self._entries[row.position]


@dataclass(slots=True)
class KeyOperationPage(LogPage[LoggedKeyOperation]):
    """A page of the log of an address's key operations."""

    @classmethod
    def read(cls, reading: Reading, address: Address, arguments: Mapping[str, Any]) -> "KeyOperationPage":
        """Read a page.

        Raises:
            ArgumentError: The arguments name no page of this log.
        """
        request = PageRequest.parse(f"KEYS:{address}", **arguments)
        total, found, info = _read(reading, request, _key_head, _key_page, {"address": address.checksummed})
        return cls(request.of, address, total, [read_key_entry(row) for row in found], info)


@dataclass(frozen=True, slots=True)
class LogEdge(Generic[RowT]):
    """An entry on its page."""

    page: LogPage[RowT]
    row: RowT


def _read(
    reading: Reading,
    request: PageRequest,
    head: Select[*tuple[Any, ...]],
    page: Select[*tuple[Any, ...]],
    of: Mapping[str, str],
) -> tuple[int, list[Any], PageInfo]:
    """Read how many entries a log has, and those of a page."""
    total: int = reading.connection().scalar(head, of) or 0
    after = FIRST_POSITION if request.after is None else request.after
    before = min(after, total + 1) - request.skip
    found: list[Any] = []
    if before > 1:
        bounds = {**of, "before": before, "most": request.size + 1}
        found = list(reading.connection().execute(page, bounds))
        reading.spend(len(found))
    info = page_info(request, [row.sequence for row in found], preceded=0 < total >= before)
    return total, found[: request.size], info
