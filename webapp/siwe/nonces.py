"""Nonces that are kept only once they were used: made with a key of the database, and recognised by it.

So whoever asks for a text leaves nothing behind, and cannot fill anything or shut anybody out.
"""

import hmac
import json
from base64 import b32encode
from functools import cached_property

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp.siwe.tables import nonce_key, used_nonces
from webapp.storage.database import Database

NONCE_LIFETIME_MS = 300_000
"""How long a sign-in text can be answered: a person reads it in a wallet, and may look for that first."""
SEAL_CHARACTERS = 32
"""Letters and digits of a seal: 160 bits."""
ALWAYS_KEPT = 10_000
"""So many of the newest used ones stay, whatever the clock says."""
KEPT_MS = 3_600_000
"""How long the others stay after they ran out."""

_SEAL_BYTES = SEAL_CHARACTERS * 5 // 8

_highest = (
    select(used_nonces.c.series, func.max(used_nonces.c.number))
    .where(used_nonces.c.series.in_(bindparam("series", expanding=True)))
    .group_by(used_nonces.c.series)
)
_use = insert(used_nonces).on_conflict_do_nothing().returning(used_nonces.c.series)
_newest = select(func.max(used_nonces.c.position)).scalar_subquery()
_some = select(used_nonces.c.position).limit(bindparam("most")).subquery()
_number = select(func.count()).select_from(_some)
_forget = delete(used_nonces).where(
    used_nonces.c.position <= _newest - bindparam("always_kept"),
    used_nonces.c.expires_at <= bindparam("before"),
)


class Nonces:
    """The nonces of one database. Safe to share between threads; any number of processes may."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seal(self, purpose: str, *parts: str | int) -> str:
        """Derive 32 letters and digits from these parts with this database's key (HMAC-SHA256)."""
        mac = hmac.digest(self._key, json.dumps([purpose, *parts]).encode(), "sha256")
        return b32encode(mac[:_SEAL_BYTES]).decode("ascii").lower()

    def next_numbers(self, *series: str) -> list[int]:
        """Return the number after the highest used one of each series; 0 where none was."""
        with self._database.read() as connection:
            rows = connection.execute(_highest, {"series": series}).all()
        highest = {of: number for of, number in rows}  # noqa: C416 (a row is a tuple to Python, not to mypy)
        return [highest.get(each, -1) + 1 for each in series]

    def use(self, series: str, number: int, *, expires_at: int, now: int, most: int | None = None) -> bool:
        """Use a nonce up, for good; of any number of callers at once, one hears True.

        Used ones are deleted late. Were it done as soon as the clock says that they ran out, a clock that
        jumps ahead and returns, or is set back, would make them good again. `expires_at` and `now` are in
        milliseconds since the Unix epoch. With `most`, False as well where that many rows are there already.
        """
        row = {"series": series, "number": number, "expires_at": expires_at}
        with self._database.write() as connection:
            if most is not None and connection.execute(_number, {"most": most}).scalar_one() == most:
                return False
            unused = connection.execute(_use, row).first() is not None
            connection.execute(_forget, {"always_kept": ALWAYS_KEPT, "before": now - KEPT_MS})
        return unused

    @cached_property
    def _key(self) -> bytes:
        with self._database.read() as connection:
            key: bytes = connection.execute(select(nonce_key.c.key)).scalar_one()
        return key
