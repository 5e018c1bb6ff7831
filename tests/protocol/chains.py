"""Logs of pairs made to measure, signed with real keys."""

from typing import Any

from tests.gateway.people import NOW, Person
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.message import FollowMessage, Operation, compose_message
from webapp.protocol.proof import ChainHead, OperationLogEntry, ProofOfConnection
from webapp.protocol.signing_key import MessageSignature, SigningKey


def chain_of(person: Person, handle: str, length: int) -> list[dict[str, Any]]:
    """The proofs of a pair that took turns following and unfollowing."""
    registration = person.registration()
    authorization = SigningKeyAuthorization(
        Address(person.address), registration["message"], registration["signature"]
    )
    head, proofs = ChainHead.EMPTY, []
    for number in range(length):
        op = Operation.UNFOLLOW if number % 2 else Operation.FOLLOW
        text = compose_message(op, person.address, handle, NOW + number)
        entry = OperationLogEntry.append(
            previous=head,
            message=FollowMessage.parse(text),
            signature=MessageSignature.parse(person.device.sign(text)),
            signing_key=SigningKey.parse(person.device.signing_key),
            authorization=authorization,
        )
        proofs.append(ProofOfConnection.of(entry).to_json())
        head = entry.head
    return proofs


def line_of(proof: dict[str, Any], op: str, handle: str) -> dict[str, Any]:
    """The proof as a line of an exported log."""
    address = proof["signingKeyAuth"]["address"]
    return {"address": address, "handle": handle, "sequence": proof["sequence"], "op": op, "proof": proof}


def lines_of_chain(person: Person, handle: str, length: int) -> list[dict[str, Any]]:
    """The lines of a pair's exported log."""
    proofs = chain_of(person, handle, length)
    return [line_of(proof, ("follow", "unfollow")[place % 2], handle) for place, proof in enumerate(proofs)]
