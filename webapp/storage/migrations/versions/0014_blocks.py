# noqa: INP001 (Alembic loads this folder by its path)
"""Whom the owners of handles keep from following, as their logs leave it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocks",
        sa.Column("address", sa.String(42), primary_key=True),
        sa.Column("handle", sa.String(20), primary_key=True),
        sa.Column("follower", sa.String(42), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_blocks_newest", "blocks", ["address", "handle", "position"])


def downgrade() -> None:
    op.drop_table("blocks")
