"""Lists as pages, newest first: followers and followings, profiles, and the logs themselves.

Entries of a log are numbered without gaps, so that `offset`, too, is a place to begin at and nothing is
skipped row by row: any page costs what the first one costs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import BindParameter, bindparam, func, literal_column, select, tuple_

from webapp.gateway.log.entries import LoggedKeyOperation, keys_logged, read_key_entry
from webapp.gateway.reads.lists import Beginning, Listed, counted
from webapp.gateway.reads.paging import FIRST_POSITION, PageInfo, PageRequest, Place, page_info
from webapp.gateway.reads.reading import Reading, Siblings
from webapp.gateway.tables import entry_begins, key_operations, operations, stretch_of
from webapp.protocol.handle import Handle
from webapp.storage.prepared import Prepared

RowT = TypeVar("RowT")

_of_pair = (operations.c.address == bindparam("address"), operations.c.handle == bindparam("handle"))
_pair_head = Prepared(select(func.max(operations.c.sequence)).where(*_of_pair))
_operation = select(
    operations.c.sequence,
    operations.c.position,
    operations.c.address,
    operations.c.handle,
    operations.c.op,
    operations.c.ts,
    operations.c.received_at,
)
_pair_page = Prepared(
    _operation.where(*_of_pair, operations.c.sequence < bindparam("before"))
    .order_by(operations.c.sequence.desc())
    .limit(bindparam("most"))
)
_of_address = operations.c.address == bindparam("address")
_address_total = Prepared(counted(select(literal_column("1")).where(_of_address)))
_accepted = tuple_(operations.c.received_at, operations.c.position)
_accepted_at = Prepared(
    select(operations.c.received_at).where(operations.c.position == bindparam("position"))
)
_address_page = Prepared(
    _operation.where(_of_address, _accepted < tuple_(bindparam("received_at"), bindparam("position")))
    .order_by(operations.c.received_at.desc(), operations.c.position.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_of_keys = key_operations.c.address == bindparam("address")
_key_head = Prepared(select(func.max(key_operations.c.sequence)).where(_of_keys))
_key_page = Prepared(
    keys_logged.where(_of_keys, key_operations.c.sequence < bindparam("before"))
    .order_by(key_operations.c.sequence.desc())
    .limit(bindparam("most"))
)
_digest: BindParameter[str] = bindparam("digest")
_newest = select(func.max(operations.c.position)).scalar_subquery()
_stretches = select(stretch_of(_newest).label("number")).cte("stretches", recursive=True)
_stretches = _stretches.union_all(select(_stretches.c.number - 1).where(_stretches.c.number > 0))
_operation_logged = Prepared(
    _operation.select_from(
        _stretches.join(operations, stretch_of(operations.c.position) == _stretches.c.number)
    ).where(
        entry_begins == func.substr(_digest, 1, 10),
        # Of what equals a value, SQLite writes the value into the expression above, which then has no index.
        operations.c.entry_digest.between(_digest, _digest),
    )
)
_key_operation_logged = Prepared(keys_logged.where(key_operations.c.entry_digest == _digest))


class OperationRow(NamedTuple):
    """An accepted operation; `position` numbers it within the whole log, times are as in the tables."""

    sequence: int
    position: int
    address: str
    handle: str
    op: str
    ts: int
    received_at: int


class Edge(NamedTuple, Generic[RowT]):
    """An entry on its page, and its place within the list."""

    page: "Page[RowT]"
    place: Place
    row: RowT


@dataclass(slots=True)
class Page(Generic[RowT]):
    """A page of a list."""

    of: str  # the name of the whole list, for its cursors
    total: int  # on all pages
    places: Sequence[Place]  # of the entries of this page, within the list
    rows: list[RowT]
    beside: Siblings[RowT]
    info: PageInfo

    @classmethod
    def alone(cls, row: RowT, chain_id: int) -> Edge[RowT]:
        """Make an entry that was found by itself, in no list."""
        info = PageInfo(has_next_page=False, has_previous_page=False, start_cursor="", end_cursor="")
        return cls("", 1, [0], [row], Siblings(chain_id, [row]), info).edges()[0]

    def edges(self) -> list[Edge[RowT]]:
        """The entries of this page, each with its page."""
        return [Edge(self, place, row) for place, row in zip(self.places, self.rows, strict=True)]


def page_of(
    reading: Reading,
    listed: Listed[RowT],
    key: str,
    chain_id: int,
    arguments: Mapping[str, Any],
    *,
    search: Beginning | None = None,
) -> Page[RowT]:
    """Read a page of a list of the graph, and what lies around it, with one statement.

    Args:
        reading: What the request may see.
        listed: All lists of the kind.
        key: Which of them.
        chain_id: The chain named in the question.
        arguments: The connection's.
        search: How entries begin, in a list that is searched.

    Raises:
        ArgumentError: The arguments name no page of this list.
    """
    of = f"{listed.name}:{key}" if search is None else f"{listed.name}:{key}:{search.text}"
    request = PageRequest.parse(of, listed.place, counted=listed.counted, **arguments)
    start, end = (None, None) if search is None else (search.start, search.end)
    found = reading.rows(
        listed.page,
        key=key,
        start=start,
        end=end,
        after=request.after,
        skip=request.skip,
        most=request.size + 1,
    )
    total, preceded, first, *_ = found[0]
    rows = [] if first is None else [listed.row(columns) for _, _, _, *columns in found]
    places = [columns[2] for columns in found] if rows else []
    return _page(request, chain_id, total, places, rows, preceded=bool(preceded))


def operations_of(
    reading: Reading, address: str, handle: Handle, chain_id: int, arguments: Mapping[str, Any]
) -> Page[OperationRow]:
    """Read a page of the log of an address and a handle.

    Raises:
        ArgumentError: The arguments name no page of this log.
    """
    request = PageRequest.parse(f"OPERATIONS:{address}:{handle}", int, **arguments)
    total, found, preceded = _read(reading, request, _pair_head, _pair_page, address=address, handle=handle)
    rows = [OperationRow._make(row) for row in found]
    return _page(request, chain_id, total, [row.sequence for row in rows], rows, preceded=preceded)


def all_operations_of(
    reading: Reading, address: str, chain_id: int, arguments: Mapping[str, Any]
) -> Page[OperationRow]:
    """Read a page of all that an address did with any handle, what was accepted last first.

    Its length is counted no further than `MOST_COUNTED`.

    Raises:
        ArgumentError: The arguments name no page of this log.
    """
    request = PageRequest.parse(f"OPERATIONS:{address}", int, counted=True, **arguments)
    [(total,)] = reading.rows(_address_total, address=address)
    received_at, position = FIRST_POSITION, FIRST_POSITION
    if request.after is not None:
        position = request.after
        received_at = next((when for (when,) in reading.rows(_accepted_at, position=position)), 0)
    found = reading.rows(
        _address_page,
        address=address,
        received_at=received_at,
        position=position,
        skip=request.skip,
        most=request.size + 1,
    )
    rows = [OperationRow._make(row) for row in found]
    # Nothing leaves a log: what stands at the cursor precedes the page.
    preceded = total > 0 and (request.after is not None or request.skip > 0)
    return _page(request, chain_id, total, [row.position for row in rows], rows, preceded=preceded)


def key_operations_of(
    reading: Reading, address: str, chain_id: int, arguments: Mapping[str, Any]
) -> Page[LoggedKeyOperation]:
    """Read a page of the log of an address's key operations.

    Raises:
        ArgumentError: The arguments name no page of this log.
    """
    request = PageRequest.parse(f"KEYS:{address}", int, **arguments)
    total, found, preceded = _read(reading, request, _key_head, _key_page, address=address)
    rows = [read_key_entry(row) for row in found]
    return _page(request, chain_id, total, [row.sequence for row in rows], rows, preceded=preceded)


def operation_with(reading: Reading, digest: str, chain_id: int) -> Edge[OperationRow] | None:
    """Find the operation whose log entry has this digest."""
    found = [OperationRow._make(row) for row in reading.rows(_operation_logged, digest=digest)]
    return Page.alone(found[0], chain_id) if found else None


def key_operation_with(reading: Reading, digest: str, chain_id: int) -> Edge[LoggedKeyOperation] | None:
    """Find the key operation whose log entry has this digest."""
    found = [read_key_entry(row) for row in reading.rows(_key_operation_logged, digest=digest)]
    return Page.alone(found[0], chain_id) if found else None


def _read(
    reading: Reading, request: PageRequest[int], head: Prepared, page: Prepared, **of: str
) -> tuple[int, list[Any], bool]:
    """Read how many entries a log has, those of a page and the next, and whether any precedes them."""
    [(last,)] = reading.rows(head, **of)
    total: int = last or 0
    after = FIRST_POSITION if request.after is None else request.after
    before = min(after, total + 1) - request.skip
    found = reading.rows(page, **of, before=before, most=request.size + 1) if before > 1 else []
    return total, found, 0 < total >= before


def _page(
    request: PageRequest[Any],
    chain_id: int,
    total: int,
    places: Sequence[Place],
    rows: list[RowT],
    *,
    preceded: bool,
) -> Page[RowT]:
    """Make a page of its entries and, where there is one, the next."""
    shown = rows[: request.size]
    info = page_info(request, places, preceded=preceded)
    return Page(request.of, total, places[: request.size], shown, Siblings(chain_id, shown), info)
