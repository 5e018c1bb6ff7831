"""The mutations about handles and signing keys of one's own: from GraphQL to submissions."""

from collections.abc import Mapping
from typing import Any

from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.objects import Info, Resolver
from webapp.protocol.handle_decision import HandleDecision
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.key_decision import KeyDecision
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.submissions import HandleSubmission, KeySubmission


def own_mutations(log: OperationLog) -> dict[str, Resolver]:
    """Resolvers of the mutations that the original API does not have, by name."""

    def about_handle(operation: HandleOperation) -> Resolver:
        def resolve(_root: None, _info: Info, *, input: Mapping[str, Any]) -> HandleDecision:  # noqa: A002 (the SDL's name)
            return log.submit_and_wait(
                HandleSubmission.read(
                    operation,
                    address=input["address"],
                    handle=input["handle"],
                    message=input["message"],
                    signature=input["signature"],
                    signing_key=input["signingKey"],
                )
            )

        return resolve

    def about_key(operation: KeyOperation) -> Resolver:
        def resolve(_root: None, _info: Info, *, input: Mapping[str, Any]) -> KeyDecision:  # noqa: A002 (the SDL's name)
            return log.submit_and_wait(
                KeySubmission.read(
                    operation,
                    address=input["address"],
                    signing_key=input["signingKey"],
                    message=input["message"],
                    signature=input["signature"],
                    authorized_by=input.get("authorizedBy"),
                )
            )

        return resolve

    return {
        "claimHandle": about_handle(HandleOperation.CLAIM),
        "releaseHandle": about_handle(HandleOperation.RELEASE),
        "updateProfile": about_handle(HandleOperation.PROFILE),
        "revokeSigningKey": about_key(KeyOperation.REVOKE),
        "renameSigningKey": about_key(KeyOperation.RENAME),
        "renewSigningKey": about_key(KeyOperation.RENEW),
    }
