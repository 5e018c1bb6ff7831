"""Everything that can go wrong on the way to another host and back.

None of it carries text from the other host, or the path of its URL: keys are kept there.
"""


class NetworkError(Exception):
    """No reply that can be read; the text says why, for the log."""


class UrlError(NetworkError, ValueError):
    """A URL to which nothing may be sent; the text says what was expected."""


class UnreachableError(NetworkError):
    """No connection, a refused or reset one, or a reply that broke off."""


class DeadlineError(NetworkError):
    """The reply was not complete when the deadline passed."""


class MalformedError(NetworkError):
    """What came back cannot be read."""
