# noqa: INP001 (Alembic loads this folder by its path)
"""The gateway's tables: profiles, signing keys, the operation log and what is projected from it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from webapp.storage.guards import guard, on_postgresql, unguard
from webapp.storage.sql import letters

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_FOLLOWED: Any = {
    "sqlite_where": sa.text("following IS 1"),
    "postgresql_where": sa.text("following IS true"),
}

# What must never change is kept by the database itself, whoever writes to it.
_GUARDS = {
    "operations_keep_rows": ("DELETE", "operations"),
    "operations_keep_values": ("UPDATE", "operations"),
    "signing_keys_keep_rows": ("DELETE", "signing_keys"),
    "signing_keys_keep_authorization": (
        "UPDATE OF address, public_key, authorization_message, authorization_signature, registered_at",
        "signing_keys",
    ),
    "signing_keys_keep_revocation": ("UPDATE", "signing_keys", "OLD.revoked_at IS NOT NULL"),
}


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column("handle", letters(20), primary_key=True),
        sa.Column("profile_id", sa.BigInteger, nullable=False),
        sa.Column("owner_address", letters(42), nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("bio", sa.Text, nullable=False),
        sa.Column("avatar", sa.Text, nullable=False),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("is_primary", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("profile_id", name="uq_profiles_profile_id"),
    )
    op.create_index("ix_profiles_owner", "profiles", ["owner_address", "profile_id"])
    op.create_table(
        "signing_keys",
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("public_key", letters(124), primary_key=True),
        sa.Column("authorization_message", sa.Text, nullable=False),
        sa.Column("authorization_signature", sa.Text, nullable=False),
        sa.Column("registered_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "operations",
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("handle", letters(20), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("op", letters(8), nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("digest", letters(64), nullable=False),
        sa.Column("signature", letters(130), nullable=False),
        sa.Column("signing_key", letters(124), nullable=False),
        sa.Column("previous_digest", letters(64), nullable=False),
        sa.Column("entry_digest", letters(64), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["address", "signing_key"],
            ["signing_keys.address", "signing_keys.public_key"],
            name="fk_operations_signing_key",
        ),
    )
    # PostgreSQL gives positions from a sequence, and may have the table in parts: no unique index spans them.
    op.create_index("uq_operations_position", "operations", ["position"], unique=not on_postgresql())
    op.create_index("ix_operations_received", "operations", ["address", "received_at"])
    op.create_table(
        "edges",
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("handle", letters(20), primary_key=True),
        sa.Column("following", sa.Boolean, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("digest", letters(64), nullable=False),
        sa.Column("entry_digest", letters(64), nullable=False),
    )
    op.create_index("ix_edges_followers", "edges", ["handle", "position"], **_FOLLOWED)
    op.create_index("ix_edges_followings", "edges", ["address", "position"], **_FOLLOWED)
    op.create_table(
        "follower_counts",
        sa.Column("handle", letters(20), primary_key=True),
        sa.Column("followers", sa.Integer, nullable=False),
    )
    op.create_table(
        "following_counts",
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("followings", sa.Integer, nullable=False),
    )
    for name, what in _GUARDS.items():
        guard(name, *what)


def downgrade() -> None:
    for name, (_, table, *_) in _GUARDS.items():
        unguard(name, table)
    for table in ("following_counts", "follower_counts", "edges", "operations", "signing_keys", "profiles"):
        op.drop_table(table)
    if on_postgresql():
        op.execute("DROP FUNCTION refuse_change")
