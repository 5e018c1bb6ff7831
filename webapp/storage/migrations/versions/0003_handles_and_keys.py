# noqa: INP001 (Alembic loads this folder by its path)
"""Handles that are claimed and released; names of signing keys, and the log of what is done to them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHANGES_OWNER = sa.text("op IN ('claim', 'release')")

_GUARDS = {
    "key_operations_keep_rows": "BEFORE DELETE ON key_operations",
    "key_operations_keep_values": "BEFORE UPDATE ON key_operations",
}


def upgrade() -> None:
    op.add_column("signing_keys", sa.Column("name", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "key_operations",
        sa.Column("address", sa.String(42), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("op", sa.String(8), nullable=False),
        sa.Column("signing_key", sa.String(124), nullable=False),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(132), nullable=False),
        sa.Column("authorized_by", sa.String(124), nullable=False),
        sa.Column("previous_digest", sa.String(64), nullable=False),
        sa.Column("entry_digest", sa.String(64), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["address", "signing_key"],
            ["signing_keys.address", "signing_keys.public_key"],
            name="fk_key_operations_signing_key",
        ),
    )
    op.create_index("ix_key_operations_ts", "key_operations", ["address", "ts"])
    op.create_index("ix_key_operations_received", "key_operations", ["address", "received_at"])
    op.create_index("ix_operations_owner", "operations", ["handle", "position"], sqlite_where=_CHANGES_OWNER)
    for name, occasion in _GUARDS.items():
        op.execute(f"CREATE TRIGGER {name} {occasion} BEGIN SELECT RAISE(ABORT, '{name}'); END")


def downgrade() -> None:
    for name in _GUARDS:
        op.execute(f"DROP TRIGGER {name}")
    op.drop_index("ix_operations_owner", "operations")
    op.drop_table("key_operations")
    op.drop_column("signing_keys", "name")
