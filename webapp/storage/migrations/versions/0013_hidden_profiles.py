# noqa: INP001 (Alembic loads this folder by its path)
"""Profiles whose texts and picture the operator shows to nobody."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.sql import letters

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hidden_profiles",
        sa.Column("handle", letters(20), primary_key=True),
        sa.Column("owner_address", letters(42), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("hidden_profiles")
