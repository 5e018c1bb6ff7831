"""Where commands work: the settings in force, and the database that they name."""

import os
from pathlib import Path

from webapp.commands.errors import CommandError
from webapp.settings import Settings, SettingsError
from webapp.storage.database import Database
from webapp.storage.migrate import is_current, upgrade

_SQLITE_PREFIX = "sqlite:///"


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        CommandError: Variables that cannot be used, all of them together.
    """
    try:
        return Settings.from_env(os.environ)
    except SettingsError as error:
        raise CommandError("settings that cannot be used:", error.faults) from None


def open_migrated(settings: Settings) -> Database:
    """Open the database, made or brought up to date where it was not."""
    database = Database.open(settings.database_url)
    upgrade(database)
    return database


def open_existing(settings: Settings) -> Database:
    """Open a database that is there and up to date; nothing is made or changed.

    Raises:
        CommandError: It is missing, or its tables are of another version.
    """
    path = settings.database_url.removeprefix(_SQLITE_PREFIX)
    if settings.database_url.startswith(_SQLITE_PREFIX) and not Path(path).exists():
        raise CommandError(f"DATABASE_URL: expected a database; there is none at {data_location(settings)}")
    database = Database.open(settings.database_url)
    if not is_current(database):
        database.close()
        raise CommandError(
            "DATABASE_URL: expected tables of this version; `countersign migrate` makes them so"
        )
    return database


def data_location(settings: Settings) -> str:
    """Where the data lives, for people to read."""
    return str(Path(settings.database_url.removeprefix(_SQLITE_PREFIX)).resolve())
