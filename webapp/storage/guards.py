"""Triggers that keep rows as they are, whoever writes: for migrations, in both databases' words."""

from alembic import op


def on_postgresql() -> bool:
    """Whether a migration runs on PostgreSQL."""
    return op.get_context().dialect.name == "postgresql"


def guard(name: str, occasion: str, table: str, condition: str = "") -> None:
    """Refuse what would change rows, as a violation of the table's integrity that says the guard's name.

    The occasion is DELETE, UPDATE, or UPDATE OF columns; the condition says of which rows, by what they are
    (OLD), and of all if it is empty.
    """
    if not on_postgresql():
        when = f"WHEN {condition} " if condition else ""
        refusal = f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {occasion} ON {table} {when}{refusal}")
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%', TG_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    when, refusal = f"WHEN ({condition}) " if condition else "", "EXECUTE FUNCTION refuse_change()"
    op.execute(f"CREATE TRIGGER {name} BEFORE {occasion} ON {table} FOR EACH ROW {when}{refusal}")
    if occasion == "DELETE":  # a way to empty a table that asks no row
        op.execute(f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {table} {refusal}")


def unguard(name: str, table: str) -> None:
    """Take a guard away."""
    op.execute(f"DROP TRIGGER {name} ON {table}" if on_postgresql() else f"DROP TRIGGER {name}")
    if on_postgresql():
        op.execute(f"DROP TRIGGER IF EXISTS {name}_all ON {table}")
