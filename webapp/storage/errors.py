"""Everything that storage raises of its own.

StorageError
├── DatabaseUrlError
├── DatabaseFailure         something is wrong with the file, the disk or the wait for a lock
│   ├── DatabaseUnavailable     before COMMIT: nothing of the transaction was kept
│   │   ├── Occupied                PostgreSQL's locks were with others for too long
│   │   └── Conflict                because others wrote about the same: it may be done again at once
│   └── OutcomeUnknown          at COMMIT: the transaction was kept, or it was not
└── UnknownRevision
"""


class StorageError(Exception):
    """Something about the database that its caller has to know."""


class DatabaseUrlError(StorageError, ValueError):
    """A database URL that cannot be used."""

    def __init__(self, expected: str) -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected  # what would have been right, in words


class DatabaseFailure(StorageError):  # noqa: N818 (the state, as in HTTP's 503)
    """The database cannot serve now."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        # What the database says of it, its own name or code first; for the log and the operator.
        self.reason = reason


class DatabaseUnavailable(DatabaseFailure):
    """Busy, full, read-only, broken, gone. Nothing of the transaction was kept."""


class Occupied(DatabaseUnavailable):
    """Others held on to what was to be written about, or to its table, for longer than anybody waits."""


class Conflict(DatabaseUnavailable):
    """Transactions that waited for each other, of which PostgreSQL ended one: a deadlock."""


class OutcomeUnknown(DatabaseFailure):
    """The COMMIT failed: whether the transaction was kept will show when the file is opened anew.

    An error of the disk says that something was not written, and not what. The log of a transaction may lie
    there whole, and is then found again by whoever opens the file next.
    """


class UnknownRevision(StorageError):  # noqa: N818 (the state)
    """The tables are of a revision that this version does not know: made by a newer one, or by others."""
