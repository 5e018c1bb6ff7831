"""The table of applications, as its queries see it. `storage/migrations/versions` creates it.

Times are milliseconds since the Unix epoch.
"""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

from webapp.storage.sql import letters

metadata = MetaData()

# A key is kept as SHA-256, in hex: a copy of the database opens nothing. `prefix` is its beginning, to tell
# keys apart by. A revoked row stays, so that its owner sees what became of it.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", letters(12), primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner_address", letters(42), nullable=True),
    Column("key_digest", letters(64), nullable=False),
    Column("prefix", letters(12), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger, nullable=True),
    Column("revoked_at", BigInteger, nullable=True),
)
Index("uq_api_keys_digest", api_keys.c.key_digest, unique=True)
Index("ix_api_keys_owner", api_keys.c.owner_address, api_keys.c.created_at)
