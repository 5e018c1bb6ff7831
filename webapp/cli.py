"""`countersign COMMAND`: finds the command's module, imports that one alone, and gives it its arguments."""

import argparse
import atexit
import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from webapp.commands.errors import CommandError
from webapp.commands.stderr import say, write_no_more

COMMANDS = {
    "run": "migrate, seed demo profiles into an empty database, serve",
    "gateway": "migrate, seed and serve the gateway alone, without the site",
    "migrate": "bring the database's tables up to date",
    "settings": "print every setting in force, secrets hidden",
    "verify": "check proofs of connection offline, with nothing but the file",
    "export": "write an address's whole operation log as JSON Lines",
    "backup": "copy the database while the server goes on, and verify the copy",
    "copy": "move everything from SQLite to PostgreSQL, and verify both ends",
    "api-key": "create, list or revoke keys of applications that use the API",
    "hide": "keep a profile's name, words and picture out of all answers, or show them again",
    "wallet-script": "print the script that puts test wallets into a page",
    "rebuild": "make edges, counts and profiles anew from the operation log",
}
"""Every command, and what it does; its module is `webapp.commands.NAME`."""

STOPPED_READING = 141
"""Exit code when nobody reads on, as shells have it for SIGPIPE: neither success nor a command's verdict."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code (2: settings, usage or surroundings that fail)."""
    if sys.stdout is None or sys.stdout.closed:
        return _refused("stdout: expected to be open")
    if isinstance(
        sys.stdout, TextIOWrapper
    ):  # a terminal that lacks a character gets its code, not a traceback
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        result = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except CommandError as error:
        return _refused(error.why, *error.faults)
    except BrokenPipeError:  # whoever read what we print has seen enough
        write_no_more(sys.stdout)
        return STOPPED_READING
    except OSError as error:  # what else they expect to fail, commands name themselves
        write_no_more(sys.stdout)
        return _refused(f"{error.filename or 'output'}: {error.strerror or error}")
    return result


def _run(given: list[str]) -> int:
    wanted = next((argument for argument in given if not argument.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="countersign", description="Wallet-signed follow and unfollow.")
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="print the version and stop")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        if name == wanted:
            gc.disable()  # what modules make stays: to look for garbage in it takes a tenth of a start
            module = import_module(f"webapp.commands.{name.replace('-', '_')}")
            gc.enable()
            atexit.register(gc.freeze)  # to look for garbage in it at the end takes a quarter of a second
            if hasattr(module, "add_arguments"):
                module.add_arguments(command)
            command.set_defaults(act=module.act)
    try:
        options = parser.parse_args(given)
    finally:
        sys.stdout.flush()  # what --help and --version print, before they end the process
    result: int = options.act(options)
    return result


def _refused(why: str, *faults: str) -> int:
    """Say why nothing came of it."""
    say(why, *faults)
    return 2


class _ShowVersion(argparse.Action):
    """Asks for the version only when it is to be shown: that alone takes longer than all the rest here."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        version = import_module("importlib.metadata").version("countersign")
        print(version)
        parser.exit()


if __name__ == "__main__":
    raise SystemExit(main())
