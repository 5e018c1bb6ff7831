# noqa: INP001 (Alembic loads this folder by its path)
"""Sessions tell their owner which browser they are of, and when it was here last."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.sql import letters

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of sessions from before nothing is known but when they began.
    op.add_column(
        "web_sessions", sa.Column("browser", letters(64), nullable=False, server_default="A browser")
    )
    op.add_column("web_sessions", sa.Column("seen_at", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE web_sessions SET seen_at = signed_in_at")


def downgrade() -> None:
    op.drop_column("web_sessions", "seen_at")
    op.drop_column("web_sessions", "browser")
