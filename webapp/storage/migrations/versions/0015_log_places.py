# noqa: INP001 (Alembic loads this folder by its path)
"""On PostgreSQL entries get rising places from a sequence, and behind it numbers without gaps."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.guards import guard, on_postgresql, unguard
from webapp.storage.sql import letters

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_GUARDS = {"log_order_keep_rows": "DELETE", "log_order_keep_values": "UPDATE"}


def upgrade() -> None:
    if not on_postgresql():  # SQLite has one writer, and its positions have no gaps
        return
    op.execute("CREATE SEQUENCE log_places")
    place = sa.Column("place", sa.BigInteger, nullable=False, server_default=sa.text("nextval('log_places')"))
    op.add_column("key_operations", place)
    op.create_index("ix_key_operations_place", "key_operations", ["place"])
    op.create_table(
        "log_order",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("address", letters(42), nullable=False),
        sa.Column("handle", letters(20), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
    )
    op.create_index("uq_log_order_place", "log_order", ["place"], unique=True)
    seen = op.create_table(
        "log_order_seen",
        sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(seen, [{"one": 1, "place": 0}])
    for name, occasion in _GUARDS.items():
        guard(name, occasion, "log_order")


def downgrade() -> None:
    if not on_postgresql():
        return
    for name in _GUARDS:
        unguard(name, "log_order")
    op.drop_table("log_order_seen")
    op.drop_table("log_order")
    op.drop_column("key_operations", "place")
    op.execute("DROP SEQUENCE log_places")
