"""Everything that storage raises of its own.

StorageError
├── DatabaseUrlError
└── DatabaseUnavailable
"""


class StorageError(Exception):
    """Something about the database that its caller has to know."""


class DatabaseUrlError(StorageError, ValueError):
    """A database URL that cannot be used; the text says what was expected."""


class DatabaseUnavailable(StorageError):  # noqa: N818 (the state, as in HTTP's 503)
    """The database cannot serve now: busy, full, read-only, unreachable. Nothing of the transaction was kept.

    Attributes:
        reason: The database's own name for it, for the log only.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
