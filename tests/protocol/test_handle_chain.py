"""Chains of a pair that hold claims, releases and texts among follows: what may come after what."""

import itertools
import json

import pytest

from tests.gateway.people import NOW, Person
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.handle_message import parse_logged_message
from webapp.protocol.proofs.proof import ChainHead, OperationLogEntry, ProofOfConnection
from webapp.protocol.proofs.verification import ProofFailure, ProofStep, VerifiedChain, verify_chain
from webapp.protocol.signing_key import MessageSignature, SigningKey

ALICE = Person("alice")
REGISTRATION = ALICE.registration()
AUTHORIZATION = SigningKeyAuthorization(
    Address(ALICE.address), REGISTRATION["message"], REGISTRATION["signature"]
)


def chain(*ops: str) -> list[ProofOfConnection]:
    """A well-signed, well-digested chain of these operations."""
    head, proofs = ChainHead.EMPTY, []
    for number, op in enumerate(ops):
        members: dict[str, object] = {"op": op, "address": ALICE.address, "handle": "alice"}
        if op == "profile":
            members |= {"displayName": str(number), "bio": "", "avatar": ""}
        text = json.dumps(members | {"ts": NOW + number})
        entry = OperationLogEntry.append(
            previous=head,
            message=parse_logged_message(text),
            signature=MessageSignature.parse(ALICE.device.sign(text)),
            signing_key=SigningKey.parse(ALICE.device.signing_key),
            authorization=AUTHORIZATION,
        )
        proofs.append(ProofOfConnection.of(entry))
        head = entry.head
    return proofs


@pytest.mark.parametrize(
    ("ops", "following"),
    [
        (["claim"], False),
        (["claim", "profile", "profile", "release"], False),
        (["claim", "release", "claim", "release"], False),
        (["follow", "unfollow", "claim", "profile", "release", "follow"], True),
        (["follow", "claim", "profile"], True),
        (["claim", "release", "follow", "unfollow", "claim"], False),
        (["release"], False),  # of a profile that is older than the log
        (["profile", "release", "claim"], False),
    ],
)
def test_the_two_kinds_take_turns_each_by_itself(ops: list[str], *, following: bool) -> None:
    verdict = verify_chain(chain(*ops))
    assert isinstance(verdict, VerifiedChain), verdict
    assert verdict.following is following
    assert [proof.operation for proof in verdict.proofs] == ops


@pytest.mark.parametrize(
    ("ops", "index", "expected"),
    [
        (["claim", "claim"], 1, '"release" or "profile"'),
        (["claim", "profile", "claim"], 2, '"release" or "profile"'),
        (["profile", "claim"], 1, '"release" or "profile"'),
        (["claim", "release", "release"], 2, '"claim"'),
        (["claim", "release", "profile"], 2, '"claim"'),
        (["claim", "unfollow"], 1, '"follow"'),
        (["follow", "claim", "follow"], 2, '"unfollow"'),
    ],
)
def test_what_is_out_of_turn_fails(ops: list[str], index: int, expected: str) -> None:
    verdict = verify_chain(chain(*ops))
    assert isinstance(verdict, ProofFailure)
    assert (verdict.step, verdict.index, verdict.field, verdict.expected) == (
        ProofStep.CHAIN,
        index,
        "content.op",
        expected,
    )


def test_a_chain_can_be_taken_up_anywhere() -> None:
    """What stood before is not known then, and only what follows is held to its turns."""
    proofs = chain("follow", "claim", "unfollow", "profile", "release", "follow")
    heads = [ChainHead(proof.sequence, proof.entry_digest) for proof in proofs]
    for place in range(1, len(proofs)):
        assert isinstance(verify_chain(proofs[place:], start=heads[place - 1]), VerifiedChain)


def test_every_byte_of_a_claim_counts() -> None:
    (proof,) = chain("claim")
    for place, bit in itertools.product(range(0, len(proof.content), 7), (1, 2)):
        changed = bytearray(proof.content.encode())
        changed[place] ^= bit
        forged = ProofOfConnection.parse({**proof.to_json(), "content": changed.decode(errors="replace")})
        assert isinstance(verify_chain([forged]), ProofFailure)
