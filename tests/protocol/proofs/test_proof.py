import copy
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol.chains import verify_chain, verify_proof
from tests.support.protocol.vectors import load, titled
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.errors import ProofError
from webapp.protocol.log_entries import ChainHead, OperationLogEntry
from webapp.protocol.message import FollowMessage, Operation
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.proof_file import VerifiedFile
from webapp.protocol.proofs.verdicts import ProofFailure, ProofStep, VerifiedProof
from webapp.protocol.signing_key import MessageSignature, SigningKey

PUBLISHED = load("proof-v1.json")["proofs"]
VECTORS = load("proofs.json")


def appended(proof: dict[str, Any], previous: ChainHead) -> OperationLogEntry:
    auth = proof["signingKeyAuth"]
    return OperationLogEntry.append(
        previous=previous,
        message=FollowMessage.parse(proof["content"]),
        signature=MessageSignature.parse(proof["signature"]),
        signing_key=SigningKey.parse(proof["signingKey"]),
        authorization=SigningKeyAuthorization(
            Address.parse(auth["address"]), auth["message"], auth["signature"]
        ),
    )


def test_the_log_gives_the_published_chain_to_the_byte() -> None:
    head = ChainHead.EMPTY
    for proof in PUBLISHED:
        entry = appended(proof, head)
        assert ProofOfConnection.of(entry).to_json() == proof
        assert (entry.address.checksummed, entry.handle) == (proof["signingKeyAuth"]["address"], "shiyu")
        head = entry.head
    assert head == ChainHead(3, PUBLISHED[-1]["entryDigest"])


@pytest.mark.parametrize("proof", PUBLISHED, ids=lambda proof: str(proof["sequence"]))
def test_a_proof_reads_and_writes_as_the_same_object(proof: dict[str, object]) -> None:
    assert ProofOfConnection.parse(proof).to_json() == proof


@pytest.mark.parametrize("case", VECTORS["malformed"], ids=titled)
def test_what_is_no_proof_is_refused(case: dict[str, object]) -> None:
    with pytest.raises(ProofError):
        ProofOfConnection.parse(case["value"])


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from([*PUBLISHED[0], "signingKeyAuth.message"]), JSON_VALUES)
def test_whatever_a_member_says_the_answer_is_an_error_or_a_verdict(member: str, value: object) -> None:
    proof = copy.deepcopy(PUBLISHED[0])
    inner, _, name = member.rpartition(".")
    (proof[inner] if inner else proof)[name] = value
    try:
        parsed = ProofOfConnection.parse(proof)
    except ProofError:
        return
    assert isinstance(verify_proof(parsed), VerifiedProof | ProofFailure)


@pytest.mark.parametrize("case", VECTORS["single"], ids=titled)
def test_a_single_proof_fails_at_the_step_that_is_wrong(case: dict[str, Any]) -> None:
    proof = {**PUBLISHED[case["proof"]], **case["set"]}
    verdict = verify_proof(ProofOfConnection.parse(proof))
    failed = (verdict.step, verdict.index) if isinstance(verdict, ProofFailure) else (None, 0)
    assert failed == (case["step"], 0)


def test_a_verified_proof_says_who_whom_what_and_when() -> None:
    proof = ProofOfConnection.parse(PUBLISHED[1])
    verified = verify_proof(proof)
    assert isinstance(verified, VerifiedProof)
    assert verified == VerifiedProof(
        address=Address(proof.authorization.address),
        handle=FollowMessage.parse(proof.content).handle,  # type: ignore[arg-type]  # legal, as was verified
        operation=Operation.UNFOLLOW,
        ts=1795460680000,
        entity="Countersign",
        signing_key=SigningKey.parse(proof.signing_key),
        head=ChainHead(2, proof.entry_digest),
    )


def test_a_verified_chain_says_where_its_log_stands() -> None:
    proofs = [ProofOfConnection.parse(proof) for proof in PUBLISHED]
    for length in (2, 3):
        verdict = verify_chain(proofs[:length])
        assert isinstance(verdict, VerifiedFile)
        assert [last.head for last in verdict.last] == [ChainHead(length, proofs[length - 1].entry_digest)]


def test_a_failure_names_the_proof_the_step_and_the_field() -> None:
    proofs = [ProofOfConnection.parse(proof) for proof in PUBLISHED]
    proofs[2] = dataclasses.replace(proofs[2], signature=proofs[0].signature)
    verdict = verify_chain(proofs)
    assert isinstance(verdict, ProofFailure)
    assert (verdict.step, verdict.index, verdict.field) == (ProofStep.SIGNATURE, 2, "signature")
    assert str(verdict) == "proof 3, signature: signature: expected one by the signing key over the content"


@pytest.mark.parametrize(
    "change",
    [
        {"handle": "other"},
        {"sequence": 2},
        {"previous_digest": "1" * 64},
        {"digest": "1" * 64},
        {"signature": "0x" + "1" * 128},
        {"signing_key": "other"},
        {"address": Address("0x" + "1" * 40)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_line_counts_for_the_entry_digest(change: dict[str, Any]) -> None:
    entry = appended(PUBLISHED[0], ChainHead.EMPTY)
    assert entry.computed_digest() == entry.entry_digest
    assert dataclasses.replace(entry, **change).computed_digest() != entry.entry_digest


def test_the_entry_digest_is_over_the_signature_in_lower_case() -> None:
    entry = appended(PUBLISHED[0], ChainHead.EMPTY)
    shouted = dataclasses.replace(entry, signature="0x" + entry.signature[2:].upper())
    assert shouted.computed_digest() == entry.entry_digest
