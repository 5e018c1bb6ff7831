# noqa: INP001 (Alembic loads this folder by its path)
"""The newest message that was answered ALREADY_DONE, so that no older one overtakes it."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.sql import letters

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answered",
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("about", letters(20), primary_key=True),
        sa.Column("ts", sa.BigInteger, nullable=False),
        sa.Column("digest", letters(64), nullable=False),
    )
    op.create_index("ix_answered_ts", "answered", ["ts"])


def downgrade() -> None:
    op.drop_table("answered")
