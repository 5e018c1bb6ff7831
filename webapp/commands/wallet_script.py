"""`countersign wallet-script`: the test kit's script for a page, for test runners that are not Python's."""

import argparse
from pathlib import Path

import webapp
from webapp.commands.errors import CommandError

SCRIPT = Path(webapp.__file__).parents[1] / "countersign" / "testing" / "wallet.js"
"""Found beside this package and not imported: the kit's modules need what only tests have."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Give it to the page before the page's own scripts, with a function `askCountersignWallet`, and call "
        "`countersignWallets.install([...])` after it: docs/testing.md has a whole example."
    )


def act(_: argparse.Namespace) -> int:
    """Print it."""
    try:
        script = SCRIPT.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CommandError("expected the built script; `node static/build.mjs` makes it") from None
    print(script, end="")
    return 0
