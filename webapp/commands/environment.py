"""Where commands work: the settings in force, and the database that they name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.commands.errors import CommandError
from webapp.settings import Serves, Settings, SettingsError
from webapp.storage.database import SQLITE_PREFIX, Database
from webapp.storage.errors import DatabaseUnavailable
from webapp.storage.migrate import is_current, upgrade


def load_settings(serves: Serves) -> Settings:
    """Read the environment, for a command that serves the site, the gateway, or nothing.

    Raises:
        CommandError: Variables that cannot be used, all of them together.
    """
    try:
        return Settings.from_env(os.environ, serves=serves)
    except SettingsError as error:
        raise CommandError("settings that cannot be used:", error.faults) from None


def open_migrated(settings: Settings) -> Database:
    """Open the database, made or brought up to date where it was not."""
    database = Database.open(settings.database_url)
    upgrade(database)
    return database


@contextmanager
def existing_database() -> Iterator[Database]:
    """A database that is there and up to date: nothing is made by opening it.

    Raises:
        CommandError: It is missing, or its tables are of another version, or it cannot be used now.
    """
    settings = load_settings(Serves.NOTHING)
    path = settings.database_url.removeprefix(SQLITE_PREFIX)
    if settings.database_url.startswith(SQLITE_PREFIX) and not Path(path).exists():
        raise CommandError(f"DATABASE_URL: expected a database; there is none at {data_location(settings)}")
    database = Database.open(settings.database_url)
    try:
        if not is_current(database):
            raise CommandError(
                "DATABASE_URL: expected tables of this version; `countersign migrate` makes them so"
            )
        yield database
    except DatabaseUnavailable as error:
        raise CommandError(
            f"DATABASE_URL: expected a database that can be used now; {error.reason}"
        ) from None
    finally:
        database.close()


def data_location(settings: Settings) -> str:
    """Where the data lives, for people to read."""
    return str(Path(settings.database_url.removeprefix(SQLITE_PREFIX)).resolve())
