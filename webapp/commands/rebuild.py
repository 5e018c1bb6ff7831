"""`countersign rebuild`: edges, counts, profiles and keys rebuilt from the logs, or compared with them."""

import argparse

from webapp.commands.environment import existing_database
from webapp.commands.errors import CommandError
from webapp.gateway.log.checks import BrokenLogError
from webapp.gateway.log.rebuild import (
    Comparison,
    Difference,
    compare_projections,
    rebuild_projections,
)

EQUAL, DIFFERENT = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="only compare: exit code 0 equal, 1 different or a broken log"
    )
    parser.epilog = "One transaction: a running gateway answers reads meanwhile, and cannot write."


def act(options: argparse.Namespace) -> int:
    """Rebuild or compare, and say what differed, or with `--check` what is broken in the log."""
    with existing_database() as database:
        try:
            found = compare_projections(database) if options.check else rebuild_projections(database)
        except BrokenLogError as error:
            if not options.check:
                raise CommandError(f"expected an unbroken log, and changed nothing; {error}") from None
            print(f"BROKEN {error}")
            return DIFFERENT
    print(as_text(found, repaired=not options.check))
    return DIFFERENT if options.check and not found.equal else EQUAL


def as_text(found: Comparison, *, repaired: bool = False) -> str:
    """Say how many entries there are, and of each table what is otherwise than its log has it, or was."""
    lines = [f"{found.operations} operations, {found.key_operations} key operations"]
    for difference in found.differences:
        said = _what(difference) + (", made anew" if repaired else "") if difference else "equal"
        lines.append(f"{difference.table:18}{said}")
    return "\n".join(lines)


def _what(difference: Difference) -> str:
    return f"{difference.missing} missing, {difference.extra} extra, {difference.wrong} wrong"
