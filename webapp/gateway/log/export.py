"""Writing down an address's whole log, so that others can keep and verify it."""

import json
from collections.abc import Iterator

from sqlalchemy import Connection, bindparam

from webapp.gateway.log.entries import keys_logged, logged, read_entry, read_key_entry
from webapp.gateway.tables import key_operations, operations
from webapp.protocol.address import Address
from webapp.protocol.proofs.proof import ProofOfConnection, ProofOfKeyOperation

BATCH = 500
"""How many entries are held in memory at a time."""

_log_of_address = (
    logged.where(operations.c.address == bindparam("address"))
    .order_by(operations.c.position)
    .execution_options(yield_per=BATCH)
)
_keys_of_address = (
    keys_logged.where(key_operations.c.address == bindparam("address"))
    .order_by(key_operations.c.sequence)
    .execution_options(yield_per=BATCH)
)


def export_log(connection: Connection, address: Address) -> Iterator[str]:
    """Return an address's entries as JSON Lines, as `countersign verify` reads them.

    First come its operations, then its key operations, both oldest first. The transaction is one snapshot,
    held until the last line was taken.
    """
    of = {"address": address.checksummed}
    for row in connection.execute(_log_of_address, of):
        entry = read_entry(row)
        about = {"address": entry.address.checksummed, "handle": entry.handle}
        yield _line(about, entry.sequence, row.op, ProofOfConnection.of(entry).to_json())
    for row in connection.execute(_keys_of_address, of):
        operation = read_key_entry(row)
        entry_of_key = operation.entry
        about = {"address": entry_of_key.address.checksummed, "signingKey": operation.signing_key}
        proof = ProofOfKeyOperation.of(entry_of_key).to_json()
        yield _line(about, entry_of_key.sequence, operation.op, proof)


def _line(about: dict[str, str], sequence: int, op: str, proof: dict[str, object]) -> str:
    line = {**about, "sequence": sequence, "op": op, "proof": proof}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
