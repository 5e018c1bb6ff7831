# noqa: INP001 (Alembic loads this folder by its path)
"""Profiles in the order of their followers: each profile has a count, and the counts an index."""

import sqlalchemy as sa
from alembic import op

from webapp.storage.guards import on_postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("INSERT INTO follower_counts SELECT handle, 0 FROM profiles WHERE true ON CONFLICT DO NOTHING")
    if on_postgresql():
        op.execute(
            "CREATE FUNCTION count_profile() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO follower_counts VALUES (NEW.handle, 0) ON CONFLICT DO NOTHING; RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER profiles_are_counted AFTER INSERT ON profiles "
            "FOR EACH ROW EXECUTE FUNCTION count_profile()"
        )
        digits = "lpad(CAST((9999999999 - followers) AS text), 10, '0')"
    else:
        op.execute(
            "CREATE TRIGGER profiles_are_counted AFTER INSERT ON profiles BEGIN "
            "INSERT OR IGNORE INTO follower_counts VALUES (NEW.handle, 0); END"
        )
        digits = "printf('%010d', 9999999999 - followers)"
    op.create_index("ix_follower_counts_rank", "follower_counts", [sa.text(f"({digits} || handle)")])


def downgrade() -> None:
    op.drop_index("ix_follower_counts_rank", "follower_counts")
    if on_postgresql():
        op.execute("DROP TRIGGER profiles_are_counted ON profiles")
        op.execute("DROP FUNCTION count_profile")
    else:
        op.execute("DROP TRIGGER profiles_are_counted")
