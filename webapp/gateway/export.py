"""Writing down an address's whole operation log, so that others can keep and verify it."""

import json
from collections.abc import Iterator

from sqlalchemy import Connection, bindparam

from webapp.gateway.graph import logged, read_entry
from webapp.gateway.tables import operations
from webapp.protocol.address import Address
from webapp.protocol.proof import ProofOfConnection

BATCH = 500
"""How many entries are held in memory at a time."""

_log_of_address = (
    logged.add_columns(operations.c.op)
    .where(operations.c.address == bindparam("address"))
    .order_by(operations.c.position)
    .execution_options(yield_per=BATCH)
)


def export_log(connection: Connection, address: Address) -> Iterator[str]:
    """Give an address's entries as JSON Lines, oldest first, as `countersign verify` reads them.

    Args:
        connection: An open transaction: one snapshot, held until the last line was taken.
        address: Whose log.
    """
    for row in connection.execute(_log_of_address, {"address": address.checksummed}):
        entry = read_entry(row)
        line = {
            "address": entry.address.checksummed,
            "handle": entry.handle,
            "sequence": entry.sequence,
            "op": row.op,
            "proof": ProofOfConnection.of(entry).to_json(),
        }
        yield json.dumps(line, separators=(",", ":")) + "\n"
