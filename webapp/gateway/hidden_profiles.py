"""Profiles of which the operator shows nobody the name, words and picture. The log stays as it is."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from webapp.gateway.tables import hidden_profiles, profiles
from webapp.storage.database import Database


def hide(database: Database, handle: str) -> bool:
    """Hide what a profile shows, now and after any change, for as long as its present owner has the handle.

    Returns False where nobody has it.
    """
    owned = select(profiles.c.handle, profiles.c.owner_address).where(profiles.c.handle == handle)
    with database.write() as connection:
        connection.execute(
            insert(hidden_profiles).from_select(["handle", "owner_address"], owned).on_conflict_do_nothing(),
        )
        return connection.execute(owned).first() is not None


def unhide(database: Database, handle: str) -> bool:
    """Show again what a profile shows, of whomever it was hidden; False where it was not hidden."""
    with database.write() as connection:
        done = connection.execute(delete(hidden_profiles).where(hidden_profiles.c.handle == handle))
        return done.rowcount > 0
