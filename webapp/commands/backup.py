"""`countersign backup FILE`: a copy of the database, made while the server goes on, and verified."""

import argparse
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from webapp.commands.environment import existing_database
from webapp.commands.errors import CommandError
from webapp.commands.rebuild import as_text
from webapp.commands.whole_files import NewFile, new_file
from webapp.gateway.log.checks import BrokenLogError
from webapp.gateway.log.rebuild import Comparison, compare_projections
from webapp.storage.backup import copy_database, faults_of
from webapp.storage.errors import DatabaseFailure
from webapp.storage.sqlite import SqliteDatabase
from webapp.storage.urls import url_of

VERIFIED, DAMAGED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to write; nothing of that name may be there yet")
    parser.epilog = (
        "The file is complete and verified, or not there. Exit code: 0 written; 1 the database is damaged: "
        "told how, and written only where `countersign rebuild` can mend the copy; 2 usage, or a database or "
        "file that cannot be used."
    )


def act(options: argparse.Namespace) -> int:
    """Copy the database, check the copy, and say what it holds."""
    with existing_database() as database, _new(options.file) as copy:
        if not isinstance(database, SqliteDatabase):
            raise CommandError("DATABASE_URL: expected SQLite; PostgreSQL's own `pg_dump` makes copies of it")
        copy_database(database, copy.path)
        copy.path.chmod(database.file.stat().st_mode & 0o777)  # as private as the original
        found = _check_copy(copy.path)
        if isinstance(found, str):
            print(f"DAMAGED, and not written: {found}")
            return DAMAGED
        copy.kept = True
    return _report(Path(options.file), found)


def _check_copy(file: Path) -> Comparison | str:
    """Compare a copy with its log; where that cannot be done, say what is wrong with it."""
    with closing(SqliteDatabase(url_of(file), create=False)) as copy:
        try:
            faults = faults_of(copy)
            return "; ".join(faults) if faults else compare_projections(copy)
        except (BrokenLogError, DatabaseFailure) as error:
            return str(error)


def _report(name: Path, found: Comparison) -> int:
    size = f"{name.stat().st_size:,} bytes"
    if found.equal:
        held = f"{found.operations} operations, {found.key_operations} key operations"
        print(f"{name}: {held}, {size}; whole, and as its log has it")
        return VERIFIED
    print(f"{name}: {size}; DAMAGED, and `countersign rebuild` on it makes it as its log has it:")
    print(as_text(found))
    return DAMAGED


@contextmanager
def _new(name: str) -> Iterator[NewFile]:
    try:
        with new_file(name) as copy:
            yield copy
    except (OSError, ValueError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or error
        expected = "expected a name that nothing has yet, where a copy can be written"
        raise CommandError(f"FILE: {expected}; {name or repr(name)}: {why}") from None
