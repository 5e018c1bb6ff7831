# noqa: INP001 (Alembic loads this folder by its path)
"""Profiles in the order of their followers: each profile has a count, and the counts an index."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("INSERT OR IGNORE INTO follower_counts SELECT handle, 0 FROM profiles")
    op.execute(
        "CREATE TRIGGER profiles_are_counted AFTER INSERT ON profiles BEGIN "
        "INSERT OR IGNORE INTO follower_counts VALUES (NEW.handle, 0); END"
    )
    rank = sa.text("printf('%010d', 9999999999 - followers) || handle")
    op.create_index("ix_follower_counts_rank", "follower_counts", [rank])


def downgrade() -> None:
    op.drop_index("ix_follower_counts_rank", "follower_counts")
    op.execute("DROP TRIGGER profiles_are_counted")
