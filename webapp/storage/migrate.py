"""Schema migrations: one lineage for every room's tables, run by Alembic, carried inside the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from webapp.storage.database import Database
from webapp.storage.errors import UnknownRevision

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(database: Database) -> None:
    """Bring the tables to the newest revision, in one transaction; do nothing where they are there.

    Raises:
        DatabaseUnavailable: The database cannot be written now.
        UnknownRevision: The tables are of none of our revisions.
    """
    if is_current(database):
        return
    with database.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")


def is_current(database: Database) -> bool:
    """Say whether the tables are at the newest revision.

    Raises:
        DatabaseUnavailable: The database cannot be read now.
        UnknownRevision: The tables are of none of our revisions.
    """
    ours = ScriptDirectory.from_config(_config())
    with database.read() as connection:
        theirs = _revisions(connection)
    if unknown := theirs - {script.revision for script in ours.walk_revisions()}:
        raise UnknownRevision(", ".join(sorted(unknown)))
    return theirs == set(ours.get_heads())


def _config() -> Config:
    config = Config()
    # A percent sign in the path would be read as the beginning of an interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revisions(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())
