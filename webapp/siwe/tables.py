"""The tables of sign-in nonces, as queries see them. `storage/migrations/versions` creates them."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, UniqueConstraint

from webapp.storage.sql import big_serial, letters

metadata = MetaData()

# One row, made with the table: every server process on this database makes and knows nonces by it.
nonce_key = Table("nonce_key", metadata, Column("key", LargeBinary(32), primary_key=True))

# A series is what nonces are numbered in: 0, 1, 2 ... `position` tells the order in which they were used.
# `expires_at` is in milliseconds since the Unix epoch.
used_nonces = Table(
    "used_nonces",
    metadata,
    Column("position", big_serial(), primary_key=True),
    Column("series", letters(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    UniqueConstraint("series", "number", name="uq_used_nonces"),
)
