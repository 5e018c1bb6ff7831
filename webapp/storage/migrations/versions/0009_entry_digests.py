# noqa: INP001 (Alembic loads this folder by its path)
"""Entries of the logs are found by their digests."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    parts = ("(position >> 10)", "substr(entry_digest, 1, 10)")
    op.create_index("ix_operations_entry", "operations", [sa.text(part) for part in parts])
    op.create_index("ix_key_operations_entry", "key_operations", ["entry_digest"])


def downgrade() -> None:
    op.drop_index("ix_key_operations_entry", "key_operations")
    op.drop_index("ix_operations_entry", "operations")
