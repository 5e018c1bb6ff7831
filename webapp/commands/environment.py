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
    with _opened(settings) as database, _explain_failures(settings):
        upgrade(database)
        yield database


@contextmanager
def existing_database() -> Iterator[Database]:
    """Open a database that is there and up to date: nothing is made by opening it."""
    settings = load_settings(Serves.NOTHING)
    with _opened(settings, missing_ok=False) as database, _explain_failures(settings):
        if not is_current(database):
            raise CommandError(
                "DATABASE_URL: expected tables of this version; `countersign migrate` makes them so"
            )
        yield database


def data_location(settings: Settings) -> str:
    """Where the data lives, for people to read."""
    return place_of(settings.database_url)


@contextmanager
def _opened(settings: Settings, *, missing_ok: bool = True) -> Iterator[Database]:
    try:
        url = settings.database_url
        if not missing_ok and not is_postgresql(url) and not file_of(url).exists():
            raise CommandError(
                f"DATABASE_URL: expected a database; there is none at {data_location(settings)}"
            )
        database = Database.open(url)
    except DatabaseUrlError as error:
        raise CommandError(f"DATABASE_URL: {error}; {data_location(settings)}") from None
    except OSError as error:
        expected = "a place where a database can be"
        raise CommandError(f"DATABASE_URL: expected {expected}; {error.filename}: {error.strerror}") from None
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _explain_failures(settings: Settings) -> Iterator[None]:
    place = data_location(settings)
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
    raise CommandError(f"DATABASE_URL: {why}")
