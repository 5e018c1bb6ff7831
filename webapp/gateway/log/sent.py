"""What signed mutations send, as it came: plain values by name, which may go to another process."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias

from webapp.gateway.batches import Answered, Deliver
from webapp.protocol.address import Address
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.message import Operation
from webapp.protocol.submissions import (
    AnySubmission,
    HandleSubmission,
    KeySubmission,
    Registration,
    Submission,
)

Fields: TypeAlias = Mapping[str, Any]
"""A mutation's input by GraphQL's names: texts, None and truth values."""

REGISTER = "registerSigningKey"


class Decided(NamedTuple):
    """What is answered: a status, and a time that the next message may carry, in ms since the epoch.

    A registration has no time: 0.
    """

    status: str
    ts_in_server: int


class Log(Protocol):
    """Where what was sent is decided and appended: in this process, or in another."""

    deliver: Deliver

    def take(self, mutation: str, fields: Fields, answered: Answered) -> None:
        """Have it decided without waiting; `answered` is told a `Decided`, or the exception in its place.

        Raises:
            Busy: Too many wait; nothing will be done, and `answered` not be called.
        """

    def take_and_wait(self, mutation: str, fields: Fields) -> Decided:
        """Have it decided; with SUCCESS it is appended, durably, when this returns.

        Raises:
            Busy: Too many wait; nothing was done.
            DatabaseUnavailable: Nothing was done.
            OutcomeUnknown: It was done, or it was not; the same may be sent again.
        """

    def close(self) -> None:
        """Take no more, and end when all that waits is answered."""


def submission_of(mutation: str, fields: Fields) -> AnySubmission:
    """Read what a mutation sent, by the mutation's name; never raises for any content of the fields."""
    return READERS[mutation](fields)


def registration_of(fields: Fields) -> Registration:
    """Read what registers a key.

    `bearer`: whose access token came along; `byContract`: what the address's contract says, once asked.
    """
    bearer = fields.get("bearer")
    return Registration.read(
        fields["address"],
        fields["message"],
        fields["signature"],
        None if bearer is None else Address(bearer),
        valid_by_contract=fields.get("byContract"),
    )


def _about_handle(read: Callable[..., AnySubmission], fields: Fields) -> AnySubmission:
    return read(
        address=fields["address"],
        handle=fields["handle"],
        message=fields["message"],
        signature=fields["signature"],
        signing_key=fields["signingKey"],
    )


def _about_key(operation: KeyOperation, fields: Fields) -> KeySubmission:
    return KeySubmission.read(
        operation,
        address=fields["address"],
        signing_key=fields["signingKey"],
        message=fields["message"],
        signature=fields["signature"],
        authorized_by=fields.get("authorizedBy"),
    )


READERS: Mapping[str, Callable[[Fields], AnySubmission]] = {
    "follow": partial(_about_handle, partial(Submission.read, Operation.FOLLOW)),
    "unfollow": partial(_about_handle, partial(Submission.read, Operation.UNFOLLOW)),
    "claimHandle": partial(_about_handle, partial(HandleSubmission.read, HandleOperation.CLAIM)),
    "releaseHandle": partial(_about_handle, partial(HandleSubmission.read, HandleOperation.RELEASE)),
    "updateProfile": partial(_about_handle, partial(HandleSubmission.read, HandleOperation.PROFILE)),
    "revokeSigningKey": partial(_about_key, KeyOperation.REVOKE),
    "renameSigningKey": partial(_about_key, KeyOperation.RENAME),
    "renewSigningKey": partial(_about_key, KeyOperation.RENEW),
    REGISTER: registration_of,
}
