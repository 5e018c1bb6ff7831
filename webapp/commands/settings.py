"""`countersign settings`: what is in force."""

import argparse
from dataclasses import fields

from webapp.commands.environment import load_settings
from webapp.setting_values import as_text
from webapp.settings import Serves, Settings, describe


def add_arguments(_: argparse.ArgumentParser) -> None:
    """Takes none."""


def act(_: argparse.Namespace) -> int:
    """Print NAME=value for every setting, as it is in force; secrets hidden."""
    settings = load_settings(Serves.NOTHING)
    secret = {spec.name for spec in fields(Settings) if spec.metadata["secret"]}
    for row in describe():
        name = row.name.lower()
        value = getattr(settings, name)
        print(f"{row.name}={'(hidden)' if name in secret and value else as_text(value)}")
    return 0
