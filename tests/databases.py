"""Database files with their tables: migrated once a process, copied for each test that wants one."""

import functools
import tempfile
from pathlib import Path

from webapp.storage.database import Database
from webapp.storage.migrate import upgrade


def migrated(path: Path, *, busy_timeout_ms: int | None = None) -> Database:
    """A new file at `path` with every table and not a row, opened."""
    path.write_bytes(_empty())
    given = {} if busy_timeout_ms is None else {"busy_timeout_ms": busy_timeout_ms}
    return Database.open(f"sqlite:///{path}", **given)


@functools.cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        database = Database.open(f"sqlite:///{path}")
        upgrade(database)
        database.close()
        return path.read_bytes()
