"""`countersign settings`: what is in force."""

import argparse

from webapp.commands.environment import load_settings
from webapp.settings.environment import VARIABLES, Serves


def act(_: argparse.Namespace) -> int:
    """Print NAME=value for every setting, as it is in force; secrets hidden."""
    settings = load_settings(Serves.NOTHING)
    for name in VARIABLES:
        print(f"{name}={settings.shown(name.lower())}")
    return 0
