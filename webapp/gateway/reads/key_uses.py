"""When each signing key of an address was last used, by the address's own logs."""

from sqlalchemy import ColumnElement, Table, bindparam, func, select

from webapp.gateway.reads.reading import Reading
from webapp.gateway.tables import key_operations, operations
from webapp.storage.prepared import Prepared

MOST_LOOKED_THROUGH = 1_000
"""How many of an address's newest entries of each log are looked through for the last of each of its keys.

They come from the index by address and time: one by key would be written to with every operation.
"""


def _uses_in(table: Table, key: ColumnElement[str]) -> Prepared:
    """Of an address's newest entries of a log, by signer: when the last was accepted, and how many."""
    newest = (
        select(key.label("signing_key"), table.c.received_at)
        .where(table.c.address == bindparam("address"))
        .order_by(table.c.received_at.desc())
        .limit(bindparam("most"))
        .subquery()
    )
    return Prepared(
        select(newest.c.signing_key, func.max(newest.c.received_at), func.count()).group_by(
            newest.c.signing_key
        )
    )


_logs = (
    _uses_in(operations, operations.c.signing_key),
    _uses_in(key_operations, key_operations.c.authorized_by),
)


def last_uses(reading: Reading, address: str) -> dict[str, int]:
    """Tell when the newest entry that each key of an address signed was accepted, ms since the Unix epoch.

    A key that signed none of the newest `MOST_LOOKED_THROUGH` of either log is not among them. What is looked
    through is taken from the request's budget.
    """
    uses: dict[str, int] = {}
    for log in _logs:
        for signing_key, at, entries in reading.rows(log, address=address, most=MOST_LOOKED_THROUGH):
            reading.spend(entries)
            uses[signing_key] = max(at, uses.get(signing_key, 0))
    return uses
