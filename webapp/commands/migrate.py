"""`countersign migrate`: create or upgrade the tables."""

import argparse

from webapp.commands.environment import data_location, load_settings, migrated_database
from webapp.settings.environment import Serves


def act(_: argparse.Namespace) -> int:
    settings = load_settings(Serves.NOTHING)
    with migrated_database(settings):
        pass
    print(f"Up to date: {data_location(settings)}")
    return 0
