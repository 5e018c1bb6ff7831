"""Where commands work: the settings in force, and the database that they name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError

from webapp.commands.errors import CommandError
from webapp.commands.stderr import say
from webapp.settings.environment import Serves, Settings, SettingsError
from webapp.settings.retired import retired_variables
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseFailure, DatabaseUrlError, OutcomeUnknown, UnknownRevision
from webapp.storage.migrate import is_current, upgrade
from webapp.storage.urls import file_of, is_postgresql, place_of

_SETTING = "DATABASE_URL"


def load_settings(serves: Serves) -> Settings:
    """Read the environment, for a command that serves the site, the gateway, or nothing.

    Variables that are no settings any more are named on stderr: they decide nothing, which may be looser than
    whoever set them wanted. All that cannot be used is one `CommandError`.
    """
    if retired := retired_variables(os.environ):
        say("variables without effect:", *retired)
    try:
        return Settings.from_env(os.environ, serves=serves)
    except SettingsError as error:
        if len(error.faults) == 1:
            raise CommandError(error.faults[0]) from None
        raise CommandError("settings that cannot be used:", error.faults) from None


@contextmanager
def migrated_database(settings: Settings) -> Iterator[Database]:
    """Open the database, made or brought up to date where it was not."""
    with opened(_SETTING, settings.database_url) as database, explained(_SETTING, settings.database_url):
        upgrade(database)
        yield database


@contextmanager
def existing_database() -> Iterator[Database]:
    """Open a database that is there and up to date: nothing is made by opening it."""
    settings = load_settings(Serves.NOTHING)
    url = settings.database_url
    with opened(_SETTING, url, missing_ok=False) as database, explained(_SETTING, url):
        if not is_current(database):
            raise CommandError(
                "DATABASE_URL: expected tables of this version; `countersign migrate` makes them so"
            )
        yield database


@contextmanager
def opened(name: str, url: str, *, missing_ok: bool = True) -> Iterator[Database]:
    """Open the database at a URL, which people know by a name: a setting's, or an argument's."""
    try:
        if not missing_ok and not is_postgresql(url) and not file_of(url).exists():
            raise CommandError(f"{name}: expected a database; there is none at {place_of(url)}")
        database = Database.open(url)
    except DatabaseUrlError as error:
        raise CommandError(f"{name}: {error}") from None
    except OSError as error:
        expected = "a place where a database can be"
        raise CommandError(f"{name}: expected {expected}; {error.filename}: {error.strerror}") from None
    try:
        yield database
    finally:
        database.close()


@contextmanager
def explained(name: str, url: str) -> Iterator[None]:
    """Tell of what fails with a database in one line, by the name that people know it by."""
    place = place_of(url)
    try:
        yield
    except OutcomeUnknown as error:
        why = f"expected to write for certain; whether it was done is not known; {place}: {error.reason}"
    except DatabaseFailure as error:
        why = f"expected a database that can be used now; {place}: {error.reason}"
    except UnknownRevision as error:
        why = f"expected tables of this version or an older one; {place} has those of revision {error}"
    except DatabaseError as error:
        why = f"expected a whole database of ours; {place}: {error.orig}"
    else:
        return
    raise CommandError(f"{name}: {why}")
