"""The mutations that a device or a wallet signs, and that the writer decides: from GraphQL to submissions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from webapp.gateway.log.operation_log import Answered, OperationLog, Outcome
from webapp.gateway.log.transaction import AnyDecision
from webapp.gateway.schema.objects import Info
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.message import Operation
from webapp.protocol.submissions import HandleSubmission, KeySubmission, Submission

Input: TypeAlias = Mapping[str, Any]
"""An input object, checked against the SDL by GraphQL."""
AnySigned: TypeAlias = Submission | HandleSubmission | KeySubmission


@dataclass(frozen=True, slots=True)
class SignedMutation:
    """A resolver that waits for the writer; whoever need not hold a thread meanwhile asks it to begin.

    Attributes:
        log: Decides.
        read: Makes a submission of the input.
        told: Told every status that was decided.
    """

    log: OperationLog
    read: Callable[[Input], AnySigned]
    told: Callable[[str], None]

    def __call__(self, _root: None, _info: Info, *, input: Input) -> AnyDecision:  # noqa: A002 (the SDL's name)
        """Decide, and wait for that.

        Raises:
            Busy: Too many wait; nothing was done.
            DatabaseUnavailable: Nothing was done.
            OutcomeUnknown: It was done, or it was not.
        """
        decision = self.log.submit_and_wait(self.read(input))
        self.told(decision.status.value)
        return decision

    def begin(self, given: Input, answered: Answered) -> None:
        """Decide without waiting; `answered` is told the decision, or the exception in its place.

        Raises:
            Busy: Too many wait; nothing will be done.
        """

        def tell(outcome: Outcome) -> None:
            if not isinstance(outcome, Exception):
                self.told(outcome.status.value)
            answered(outcome)

        self.log.submit(self.read(given), tell)


def signed_mutations(log: OperationLog, decided: Callable[[str, str], None]) -> dict[str, SignedMutation]:
    """Resolvers by the mutation's name.

    Args:
        log: Decides.
        decided: Told the name of every mutation that was decided, and its status.
    """
    return {name: SignedMutation(log, read, partial(decided, name)) for name, read in _READERS.items()}


def submission_of(mutation: str, given: Input) -> AnySigned:
    """Read the input of one of these mutations, by the mutation's name."""
    return _READERS[mutation](given)


def _about_handle(read: Callable[..., Submission | HandleSubmission], given: Input) -> AnySigned:
    return read(
        address=given["address"],
        handle=given["handle"],
        message=given["message"],
        signature=given["signature"],
        signing_key=given["signingKey"],
    )


def _about_key(operation: KeyOperation, given: Input) -> KeySubmission:
    return KeySubmission.read(
        operation,
        address=given["address"],
        signing_key=given["signingKey"],
        message=given["message"],
        signature=given["signature"],
        authorized_by=given.get("authorizedBy"),
    )


_READERS: dict[str, Callable[[Input], AnySigned]] = {
    "follow": partial(_about_handle, partial(Submission.read, Operation.FOLLOW)),
    "unfollow": partial(_about_handle, partial(Submission.read, Operation.UNFOLLOW)),
    "claimHandle": partial(_about_handle, partial(HandleSubmission.read, HandleOperation.CLAIM)),
    "releaseHandle": partial(_about_handle, partial(HandleSubmission.read, HandleOperation.RELEASE)),
    "updateProfile": partial(_about_handle, partial(HandleSubmission.read, HandleOperation.PROFILE)),
    "revokeSigningKey": partial(_about_key, KeyOperation.REVOKE),
    "renameSigningKey": partial(_about_key, KeyOperation.RENAME),
    "renewSigningKey": partial(_about_key, KeyOperation.RENEW),
}
