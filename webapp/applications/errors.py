"""What applications raise of their own."""


class ApplicationError(Exception):
    """Something that cannot be done; the text is meant for who asked."""


class ApplicationNameError(ApplicationError, ValueError):
    """A name that cannot be used."""

    def __init__(self, expected: str) -> None:
        super().__init__(f"name: expected {expected}")
        self.expected = expected


class TooManyKeys(ApplicationError):  # noqa: N818 (the state)
    """The owner has as many live keys as one may have."""
