"""Whether the files that a database has open are still those that bear its name."""

import os
from pathlib import Path

from webapp.storage.errors import DatabaseUnavailable

GONE = "FILE_GONE: the database's file was removed, replaced or emptied"

_PARTS = ("", "-wal", "-shm")  # the log holds what was committed last; the index says to others what is in it

Identities = tuple[tuple[int, int], ...]


class OpenFiles:
    """The files of a database, known by device and inode from the time that they were opened.

    An open file can be written to when it has lost its name, and what is written ends with the process.
    Whoever makes one of these holds a connection open meanwhile: SQLite then keeps all of the files, and no
    new file can get the inode of one of them.
    """

    def __init__(self, file: Path) -> None:
        """Take note of the files as they are now, or raise `DatabaseUnavailable` where one is not there."""
        self._paths = tuple(os.fsencode(f"{file}{part}") for part in _PARTS)
        self._gone = False
        self._known = self._found(self._paths)
        if not self._known:
            raise DatabaseUnavailable(GONE)

    def check(self) -> None:
        """See that the main file is still in its place: what begins now would be about another.

        Raises `DatabaseUnavailable` where it is gone, or one of the files was; what comes in its place is
        another.
        """
        self._compare(self._paths[:1])

    def check_all(self) -> None:
        """See that each is still in its place: what was committed is found there by whoever opens them next.

        Raises `DatabaseUnavailable` where one is gone, or was.
        """
        self._compare(self._paths)

    def _compare(self, paths: tuple[bytes, ...]) -> None:
        if self._gone or self._found(paths) != self._known[: len(paths)]:
            self._gone = True
            raise DatabaseUnavailable(GONE)

    def _found(self, paths: tuple[bytes, ...]) -> Identities:
        try:
            found = list(map(os.stat, paths))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise DatabaseUnavailable(f"{error.strerror}: the database's files") from error
        # An open database is never without its first page.
        return tuple((each.st_dev, each.st_ino) for each in found) if found[0].st_size else ()
