# noqa: INP001 (Alembic loads this folder by its path)
"""Handles that are claimed and released; names of signing keys, and the log of what is done to them."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.guards import guard, unguard
from webapp.storage.sql import letters

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHANGES_OWNER = sa.text("op IN ('claim', 'release')")

_GUARDS = {
    "key_operations_keep_rows": "DELETE",
    "key_operations_keep_values": "UPDATE",
}


def upgrade() -> None:
    op.add_column("signing_keys", sa.Column("name", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "key_operations",
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("op", letters(8), nullable=False),
        sa.Column("signing_key", letters(124), nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("digest", letters(64), nullable=False),
        sa.Column("signature", letters(132), nullable=False),
        sa.Column("authorized_by", letters(124), nullable=False),
        sa.Column("previous_digest", letters(64), nullable=False),
        sa.Column("entry_digest", letters(64), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["address", "signing_key"],
            ["signing_keys.address", "signing_keys.public_key"],
            name="fk_key_operations_signing_key",
        ),
    )
    op.create_index("ix_key_operations_ts", "key_operations", ["address", "ts"])
    op.create_index("ix_key_operations_received", "key_operations", ["address", "received_at"])
    op.create_index(
        "ix_operations_owner",
        "operations",
        ["handle", "position"],
        sqlite_where=_CHANGES_OWNER,
        postgresql_where=_CHANGES_OWNER,
    )
    for name, occasion in _GUARDS.items():
        guard(name, occasion, "key_operations")


def downgrade() -> None:
    for name in _GUARDS:
        unguard(name, "key_operations")
    op.drop_index("ix_operations_owner", "operations")
    op.drop_table("key_operations")
    op.drop_column("signing_keys", "name")
