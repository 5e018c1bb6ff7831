"""`countersign export ADDRESS`: an address's whole log as JSON Lines."""

import argparse
import sys
from typing import BinaryIO

from webapp.commands.environment import existing_database
from webapp.commands.errors import CommandError
from webapp.commands.whole_files import output_to
from webapp.gateway.log.export import export_log
from webapp.protocol.address import Address
from webapp.protocol.errors import AddressError
from webapp.storage.database import Database

WRITTEN, NO_OPERATIONS = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS", help="whose log")
    parser.add_argument(
        "--output",
        metavar="FILE",
        help=(
            "write here, all or nothing; otherwise to stdout. A pipe or a device is written through; "
            "a link to a plain file is refused"
        ),
    )
    parser.epilog = (
        "`countersign verify` checks what this writes. Exit code: 0 written; 1 this address has no "
        "operations, and no file was written; 2 usage, or a database or file that cannot be used."
    )


def act(options: argparse.Namespace) -> int:
    """Write the log, and say on stderr how many entries it has. None is 1: an address can be mistyped."""
    try:
        address = Address.parse(options.address)
    except AddressError as error:
        raise CommandError(f"ADDRESS: expected {error.expected}") from None
    with existing_database() as database:
        if options.output is None:
            count = _write(database, address, sys.stdout.buffer)
        else:
            count = _write_whole(database, address, options.output)
    if sys.stderr is not None:  # or it would be printed to stdout, into the log
        print(f"{count or 'no'} operations of {address}", file=sys.stderr)
    return WRITTEN if count else NO_OPERATIONS


def _write_whole(database: Database, address: Address, name: str) -> int:
    """Write a file that is complete, and not empty, or none."""
    try:
        with output_to(name) as output:
            count = _write(database, address, output.file)
            if count:
                output.kept = True
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise CommandError(f"--output: expected a file to write; {name or repr(name)}: {why}") from None
    return count


def _write(database: Database, address: Address, out: BinaryIO) -> int:
    count = 0
    with database.read() as connection:
        for line in export_log(connection, address):
            out.write(line.encode("utf-8"))
            count += 1
    return count
