"""`countersign hide`: keeps a profile's name, words and picture out of what the gateway answers."""

import argparse

from webapp.commands.environment import existing_database
from webapp.commands.errors import CommandError
from webapp.gateway.hidden_profiles import hide, unhide


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("handle", metavar="HANDLE", help="the profile's")
    parser.add_argument("--undo", action="store_true", help="show it again")
    parser.epilog = (
        "At once, in running servers too. Handle, follows and the log with its proofs stay as they are."
    )


def act(options: argparse.Namespace) -> int:
    handle: str = options.handle.removeprefix("@")
    with existing_database() as database:
        if options.undo:
            if not unhide(database, handle):
                raise CommandError(f"HANDLE: expected one that is hidden; {handle!r}")
            print(f"@{handle} is shown again.")
        else:
            if not hide(database, handle):
                raise CommandError(f"HANDLE: expected one that somebody has; {handle!r}")
            print(f"@{handle} is hidden: its name, words and picture are in no answer.")
    return 0
