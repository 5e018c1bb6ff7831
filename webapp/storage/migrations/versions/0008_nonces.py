# noqa: INP001 (Alembic loads this folder by its path)
"""Sign-ins that wait for their answer are kept nowhere any more: there is a key that knows them again."""

import secrets

import sqlalchemy as sa
from alembic import op

from webapp.storage.guards import on_postgresql
from webapp.storage.sql import big_serial, letters

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Logins that nobody answered had the network addresses of who asked: they are overwritten.
    if not on_postgresql():
        op.execute("PRAGMA secure_delete = ON")
    op.drop_table("login_nonces")
    op.drop_table("api_logins")
    key = op.create_table("nonce_key", sa.Column("key", sa.LargeBinary(32), primary_key=True))
    op.bulk_insert(key, [{"key": secrets.token_bytes(32)}])
    op.create_table(
        "used_nonces",
        sa.Column("position", big_serial(), primary_key=True),
        sa.Column("series", letters(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("series", "number", name="uq_used_nonces"),
    )


def downgrade() -> None:
    op.drop_table("used_nonces")
    op.drop_table("nonce_key")
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
    op.create_table(
        "api_logins",
        sa.Column("nonce", letters(64), primary_key=True),
        sa.Column("domain", letters(255), nullable=False),
        sa.Column("address", letters(42), nullable=False),
        sa.Column("chain_id", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("asked_by", letters(64), nullable=False, server_default=""),
    )
    op.create_index("ix_api_logins_asked", "api_logins", ["address", "domain", "chain_id", "issued_at"])
    op.create_index("ix_api_logins_expiry", "api_logins", ["expires_at"])
    op.create_index("ix_api_logins_caller", "api_logins", ["asked_by", "expires_at"])
