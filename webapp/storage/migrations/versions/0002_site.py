# noqa: INP001 (Alembic loads this folder by its path)
"""The site's tables: who is signed in, and which challenges are open."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.sql import letters

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "web_sessions",
        sa.Column("session_digest", letters(64), primary_key=True),
        sa.Column("address", letters(42), primary_key=True),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("signed_in_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_web_sessions_address", "web_sessions", ["address"])
    op.create_index("ix_web_sessions_expiry", "web_sessions", ["expires_at"])
    op.create_table(
        "login_nonces",
        sa.Column("nonce", letters(64), primary_key=True),
        sa.Column("visitor_digest", letters(64), nullable=False),
        sa.Column("address", letters(42), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_login_nonces_visitor", "login_nonces", ["visitor_digest", "issued_at"])
    op.create_index("ix_login_nonces_expiry", "login_nonces", ["expires_at"])


def downgrade() -> None:
    op.drop_table("login_nonces")
    op.drop_table("web_sessions")
