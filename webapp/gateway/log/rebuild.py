"""Rebuilding from the logs alone what is projected from them: edges, both counts, blocks, profiles, and keys.

Each log is read once, row by row, into temporary tables; the database compares and replaces, so that a log of
any length fits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from heapq import merge
from itertools import groupby, islice

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from webapp.gateway.log.checks import AnyRow, checked_operations
from webapp.gateway.log.entries import logged
from webapp.gateway.log.key_projection import rebuild_keys, rebuilt_keys, replace_keys
from webapp.gateway.log.profile_projection import ProfileProjection
from webapp.gateway.log.sequencer import check_order
from webapp.gateway.tables import (
    blocks,
    changes_owner,
    edges,
    follower_counts,
    following_counts,
    key_operations,
    operations,
    profiles,
    signing_keys,
)
from webapp.protocol.handle_message import HandleMessage, HandleOperation
from webapp.protocol.projections import Ending, EntryOfPair, blocked_after, counted, edge_of
from webapp.storage.database import Database, driver_of
from webapp.storage.prepared import Known, Rows

BATCH = 1_000
"""How many rows are held in memory at a time."""

_rebuilt_edges = Table(
    "rebuilt_edges",
    MetaData(),
    *(Column(column.name, column.type, primary_key=column.primary_key) for column in edges.columns),
    Column("counted", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
"""The edges as they should be, and what each adds to both counts."""
_endings = Table(
    "endings",
    MetaData(),
    *(Column(name, edges.c[name].type, primary_key=True) for name in ("address", "handle", "position")),
    Column("received_at", operations.c.received_at.type),
    prefixes=["TEMPORARY"],
)
"""By which entries of their owners' logs the follows of pairs were ended."""
_put_edges = Rows(_rebuilt_edges, known=Known.CHANGES)
_rebuilt_blocks = Table(
    "rebuilt_blocks",
    MetaData(),
    *(Column(column.name, column.type, primary_key=column.primary_key) for column in blocks.columns),
    prefixes=["TEMPORARY"],
)
_rebuilt_profiles = Table(
    "rebuilt_profiles",
    MetaData(),
    *(
        Column(column.name, column.type, key=column.key, primary_key=column.primary_key)
        for column in profiles.columns
    ),
    prefixes=["TEMPORARY"],
)
_counted = union_all(
    select(_rebuilt_edges.c.handle, _rebuilt_edges.c.counted),
    select(_rebuilt_profiles.c.handle, literal_column("0")),
).subquery()
_projections: dict[Table, FromClause] = {
    edges: _rebuilt_edges,
    follower_counts: select(_counted.c.handle, func.sum(_counted.c.counted).label("followers"))
    .group_by(_counted.c.handle)
    .subquery(),
    following_counts: select(_rebuilt_edges.c.address, func.sum(_rebuilt_edges.c.counted).label("followings"))
    .group_by(_rebuilt_edges.c.address)
    .subquery(),
    blocks: _rebuilt_blocks,
    profiles: _rebuilt_profiles,
}
# Profiles can be older than the log: those of handles that it never saw claimed or released.
_older = select(profiles).where(~exists().where(operations.c.handle == profiles.c.handle, changes_owner))
_about_handles = (
    select(operations.c.message, operations.c.position, operations.c.received_at)
    .where(operations.c.op.in_([operation.value for operation in HandleOperation]))
    .order_by(operations.c.position)
)
_log = logged.order_by(operations.c.address, operations.c.handle, operations.c.sequence)
_log_of_ended = _log.where(
    tuple_(operations.c.address, operations.c.handle).in_(select(_endings.c.address, _endings.c.handle))
)
_endings_in_order = select(_endings, literal_column("NULL").label("op")).order_by(
    _endings.c.address, _endings.c.handle, _endings.c.position
)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a table differed from what the log amounts to, in rows."""

    table: str
    missing: int  # rows that it lacked
    extra: int  # rows that it should not have had
    wrong: int  # rows that said something else

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.wrong)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing the projections with the log."""

    operations: int  # how many entries the log has
    key_operations: int  # how many entries the log of key operations has
    differences: tuple[Difference, ...]  # one for each projected table, empty ones included

    @property
    def equal(self) -> bool:
        return not any(self.differences)


def compare_projections(database: Database) -> Comparison:
    """Compare what is stored with what the log amounts to, in one snapshot; change nothing.

    Raises `BrokenLogError` where entries are missing from a log, or say otherwise than their messages.
    """
    with database.read() as connection:
        return _compare(connection, replace=False)


def rebuild_projections(database: Database) -> Comparison:
    """Replace what is stored by what the log amounts to, in one transaction; tell what had differed.

    Nobody else can write until it is done. Raises `BrokenLogError` as comparing does, and where a revoked key
    should be otherwise; nothing was changed then.
    """
    with database.write(alone=(operations, key_operations, *_projections, signing_keys)) as connection:
        return _compare(connection, replace=True)


