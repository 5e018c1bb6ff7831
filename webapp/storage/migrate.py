"""Schema migrations: one lineage for every room's tables, run by Alembic, carried inside the package."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from webapp.storage.database import Database
from webapp.storage.errors import Occupied, UnknownRevision

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")
PATIENCE_S = 60.0


def upgrade(database: Database) -> None:
    """Bring the tables to the newest revision, in one transaction; do nothing where they are there.

    Any number of processes may do so together. On PostgreSQL whoever is in the way, of another process's
    migration or of a table that is used, is waited for longer than by other transactions, and lets others
    pass in between. Raises `DatabaseUnavailable` where the database cannot be written now, and
    `UnknownRevision` where the tables are of none of our revisions.
    """
    until = time.monotonic() + PATIENCE_S
    while not is_current(database):
        # Imported for this alone: it takes 0.3 s, which every start and every command would wait for.
        from alembic import command  # noqa: PLC0415

        try:
            with database.write(locks={"migrations": True}) as connection:
                command.upgrade(alembic_config(connection), "heads")
        except Occupied:
            if time.monotonic() >= until:
                raise
        else:
            return


def alembic_config(connection: Connection) -> "Config":
    """Have Alembic work on a connection that has the right to write."""
    from alembic.config import Config  # noqa: PLC0415 (as above)

    config = Config()
    # A percent sign in the path would be read as the beginning of an interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def is_current(database: Database) -> bool:
    """Say whether the tables are at the newest revision.

    Raises `DatabaseUnavailable` where the database cannot be read now, and `UnknownRevision` as `upgrade`.
    """
    ours = revisions()
    with database.read() as connection:
        is_made = inspect(connection).has_table("alembic_version")
        found = connection.scalars(text("SELECT version_num FROM alembic_version")) if is_made else ()
        theirs = set(found)
    if unknown := theirs - set(ours):
        raise UnknownRevision(", ".join(sorted(unknown)))
    return theirs == {ours[-1]}


def revisions() -> list[str]:
    """Every revision of ours, the newest last: a migration's file begins with the number of its revision."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
