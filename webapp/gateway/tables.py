"""The gateway's tables, as its queries see them. `storage/migrations/versions` creates them.

Times are milliseconds since the Unix epoch. Addresses are in EIP-55 spelling, their one form everywhere.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    column,
    func,
    literal_column,
    text,
)

from webapp.storage.sql import TenDigits, letters

metadata = MetaData()

profiles = Table(
    "profiles",
    metadata,
    Column("handle", letters(20), primary_key=True),
    Column("profile_id", BigInteger, nullable=False),
    Column("owner_address", letters(42), nullable=False),
    Column("display_name", Text, nullable=False),
    Column("bio", Text, nullable=False),
    Column("avatar", Text, nullable=False),
    Column("metadata", Text, key="metadata_location", nullable=False),
    Column("is_primary", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("profile_id", name="uq_profiles_profile_id"),
)
Index("ix_profiles_owner", profiles.c.owner_address, profiles.c.profile_id)

# What the operator keeps out of all answers: the texts and the picture of a handle while this address has it.
# Nothing of it is in the log, so that no projection has it either.
hidden_profiles = Table(
    "hidden_profiles",
    metadata,
    Column("handle", letters(20), primary_key=True),
    Column("owner_address", letters(42), primary_key=True),
)

# A row stays for ever, revoked or not: triggers refuse to delete it or to change what the wallet signed.
# `name`, `expires_at` and `revoked_at` are projected from `key_operations`.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("address", letters(42), primary_key=True),
    Column("public_key", letters(124), primary_key=True),
    Column("authorization_message", Text, nullable=False),
    Column("authorization_signature", Text, nullable=False),
    Column("registered_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
    Column("name", Text, nullable=False, server_default=""),
)

# Append-only, like the operations. `authorized_by` is empty where the wallet itself signed.
key_operations = Table(
    "key_operations",
    metadata,
    Column("address", letters(42), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("op", letters(8), nullable=False),
    Column("signing_key", letters(124), nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("digest", letters(64), nullable=False),
    Column("signature", letters(132), nullable=False),
    Column("authorized_by", letters(124), nullable=False),
    Column("previous_digest", letters(64), nullable=False),
    Column("entry_digest", letters(64), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["address", "signing_key"],
        ["signing_keys.address", "signing_keys.public_key"],
        name="fk_key_operations_signing_key",
    ),
)
Index("ix_key_operations_ts", key_operations.c.address, key_operations.c.ts)
Index("ix_key_operations_received", key_operations.c.address, key_operations.c.received_at)
Index("ix_key_operations_entry", key_operations.c.entry_digest)

# Append-only: triggers refuse UPDATE and DELETE. `position` numbers the whole log, `sequence` that of a pair.
operations = Table(
    "operations",
    metadata,
    Column("address", letters(42), primary_key=True),
    Column("handle", letters(20), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("op", letters(8), nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("digest", letters(64), nullable=False),
    Column("signature", letters(130), nullable=False),
    Column("signing_key", letters(124), nullable=False),
    Column("previous_digest", letters(64), nullable=False),
    Column("entry_digest", letters(64), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["address", "signing_key"],
        ["signing_keys.address", "signing_keys.public_key"],
        name="fk_operations_signing_key",
    ),
)
Index("uq_operations_position", operations.c.position, unique=True)
Index("ix_operations_received", operations.c.address, operations.c.received_at)
# By digest, in stretches of the log: what was appended together is written together, into few pages. An index
# of all digests would be written to everywhere, and cost each operation eight times as much.


def stretch_of(position: ColumnElement[int]) -> ColumnElement[int]:
    """Give the number of the stretch of the log that a position is in."""
    return position.op(">>")(literal_column("10"))


entry_begins = func.substr(operations.c.entry_digest, literal_column("1"), literal_column("10"))
"""What tells the entries of a stretch apart: the beginning of their digests."""
Index("ix_operations_entry", stretch_of(operations.c.position), entry_begins)
# Written out: an index over some rows serves only conditions that the database can see to be the same.
changes_owner = text("op IN ('claim', 'release')")
Index(
    "ix_operations_owner",
    operations.c.handle,
    operations.c.position,
    sqlite_where=changes_owner,
    postgresql_where=changes_owner,
)

# What the log amounts to, one row a pair: the last operation, and whether a follow holds, which the handle's
# owner may have ended. Written with the log, and rebuilt from it.
edges = Table(
    "edges",
    metadata,
    Column("address", letters(42), primary_key=True),
    Column("handle", letters(20), primary_key=True),
    Column("following", Boolean, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("digest", letters(64), nullable=False),
    Column("entry_digest", letters(64), nullable=False),
)
_followed = column("following").is_(True)
Index(
    "ix_edges_followers", edges.c.handle, edges.c.position, sqlite_where=_followed, postgresql_where=_followed
)
Index(
    "ix_edges_followings",
    edges.c.address,
    edges.c.position,
    sqlite_where=_followed,
    postgresql_where=_followed,
)

# Whom the owner of a handle keeps from following it, by the log of that owner and handle. Nobody else's block
# counts, so that a handle's next owner is bound by none. Written with the log, and rebuilt from it.
blocks = Table(
    "blocks",
    metadata,
    Column("address", letters(42), primary_key=True),
    Column("handle", letters(20), primary_key=True),
    Column("follower", letters(42), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
Index("ix_blocks_newest", blocks.c.address, blocks.c.handle, blocks.c.position)

# The newest message of a pair that was answered ALREADY_DONE, or of an address's keys (`about` is empty).
# Beside the log, and no part of it: a row counts for as long as its message's time is in the window.
answered = Table(
    "answered",
    metadata,
    Column("address", letters(42), primary_key=True),
    Column("about", letters(20), primary_key=True),
    Column("ts", BigInteger, nullable=False),
    Column("digest", letters(64), nullable=False),
)
Index("ix_answered_ts", answered.c.ts)

# Signers whose quota is not the operator's setting, but a number of their own. No part of the log either.
signer_quotas = Table(
    "signer_quotas",
    metadata,
    Column("address", letters(42), primary_key=True),
    Column("quota", Integer, nullable=False),
)

follower_counts = Table(
    "follower_counts",
    metadata,
    Column("handle", letters(20), primary_key=True),
    Column("followers", Integer, nullable=False),
)
"""Every profile has its row: a trigger sees to it."""
followed_rank = TenDigits(literal_column("9999999999") - follower_counts.c.followers).concat(
    follower_counts.c.handle
)
"""Puts the most followed handle first, and those with as many followers in alphabetical order."""
Index("ix_follower_counts_rank", followed_rank)

following_counts = Table(
    "following_counts",
    metadata,
    Column("address", letters(42), primary_key=True),
    Column("followings", Integer, nullable=False),
)
address_letters = func.lower(following_counts.c.address)
"""Addresses as they are searched: in small letters. Only an address's first operation is written here."""
Index("ix_following_counts_letters", address_letters)
