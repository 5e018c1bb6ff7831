"""What a batch is about, by the names of locks: nobody decides about the same while it is decided about."""

from collections.abc import Iterable

from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.submissions import AnySubmission, HandleSubmission, Submission

CLAIMS = "claims"
"""Claims number profiles, one after the other."""


def locks_of(submissions: Iterable[AnySubmission]) -> dict[str, bool]:
    """Give the names of locks that a batch needs, and whether each is for it alone.

    What an address may do depends on its keys, its quota and its log: one batch at a time is about it. While
    a handle is followed, its owner must not change and nobody be blocked; but many may follow it at a time.
    """
    wanted: dict[str, bool] = {}
    for submission in submissions:
        if submission.address is not None:
            wanted[f"address {submission.address.checksummed}"] = True
        if isinstance(submission, Submission) and submission.handle is not None:
            wanted.setdefault(f"handle {submission.handle}", False)
        elif isinstance(submission, HandleSubmission) and submission.handle is not None:
            wanted[f"handle {submission.handle}"] = True
            message = submission.message
            if message is not None and message.follower is not None:
                wanted[f"address {message.follower.checksummed}"] = True
            if message is not None and message.operation is HandleOperation.CLAIM:
                wanted[CLAIMS] = True
    return wanted
