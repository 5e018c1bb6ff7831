# noqa: INP001 (Alembic loads this folder by its path)
"""Signers whose quota is a number of their own."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.sql import letters

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signer_quotas",
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("quota", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("signer_quotas")