def _compare(connection: Connection, *, replace: bool) -> Comparison:
    check_order(connection)
    temporary = (_rebuilt_edges, _endings, _rebuilt_blocks, _rebuilt_profiles)
    for table in temporary:
        table.create(connection)
    count = _rebuild_edges(connection)
    _rebuild_from_handles(connection)
    _end_follows(connection)
    key_count = rebuild_keys(connection, BATCH)
    differences = [_difference(connection, table, made) for table, made in _projections.items()]
    differences.append(_difference(connection, signing_keys, rebuilt_keys))
    if replace:
        for table, made in _projections.items():
            connection.execute(delete(table))
            names = [column.key for column in table.columns]
            connection.execute(insert(table).from_select(names, select(*(made.c[name] for name in names))))
        replace_keys(connection)
    for table in (*temporary, rebuilt_keys):
        table.drop(connection)
    return Comparison(count, key_count, tuple(differences))


def _rebuild_edges(connection: Connection) -> int:
    """Fill the rebuilt edges from the log; returns how many entries it has."""
    count = 0

    def entries() -> Iterator[AnyRow]:
        nonlocal count
        with connection.execute(_log.execution_options(yield_per=BATCH)) as rows:
            for row in checked_operations(rows):
                count += 1
                yield row

    made = _edges(entries())
    while batch := list(islice(made, BATCH)):
        connection.execute(insert(_rebuilt_edges), batch)
    return count


def _end_follows(connection: Connection) -> None:
    """Fold the pairs anew whose follows were ended by others, with what ended them."""
    entries = connection.execute(_log_of_ended.execution_options(yield_per=BATCH))
    endings = connection.execute(_endings_in_order.execution_options(yield_per=BATCH))
    made = _edges(merge(entries, endings, key=lambda row: (row.address, row.handle, row.position)))
    while batch := list(islice(made, BATCH)):
        _put_edges.run(driver_of(connection), batch)


def _edges(entries: Iterable[AnyRow]) -> Iterator[dict[str, object]]:
    """Fold each pair's entries and endings, which come in order, into its edge."""
    for (address, handle), pair in groupby(entries, lambda row: (row.address, row.handle)):
        edge = edge_of(
            Ending(row.received_at, row.position)
            if row.op is None
            else EntryOfPair(
                op=row.op,
                sequence=row.sequence,
                entry_digest=row.entry_digest,
                ts=row.ts,
                digest=row.digest,
                received_at=row.received_at,
                position=row.position,
            )
            for row in pair
        )
        if edge is not None:
            yield {"address": address, "handle": handle, "counted": counted(edge), **asdict(edge)}


def _rebuild_from_handles(connection: Connection) -> None:
    """Carry what the log says of handles into profiles (upon the older ones), endings and blocks."""
    names = [column.key for column in profiles.columns]
    connection.execute(insert(_rebuilt_profiles).from_select(names, _older))
    projection = ProfileProjection(_rebuilt_profiles)
    with connection.execute(_about_handles.execution_options(yield_per=BATCH)) as rows:
        for row in rows:
            message = HandleMessage.parse(row.message)
            if message.follower is None:
                projection.take(connection, message, row.position, row.received_at)
            else:
                _take_follower(connection, message, message.follower.checksummed, row)


def _take_follower(connection: Connection, message: HandleMessage, follower: str, row: AnyRow) -> None:
    """Carry an entry about a follower into the endings and the blocks."""
    ending = Ending.of(message, row.received_at, row.position)
    if ending is not None:
        connection.execute(
            insert(_endings), {"address": follower, "handle": message.handle, **asdict(ending)}
        )
    kept = _rebuilt_blocks.c
    key = {"address": message.address.checksummed, "handle": message.handle, "follower": follower}
    this = and_(*(kept[name] == value for name, value in key.items()))
    before = connection.scalar(select(exists().where(this))) or False
    after = blocked_after(before, message)
    if after and not before:
        connection.execute(insert(_rebuilt_blocks), {**key, "position": row.position})
    elif before and not after:
        connection.execute(delete(_rebuilt_blocks).where(this))


def _difference(connection: Connection, table: Table, made: FromClause) -> Difference:
    keys = [column.key for column in table.primary_key]
    values = [column.key for column in table.columns if column.key not in keys and column.key in made.c]
    same_key = and_(*(table.c[name] == made.c[name] for name in keys))
    other = or_(*(table.c[name].is_distinct_from(made.c[name]) for name in values))

    def count(joined: FromClause, condition: ColumnElement[bool]) -> int:
        return connection.scalar(select(func.count()).select_from(joined).where(condition)) or 0

    return Difference(
        table.name,
        missing=count(made.outerjoin(table, same_key), table.c[keys[0]].is_(None)),
        extra=count(table.outerjoin(made, same_key), made.c[keys[0]].is_(None)),
        wrong=count(table.join(made, same_key), other),
    )
