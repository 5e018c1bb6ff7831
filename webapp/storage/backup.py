"""A copy of an SQLite database while others read and write it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from webapp.storage.sqlite import SqliteDatabase, driver_of_sqlite


def copy_database(database: SqliteDatabase, file: Path) -> None:
    """Write all that the database holds at one moment into a file; what was committed before is there.

    The file is empty or missing before, and not flushed to the disk. Nobody waits for it, readers or writers
    (https://www.sqlite.org/backup.html). Raises `DatabaseUnavailable` where the database cannot be read now,
    and `sqlite3.Error` where it cannot be read on, or the file cannot be written.
    """
    with database.read() as connection, closing(sqlite3.connect(file, isolation_level=None)) as copy:
        # Half a copy is none: there is nothing to roll back to, and nothing to hurry to the disk.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        driver_of_sqlite(connection).backup(copy)


def faults_of(database: SqliteDatabase) -> list[str]:
    """Look through every page, index and reference for what does not fit; none: the file is whole.

    Raises `DatabaseUnavailable` where the file cannot be read.
    """
    with database.read() as connection:
        found = list(connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars())
        loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    faults = [] if found == ["ok"] else found
    return faults + [
        f"{table}, row {row}: expected a row of {other} beside it" for table, row, other, _ in loose
    ]
