"""`countersign migrate`: create or upgrade the tables."""

import argparse

from webapp.commands.environment import load_settings, migrated_database
from webapp.settings.environment import Serves
from webapp.storage.urls import place_of


def act(_: argparse.Namespace) -> int:
    settings = load_settings(Serves.NOTHING)
    with migrated_database(settings):
        pass
    print(f"Up to date: {place_of(settings.database_url)}")
    return 0
