# noqa: INP001 (Alembic loads this folder by its path)
"""Whom the owners of handles keep from following, as their logs leave it."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.sql import letters

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocks",
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("handle", letters(20), primary_key=True),
        sa.Column("follower", letters(42), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_blocks_newest", "blocks", ["address", "handle", "position"])


def downgrade() -> None:
    op.drop_table("blocks")
