"""Everything that can keep a chain's answer from us. Each error means that the answer is unknown, never no.

None carries text from the node, or its URL, which may hold a key.
"""


class RpcError(Exception):
    """The chain gave no answer; the text says why, for the log."""


class RpcUnreachable(RpcError):  # noqa: N818 (named as the problem that people see)
    """The node cannot be reached, or says that it cannot answer now."""


class RpcTimeout(RpcError):  # noqa: N818 (as above)
    """The reply was not complete when the deadline passed."""


class RpcMalformed(RpcError):  # noqa: N818 (as above)
    """The reply is not what JSON-RPC and the question ask for, or comes from another chain."""


class RpcBusy(RpcError):  # noqa: N818 (as above)
    """Too many questions at once: ask again later."""


class RpcOverShare(RpcError):  # noqa: N818 (as above)
    """Too many questions from one client."""

    def __init__(self, reason: str, retry_after_s: int) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
