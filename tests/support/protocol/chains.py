"""Logs of pairs and of keys made to measure, signed with real keys."""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.support.people import NOW, Device, Person
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.handle_message import ABOUT_FOLLOWERS, parse_logged_message
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.log_entries import BY_WALLET, ChainHead, KeyLogEntry, OperationLogEntry
from webapp.protocol.message import Operation, compose_message
from webapp.protocol.proofs.proof import AnyProof, ProofOfConnection, ProofOfKeyOperation
from webapp.protocol.proofs.proof_file import Unreadable, VerifiedFile, verify_file
from webapp.protocol.proofs.steps import check_proof
from webapp.protocol.proofs.verdicts import ProofFailure, StepFailedError, Verified
from webapp.protocol.signing_key import ORDER, MessageSignature, SigningKey


def authorization_by(person: Person, device: Device | None = None) -> SigningKeyAuthorization:
    """The wallet's authorisation of a device, by default the person's own."""
    sent = person.registration(device)
    return SigningKeyAuthorization(Address(person.address), sent["message"], sent["signature"])


def entry_after(
    head: ChainHead, text: str, signature: str, signing_key: str, authorization: SigningKeyAuthorization
) -> OperationLogEntry:
    return OperationLogEntry.append(
        previous=head,
        message=parse_logged_message(text),
        signature=MessageSignature.parse(signature),
        signing_key=SigningKey.parse(signing_key),
        authorization=authorization,
    )


def chain_of(
    person: Person, handle: str, length: int, *, later: int = 0, by: Device | None = None
) -> list[dict[str, Any]]:
    """The proofs of a pair that took turns following and unfollowing, from a time on."""
    device = by or person.device
    authorization = authorization_by(person, device)
    head, proofs = ChainHead.EMPTY, []
    for number in range(length):
        op = Operation.UNFOLLOW if number % 2 else Operation.FOLLOW
        text = compose_message(op, person.address, handle, NOW + later + number)
        entry = entry_after(head, text, device.sign(text), device.signing_key, authorization)
        proofs.append(ProofOfConnection.of(entry).to_json())
        head = entry.head
    return proofs


def handle_chain_of(person: Person, *ops: str) -> list[dict[str, Any]]:
    """The proofs of what an address did with the handle `alice`, well signed and well digested.

    What names a follower names the same one, or another where a number stands behind it (`block 2`).
    """
    device, authorization = person.device, authorization_by(person)
    head, proofs = ChainHead.EMPTY, []
    for number, named in enumerate(ops):
        op, _, which = named.partition(" ")
        members: dict[str, object] = {"op": op, "address": person.address, "handle": "alice"}
        if op == "profile":
            members |= {"displayName": str(number), "bio": "", "avatar": ""}
        if op in ABOUT_FOLLOWERS:
            members["follower"] = Person(f"follower {which}".strip()).address
        text = json.dumps(members | {"ts": NOW + number})
        entry = entry_after(head, text, device.sign(text), device.signing_key, authorization)
        proofs.append(ProofOfConnection.of(entry).to_json())
        head = entry.head
    return proofs


def verify_proof(proof: AnyProof) -> Verified | ProofFailure:
    """Verify one proof by itself."""
    try:
        return check_proof(proof)
    except StepFailedError as failed:
        return failed.failure


def verify_chain(proofs: Iterable[ProofOfConnection]) -> VerifiedFile | ProofFailure | Unreadable:
    """Verify the proofs of a log, oldest first, as a file of them."""
    return verify_file(io.BytesIO(json.dumps([proof.to_json() for proof in proofs]).encode()))


def line_of(proof: dict[str, Any], op: str, handle: str) -> dict[str, Any]:
    """The proof as a line of an exported log."""
    address = proof["signingKeyAuth"]["address"]
    return {"address": address, "handle": handle, "sequence": proof["sequence"], "op": op, "proof": proof}


def lines_of_chain(person: Person, handle: str, length: int) -> list[dict[str, Any]]:
    """The lines of a pair's exported log."""
    proofs = chain_of(person, handle, length)
    return [line_of(proof, ("follow", "unfollow")[place % 2], handle) for place, proof in enumerate(proofs)]


@dataclass(frozen=True)
class KeyStep:
    """An operation on a device's key; `by` is the device that signs, or None for the wallet."""

    op: str
    device: Device
    by: Device | None = None
    name: str | None = None
    ts: int | None = None


def key_chain_of(person: Person, *steps: KeyStep) -> list[dict[str, Any]]:
    """The proofs of an address's key operations."""
    head, proofs = ChainHead.EMPTY, []
    for number, step in enumerate(steps):
        members: dict[str, object] = {
            "op": step.op,
            "address": person.address,
            "signingKey": step.device.signing_key,
        }
        if step.name is not None:
            members["name"] = step.name
        text = json.dumps(members | {"ts": NOW + number if step.ts is None else step.ts})
        entry = KeyLogEntry.append(
            previous=head,
            message=KeyMessage.parse(text),
            signature=(step.by or person.wallet).sign(text),
            authorized_by=BY_WALLET if step.by is None else step.by.signing_key,
            authorization=None if step.by is None else authorization_by(person, step.by),
        )
        proofs.append(ProofOfKeyOperation.of(entry).to_json())
        head = entry.head
    return proofs


def key_line_of(proof: dict[str, Any]) -> dict[str, Any]:
    """The proof as a line of an exported log."""
    content = json.loads(proof["content"])
    return {
        "address": content["address"],
        "signingKey": content["signingKey"],
        "sequence": proof["sequence"],
        "op": content["op"],
        "proof": proof,
    }


def renumbered(proofs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same messages, signatures and authorisations as a log of their own: nobody needs a key for that."""
    head, anew = ChainHead.EMPTY, []
    for proof in proofs:
        claimed = proof["signingKeyAuth"]
        authorization = claimed and SigningKeyAuthorization(
            Address(claimed["address"]), claimed["message"], claimed["signature"]
        )
        if "authorizedBy" in proof:
            entry = KeyLogEntry.append(
                previous=head,
                message=KeyMessage.parse(proof["content"]),
                signature=proof["signature"],
                authorized_by=proof["authorizedBy"],
                authorization=authorization,
            )
            anew.append(ProofOfKeyOperation.of(entry).to_json())
            head = entry.head
        else:
            operation = entry_after(
                head, proof["content"], proof["signature"], proof["signingKey"], authorization
            )
            anew.append(ProofOfConnection.of(operation).to_json())
            head = operation.head
    return anew


def other_half(signature: str) -> str:
    """The other signature of the same message that anybody can make from one: (r, n - s)."""
    return f"{signature[:66]}{ORDER - int(signature[66:], 16):064x}"


PHONE, LAPTOP = Device(), Device("laptop")


ALL_KINDS = (
    KeyStep("rename", LAPTOP, by=PHONE, name="Laptop"),
    KeyStep("renew", LAPTOP),
    KeyStep("rename", PHONE, name="Phone"),
    KeyStep("revoke", PHONE, by=LAPTOP),
)
