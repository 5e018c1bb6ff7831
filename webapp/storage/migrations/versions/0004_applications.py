# noqa: INP001 (Alembic loads this folder by its path)
"""Applications and their API keys; open logins of the API."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.sql import letters

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", letters(12), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner_address", letters(42), nullable=True),
        sa.Column("key_digest", letters(64), nullable=False),
        sa.Column("prefix", letters(12), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger, nullable=True),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
    )
    op.create_index("uq_api_keys_digest", "api_keys", ["key_digest"], unique=True)
    op.create_index("ix_api_keys_owner", "api_keys", ["owner_address", "created_at"])
    op.create_table(
        "api_logins",
        sa.Column("nonce", letters(64), primary_key=True),
        sa.Column("domain", letters(255), nullable=False),
        sa.Column("address", letters(42), nullable=False),
        sa.Column("chain_id", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_api_logins_asked", "api_logins", ["address", "domain", "chain_id", "issued_at"])
    op.create_index("ix_api_logins_expiry", "api_logins", ["expires_at"])


def downgrade() -> None:
    op.drop_table("api_logins")
    op.drop_table("api_keys")
