"""Chains of a pair that hold claims, releases and texts among follows: what may come after what."""

import io
import itertools
import json

import pytest

from tests.support.people import Person
from tests.support.protocol.chains import handle_chain_of, verify_chain
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.proof_file import VerifiedFile, verify_file
from webapp.protocol.proofs.verdicts import ProofFailure, ProofStep

ALICE = Person("alice")


def chain(*ops: str) -> list[ProofOfConnection]:
    return [ProofOfConnection.parse(proof) for proof in handle_chain_of(ALICE, *ops)]


@pytest.mark.parametrize(
    "ops",
    [
        ["claim"],
        ["claim", "profile", "profile", "release"],
        ["claim", "release", "claim", "release"],
        ["follow", "unfollow", "claim", "profile", "release", "follow"],
        ["follow", "claim", "profile"],
        ["claim", "release", "follow", "unfollow", "claim"],
        ["release"],  # of a profile that is older than the log
        ["profile", "release", "claim"],
        ["follow", "follow", "claim", "follow", "unfollow"],  # each ended by whoever owned it
        ["claim", "remove", "remove", "block", "unblock", "block", "release", "claim", "unblock", "remove"],
    ],
)
def test_the_two_kinds_take_turns_each_by_itself(ops: list[str]) -> None:
    verdict = verify_chain(chain(*ops))
    assert isinstance(verdict, VerifiedFile), verdict
    assert [proof.operation for proof in verdict.last] == ops[-1:]


@pytest.mark.parametrize(
    ("ops", "index", "expected"),
    [
        (["claim", "claim"], 1, 'another than "claim"'),
        (["claim", "profile", "claim"], 2, 'another than "claim"'),
        (["profile", "claim"], 1, 'another than "claim"'),
        (["remove", "claim"], 1, 'another than "claim"'),
        (["claim", "release", "release"], 2, '"claim"'),
        (["claim", "release", "profile"], 2, '"claim"'),
        (["claim", "unfollow"], 1, '"follow"'),
        (["follow", "unfollow", "claim", "unfollow"], 3, '"follow"'),
        (["claim", "release", "remove"], 2, '"claim"'),
        (["claim", "block", "block"], 2, '"unblock"'),
        (["claim", "block", "remove"], 2, '"unblock"'),
        (["claim", "unblock"], 1, '"remove" or "block"'),
        (["claim", "block", "unblock", "unblock"], 3, '"remove" or "block"'),
        (["block", "release", "claim", "block"], 3, '"unblock"'),
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


def test_blocks_are_of_one_follower_each() -> None:
    """Whoever it is: a block of one says nothing of another."""
    verdict = verify_chain(chain("claim", "block", "block 2", "unblock", "remove", "unblock 2"))
    assert isinstance(verdict, VerifiedFile), verdict


def test_a_log_that_is_taken_up_later_may_hold_blocks_from_before() -> None:
    proofs = chain("claim", "block", "unblock", "block")
    for place in (2, 3):
        page = [{"node": {"proof": proof.to_json()}} for proof in reversed(proofs[place:])]
        verdict = verify_file(io.BytesIO(json.dumps({"edges": page}).encode()))
        assert isinstance(verdict, VerifiedFile), verdict


def test_a_chain_can_be_taken_up_anywhere() -> None:
    """What stood before is not known then, and only what follows is held to its turns."""
    proofs = chain("follow", "claim", "unfollow", "profile", "release", "follow")
    for place in range(1, len(proofs)):
        page = [{"node": {"proof": proof.to_json()}} for proof in reversed(proofs[place:])]
        verdict = verify_file(io.BytesIO(json.dumps({"edges": page}).encode()))
        assert isinstance(verdict, VerifiedFile), verdict
        assert (verdict.entries, verdict.cut) == (len(page), 1)


def test_every_byte_of_a_claim_counts() -> None:
    (proof,) = chain("claim")
    for place, bit in itertools.product(range(0, len(proof.content), 7), (1, 2)):
        changed = bytearray(proof.content.encode())
        changed[place] ^= bit
        forged = ProofOfConnection.parse({**proof.to_json(), "content": changed.decode(errors="replace")})
        assert isinstance(verify_chain([forged]), ProofFailure)
