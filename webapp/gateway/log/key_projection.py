"""What registrations and key operations leave of a signing key: its name, its end, and whether it is revoked.

How long a key lives is the operator's choice at the time, in whole days, and nothing that was signed says it.
So an end is right if it lies whole days after the registration, or after the last renewal.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    bindparam,
    case,
    insert,
    select,
    update,
)

from webapp.gateway.log.checks import BrokenLogError, checked_key_operations
from webapp.gateway.log.entries import keys_logged
from webapp.gateway.tables import key_operations, signing_keys
from webapp.protocol.clock import DAY_MS
from webapp.protocol.projections import KeyState, key_after

_PROJECTED = ("name", "expires_at", "revoked_at")

rebuilt_keys = Table(
    "rebuilt_signing_keys",
    MetaData(),
    *(
        Column(column.name, column.type, primary_key=column.primary_key)
        for column in signing_keys.columns
        if column.primary_key or column.name in _PROJECTED
    ),
    Column("since", BigInteger),
    prefixes=["TEMPORARY"],
)
"""The keys as they should be; `since` is when the current term of each began."""

_log = keys_logged.order_by(key_operations.c.address, key_operations.c.sequence)
_same = (rebuilt_keys.c.address == signing_keys.c.address) & (
    rebuilt_keys.c.public_key == signing_keys.c.public_key
)
_this = (rebuilt_keys.c.address == bindparam("of_address")) & (
    rebuilt_keys.c.public_key == bindparam("of_key")
)
_change = (
    update(rebuilt_keys)
    .where(_this)
    .values(name=bindparam("named"), since=bindparam("begun"), revoked_at=bindparam("ended"))
)
_state = select(rebuilt_keys.c.name, rebuilt_keys.c.since, rebuilt_keys.c.revoked_at).where(_this)
_whole_days = (rebuilt_keys.c.expires_at - rebuilt_keys.c.since) // DAY_MS * DAY_MS
_differs = (
    rebuilt_keys.c.name.is_distinct_from(signing_keys.c.name)
    | rebuilt_keys.c.expires_at.is_distinct_from(signing_keys.c.expires_at)
    | rebuilt_keys.c.revoked_at.is_distinct_from(signing_keys.c.revoked_at)
)
_revoked_otherwise = (
    select(signing_keys.c.address, signing_keys.c.public_key, rebuilt_keys.c.revoked_at)
    .join(rebuilt_keys, _same)
    .where(signing_keys.c.revoked_at.is_not(None), _differs)
    .limit(1)
)


def rebuild_keys(connection: Connection, batch: int) -> int:
    """Fill the table of keys as they should be, `batch` rows at a time; returns the number of operations."""
    rebuilt_keys.create(connection)
    connection.execute(
        insert(rebuilt_keys).from_select(
            ["address", "public_key", "name", "expires_at", "revoked_at", "since"],
            select(
                signing_keys.c.address,
                signing_keys.c.public_key,
                bindparam("unnamed", ""),
                signing_keys.c.expires_at,
                bindparam("live", None, type_=BigInteger),
                signing_keys.c.registered_at,
            ),
        )
    )
    count = 0
    with connection.execute(_log.execution_options(yield_per=batch)) as rows:
        for row, message in checked_key_operations(rows):
            of = {"of_address": row.address, "of_key": message.signing_key}
            # No lifetime is known here, so a key's end stands for the beginning of its term until it is
            # rounded.
            before = KeyState(*connection.execute(_state, of).one())
            after = key_after(before, message, row.received_at, lifetime_ms=0)
            changed = {"named": after.name, "begun": after.expires_at, "ended": after.revoked_at}
            connection.execute(_change, {**of, **changed})
            count += 1
    ended = case((rebuilt_keys.c.expires_at > rebuilt_keys.c.since, _whole_days), else_=0)
    connection.execute(update(rebuilt_keys).values(expires_at=rebuilt_keys.c.since + ended))
    return count


def replace_keys(connection: Connection) -> None:
    """Carry name, end and revocation of the keys as they should be into those in use.

    Raises `BrokenLogError` where a revoked key should be otherwise. No revocation is ever taken back or
    changed, not by this either: whoever took the guards off the table has to look at it.
    """
    wrong = connection.execute(_revoked_otherwise).first()
    if wrong is not None:
        expected = "none" if wrong.revoked_at is None else f"{wrong.revoked_at}, and name and end as logged"
        raise BrokenLogError("signing_keys", f"{wrong.public_key} of {wrong.address}", "revoked_at", expected)
    columns = [rebuilt_keys.c[name] for name in _PROJECTED]
    for row in connection.execute(
        select(rebuilt_keys.c.address, rebuilt_keys.c.public_key, *columns)
        .join(signing_keys, _same)
        .where(_differs)
    ).all():
        connection.execute(
            update(signing_keys)
            .where(signing_keys.c.address == row.address, signing_keys.c.public_key == row.public_key)
            .values({name: getattr(row, name) for name in _PROJECTED})
        )
