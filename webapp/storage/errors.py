"""Everything that storage raises of its own.

StorageError
├── DatabaseUrlError
├── DatabaseUnavailable
└── UnknownRevision
"""


class StorageError(Exception):
    """Something about the database that its caller has to know."""


class DatabaseUrlError(StorageError, ValueError):
    """A database URL that cannot be used.

    Attributes:
        expected: What would have been right, in words.
    """

    def __init__(self, expected: str) -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected


class DatabaseUnavailable(StorageError):  # noqa: N818 (the state, as in HTTP's 503)
    """The database cannot serve now: busy, full, read-only, unreachable. Nothing of the transaction was kept.

    Attributes:
        reason: The database's own name for it, for the log only.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownRevision(StorageError):  # noqa: N818 (the state)
    """The tables are of a revision that this version does not know: made by a newer one, or by others."""
