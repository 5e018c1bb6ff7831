"""`countersign copy FROM TO`: a gateway's and a site's data moved from SQLite to PostgreSQL, and verified."""

import argparse
import hashlib
from collections.abc import Callable
from itertools import islice

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.dialects.postgresql import insert

from webapp.applications.tables import api_keys
from webapp.commands.environment import explained, opened
from webapp.commands.errors import CommandError
from webapp.commands.rebuild import as_text
from webapp.commands.stderr import say
from webapp.gateway.log.checks import BrokenLogError
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.tables import (
    answered,
    blocks,
    edges,
    follower_counts,
    following_counts,
    hidden_profiles,
    key_operations,
    operations,
    profiles,
    signer_quotas,
    signing_keys,
)
from webapp.siwe.tables import nonce_key, used_nonces
from webapp.storage.copying import MOST, append, replace, rows_of
from webapp.storage.database import Database
from webapp.storage.migrate import is_current, upgrade
from webapp.storage.urls import is_postgresql
from webapp.web.sessions.tables import web_sessions

MOVED, DAMAGED = 0, 1

_REPLACED = (
    *(profiles, edges, follower_counts, following_counts, blocks, answered, hidden_profiles, signer_quotas),
    *(api_keys, web_sessions, nonce_key, used_nonces),
)
"""What changes, and is taken as it is once the logs are there."""
_STARTED = "expected a database without a gateway's data, or one that a copy of FROM began"

_PUT_KEYS = insert(signing_keys)
_PUT_KEYS = _PUT_KEYS.on_conflict_do_update(
    index_elements=list(signing_keys.primary_key),
    set_={name: _PUT_KEYS.excluded[name] for name in ("name", "expires_at", "revoked_at")},
    where=signing_keys.c.revoked_at.is_(None),  # what was revoked never changes
)
_GO_ON_BEHIND = text("SELECT setval('log_places', greatest(:highest, (SELECT last_value FROM log_places)))")
"""Entries about keys get their places when they are appended."""
_NUMBER_NONCES = text(
    "SELECT setval(pg_get_serial_sequence('used_nonces', 'position'), greatest(max(position), 1)) "
    "FROM used_nonces"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FROM", help="an SQLite database's URL; stop its servers first")
    parser.add_argument("target", metavar="TO", help="a PostgreSQL database's URL; nothing may serve it yet")
    parser.epilog = (
        "Both ends are verified: every entry, chain and projection. After an interruption, or when FROM has "
        "grown, the same again goes on. Exit code: 0 everything is there; 1 FROM is damaged, or TO is not as "
        "FROM; 2 usage, or a database that cannot be used."
    )


def act(options: argparse.Namespace) -> int:
    """Verify, copy, verify, and say what was moved."""
    if is_postgresql(options.source) or not is_postgresql(options.target):
        raise CommandError("expected FROM to be SQLite, and TO to be PostgreSQL")
    with (
        opened("FROM", options.source, missing_ok=False) as source,
        explained("FROM", options.source),
        opened("TO", options.target) as target,
    ):
        if not is_current(source):
            raise CommandError("FROM: expected tables of this version; `countersign migrate` makes them so")
        if not _is_whole("FROM", source):
            return DAMAGED
        with explained("TO", options.target):
            upgrade(target)
            with source.read() as rows:
                _copy(rows, target)
                digest = _digest(rows)
            if not _is_whole("TO", target):
                return DAMAGED
            with target.read() as copied:
                if _digest(copied) != digest:
                    print("TO: DAMAGED: its log is not that of FROM")
                    return DAMAGED
    print(f"Moved. SHA-256 of the log's entries, in their order, on both sides: {digest}")
    return MOVED


def _is_whole(name: str, database: Database) -> bool:
    say(f"{name}: verifying every entry and what is projected from them")
    try:
        found = compare_projections(database)
    except BrokenLogError as error:
        print(f"{name}: DAMAGED: {error}")
        return False
    print(f"{name}: {as_text(found)}")
    return found.equal


def _copy(source: Connection, target: Database) -> None:
    """Copy the logs, as far as they are not there yet, then everything else in one transaction."""
    with target.read() as there:
        last = _last_common(source, there)
        logged = set(map(tuple, there.execute(select(key_operations.c.address, key_operations.c.sequence))))
    with target.write() as connection:
        _put_keys(source, connection)
    rest = select(operations).where(operations.c.position > last).order_by(operations.c.position)
    append(target, operations, rows_of(source, rest), _progress(source, operations, last))
    with target.write() as connection:
        highest = connection.scalar(select(func.coalesce(func.max(operations.c.position), 0))) or 0
        connection.execute(_GO_ON_BEHIND, {"highest": highest})
    in_order = select(key_operations).order_by(key_operations.c.received_at, key_operations.c.sequence)
    new = (row for row in rows_of(source, in_order) if (row[0], row[1]) not in logged)
    append(target, key_operations, new, _progress(source, key_operations, len(logged)))
    with target.write(alone=_REPLACED) as connection:
        for table in _REPLACED:
            say(f"{table.name}: {_count(source, table):,} rows")
            replace(connection, table, rows_of(source, select(table)))
        connection.execute(_NUMBER_NONCES)


def _last_common(source: Connection, there: Connection) -> int:
    """Give the position up to which the log is there already; it must be the same one."""
    newest = select(operations.c.position, operations.c.entry_digest)
    row = there.execute(newest.order_by(operations.c.position.desc()).limit(1)).first()
    if row is None:
        if _count(there, profiles):
            raise CommandError(f"TO: {_STARTED}; it has profiles")
        return 0
    ours = source.execute(newest.where(operations.c.position == row.position)).first()
    if ours is None or ours.entry_digest != row.entry_digest or _count(there, operations) != row.position:
        raise CommandError(f"TO: {_STARTED}; its log is another one")
    return int(row.position)


def _put_keys(source: Connection, target: Connection) -> None:
    rows, names = iter(rows_of(source, select(signing_keys))), signing_keys.columns.keys()
    while some := list(islice(rows, MOST)):
        target.execute(_PUT_KEYS, [dict(zip(names, row, strict=True)) for row in some])


def _digest(connection: Connection) -> str:
    """Digest the digests of all entries: those about pairs by position, then those about keys."""
    digest = hashlib.sha256()
    by_position = select(operations.c.entry_digest).order_by(operations.c.position)
    by_address = select(key_operations.c.entry_digest).order_by(
        key_operations.c.address, key_operations.c.sequence
    )
    for entries in (by_position, by_address):
        for (entry,) in connection.execute(entries.execution_options(yield_per=MOST)):
            digest.update(entry.encode("ascii"))
    return digest.hexdigest()


def _progress(source: Connection, table: Table, there: int) -> Callable[[int], None]:
    """Say how far the copy is, a line a transaction."""
    of = _count(source, table)

    def copied(more: int) -> None:
        nonlocal there
        there += more
        say(f"{table.name}: {there:,} of {of:,}")

    return copied


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
