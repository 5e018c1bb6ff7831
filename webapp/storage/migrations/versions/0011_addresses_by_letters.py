# noqa: INP001 (Alembic loads this folder by its path)
"""Followers are searched by the beginning of their addresses, in small letters as in capital ones."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_following_counts_letters", "following_counts", [sa.text("lower(address)")])


def downgrade() -> None:
    op.drop_index("ix_following_counts_letters", "following_counts")
