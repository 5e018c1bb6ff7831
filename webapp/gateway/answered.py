"""Messages that were verified and answered ALREADY_DONE: the newest of a pair, or of an address's keys."""

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from webapp.gateway.tables import answered
from webapp.protocol.address import Address
from webapp.protocol.facts import Answered
from webapp.protocol.handle import Handle

KEYS = ""
"""What a message about signing keys is about, where others have their handle."""

_this = (answered.c.address == bindparam("of_address")) & (answered.c.about == bindparam("of_about"))
_known = select(answered.c.ts, answered.c.digest).where(_this)
_raise = update(answered).where(_this).values(ts=bindparam("ts"), digest=bindparam("digest"))
_forget = delete(answered).where(answered.c.ts < bindparam("before"))


def newest_about_keys(connection: Connection, address: Address | None) -> Answered | None:
    """Look up the newest such message about an address's keys; of a pair, it comes with the pair's facts."""
    if address is None:
        return None
    row = connection.execute(_known, {"of_address": address.checksummed, "of_about": KEYS}).first()
    return None if row is None else Answered(*row)


def keep_answered(
    connection: Connection, address: Address, about: Handle | str, newest: Answered, *, before: int
) -> None:
    """Keep it, so that it is on disk before the answer leaves; forget those that nothing could overtake now.

    Args:
        connection: The right to write.
        address: Who signed.
        about: The handle, or `KEYS`.
        newest: The message.
        before: The oldest time that a message may carry now, in milliseconds since the Unix epoch.
    """
    of = {"of_address": address.checksummed, "of_about": about}
    if connection.execute(_raise, {**of, "ts": newest.ts, "digest": newest.digest}).rowcount == 0:
        row = {"address": address.checksummed, "about": about, "ts": newest.ts, "digest": newest.digest}
        connection.execute(insert(answered), row)
    connection.execute(_forget, {"before": before})
