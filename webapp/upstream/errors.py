"""Everything that can go wrong between the site and its gateway.

UpstreamError
├── UpstreamUnreachable     no connection, or it broke before the reply was whole
├── UpstreamTimeout         the deadline for the whole exchange passed
├── UpstreamBusy            HTTP 429 or 503: ask again later
├── UpstreamOutcomeUnknown  it says that it cannot tell whether it kept what it was sent
└── UpstreamMalformed       an answer came, but not one that the contract allows
    ├── UpstreamArgument    it cannot use an argument that somebody chose, such as a cursor
    └── UpstreamRefusal     the gateway refused the document itself, as one that lacks an extension does

None of them carries text from the upstream: what it sent goes to no log and no page unread.
"""


class UpstreamError(Exception):
    """The gateway gave no answer that can be shown; the text says why, for the log."""


class UpstreamUnreachable(UpstreamError):  # noqa: N818 (named as the problem that people see)
    """No connection, a refused or reset one, another HTTP 5xx, or a reply that broke off."""


class UpstreamTimeout(UpstreamError):  # noqa: N818 (as above)
    """The reply was not complete when the deadline passed."""


class UpstreamBusy(UpstreamError):  # noqa: N818 (as above)
    """The gateway limits requests, or cannot reach its data for the moment.

    Attributes:
        retry_after_s: Seconds to wait, where it said so.
    """

    def __init__(self, message: str, retry_after_s: int | None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class UpstreamOutcomeUnknown(UpstreamError):  # noqa: N818 (as above)
    """The gateway's disk failed at the moment of writing; the same message may be sent again."""


class UpstreamMalformed(UpstreamError):  # noqa: N818 (as above)
    """The reply is not what the contract describes: never to be shown as a status."""


class UpstreamArgument(UpstreamMalformed):
    """An argument that the gateway cannot use: an error with the code BAD_ARGUMENT.

    Attributes:
        argument: Its name, if it is one of those that documents give.
    """

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(message)
        self.argument = argument


class UpstreamRefusal(UpstreamMalformed):
    """The gateway did not execute the document: `errors` without `data` (GraphQL over HTTP, section 6.4)."""
