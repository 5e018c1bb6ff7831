# noqa: INP001 (Alembic loads this folder by its path)
"""Who asked for an open login, so that nobody fills the table alone."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.sql import letters

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_logins", sa.Column("asked_by", letters(64), nullable=False, server_default=""))
    op.create_index("ix_api_logins_caller", "api_logins", ["asked_by", "expires_at"])


def downgrade() -> None:
    op.drop_index("ix_api_logins_caller", "api_logins")
    op.drop_column("api_logins", "asked_by")
