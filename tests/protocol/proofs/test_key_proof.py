"""Proofs of key operations: who may sign, what may follow what, and no byte can be another."""

import hashlib
import json
from typing import Any

import pytest

from tests.support.people import NOW, Person
from tests.support.protocol.chains import (
    ALL_KINDS,
    LAPTOP,
    PHONE,
    KeyStep,
    chain_of,
    key_chain_of,
    key_line_of,
    line_of,
    verify_proof,
)
from tests.support.protocol.damage import SHARED, altered, described, verdict_on
from webapp.protocol.errors import ProofError
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.proofs.proof import ProofOfKeyOperation
from webapp.protocol.proofs.proof_file import VerifiedFile
from webapp.protocol.proofs.shapes import Form
from webapp.protocol.proofs.verdicts import ProofFailure, ProofStep, VerifiedKeyOperation

ALICE = Person("alice")
CHAIN = key_chain_of(ALICE, *ALL_KINDS)


@pytest.mark.parametrize("proof", CHAIN, ids=lambda proof: json.loads(proof["content"])["op"])
def test_a_proof_reads_and_writes_as_the_same_object(proof: dict[str, Any]) -> None:
    assert ProofOfKeyOperation.parse(proof).to_json() == proof
    assert isinstance(verdict_on(proof), VerifiedFile)
    assert isinstance(
        verdict_on(key_line_of(proof) | {"ts": json.loads(proof["content"])["ts"]}), VerifiedFile
    )


def test_it_says_what_was_done_to_which_key_by_whom() -> None:
    by_phone, by_wallet = (verify_proof(ProofOfKeyOperation.parse(proof)) for proof in CHAIN[:2])
    assert isinstance(by_phone, VerifiedKeyOperation)
    assert isinstance(by_wallet, VerifiedKeyOperation)
    assert str(by_phone.address) == ALICE.address
    assert (by_phone.operation, by_phone.name, by_phone.ts) == (KeyOperation.RENAME, "Laptop", NOW)
    assert (by_phone.key.text, str(by_phone.signing_key)) == (LAPTOP.signing_key, PHONE.signing_key)
    assert by_phone.entity == "CyberConnect"
    assert (by_wallet.operation, by_wallet.signing_key, by_wallet.entity) == (KeyOperation.RENEW, None, None)


def test_a_whole_log_of_an_address_is_verified() -> None:
    lines = [key_line_of(proof) for proof in CHAIN]
    follows = [
        line_of(proof, op, "shiyu") for proof, op in zip(chain_of(ALICE, "shiyu", 2), OPS, strict=True)
    ]
    text = "".join(json.dumps(line) + "\n" for line in (*follows, *lines))
    found = {}
    for content, form, entries in (
        (CHAIN, Form.CHAIN, 4),
        (lines, Form.LOG, 4),
        (text.encode(), Form.LOG, 6),
    ):
        verdict = verdict_on(content)
        assert isinstance(verdict, VerifiedFile), verdict
        assert (verdict.form, verdict.entries) == (form, entries)
        found = {last.key.text: last for last in verdict.last if isinstance(last, VerifiedKeyOperation)}
    newest = {key: str(last.operation) for key, last in found.items()}
    assert newest == {LAPTOP.signing_key: "renew", PHONE.signing_key: "revoke"}


OPS = ("follow", "unfollow")


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_an_entry_left_out_is_missed(missing: int) -> None:
    kept = [proof for place, proof in enumerate(CHAIN) if place != missing]
    assert described(verdict_on(kept)) == (missing, "chain", "sequence")


def test_a_chain_is_of_one_log() -> None:
    mixed = [*CHAIN[:1], *chain_of(ALICE, "shiyu", 1)]
    assert described(verdict_on(mixed)) == (1, "chain", "content")


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([KeyStep("revoke", PHONE), KeyStep("revoke", PHONE)], "content.signingKey"),
        ([KeyStep("revoke", PHONE), KeyStep("rename", PHONE, name="x")], "content.signingKey"),
        ([KeyStep("revoke", PHONE), KeyStep("renew", PHONE)], "content.signingKey"),
        ([KeyStep("revoke", PHONE), KeyStep("rename", LAPTOP, PHONE, name="x")], "authorizedBy"),
        ([KeyStep("revoke", PHONE, by=PHONE), KeyStep("revoke", LAPTOP, PHONE)], "authorizedBy"),
        ([KeyStep("rename", PHONE, name="x"), KeyStep("rename", PHONE, name="x")], "content.name"),
        (
            [KeyStep("rename", PHONE, name="x"), KeyStep("renew", PHONE), KeyStep("rename", PHONE, name="x")],
            "content.name",
        ),
        ([KeyStep("renew", PHONE), KeyStep("renew", PHONE, ts=NOW)], "content.ts"),
        ([KeyStep("renew", PHONE), KeyStep("rename", PHONE, name="x", ts=NOW - 1)], "content.ts"),
    ],
)
def test_what_a_gateway_refuses_is_in_no_chain(steps: list[KeyStep], field: str) -> None:
    assert described(verdict_on(key_chain_of(ALICE, *steps))) == (len(steps) - 1, "chain", field)


def test_a_first_name_is_not_empty() -> None:
    steps = [KeyStep("rename", PHONE, name="")]
    assert described(verdict_on(key_chain_of(ALICE, *steps))) == (0, "chain", "content.name")


def test_a_name_is_taken_away_where_the_log_is_taken_up_later() -> None:
    """What the key was called before stands in entries that are not in this page."""
    chain = key_chain_of(ALICE, KeyStep("rename", PHONE, name="x"), KeyStep("rename", PHONE, name=""))
    assert isinstance(
        verdict_on([{"node": {"proof": chain[1]}}, {"node": {"proof": chain[0]}}]), VerifiedFile
    )
    assert isinstance(verdict_on({"edges": [{"node": {"proof": chain[1]}}]}), VerifiedFile)


@pytest.mark.parametrize(
    ("change", "step", "field"),
    [
        ({"content": "{}"}, "message", "content.op"),
        ({"content": "[]"}, "message", "content.message"),
        ({"signature": "0x"}, "signature", "signature"),
        ({"signature": "0x" + "11" * 65}, "signature", "signature"),
        ({"digest": "1" * 64}, "message", "digest"),
        ({"entryDigest": "1" * 64}, "chain", "entryDigest"),
    ],
)
def test_what_is_wrong_with_a_proof_that_the_wallet_signed_is_named(
    change: dict[str, str], step: str, field: str
) -> None:
    (proof,) = key_chain_of(ALICE, KeyStep("revoke", PHONE))
    assert described(verdict_on(proof | change)) == (0, step, field)
    verdict = verify_proof(ProofOfKeyOperation.parse(proof | change))
    assert isinstance(verdict, ProofFailure)
    assert verdict.index == 0


def wallet_signed(**members: object) -> dict[str, Any]:
    """A revocation with other members, signed by the wallet; its digests are those of another."""
    (proof,) = key_chain_of(ALICE, KeyStep("revoke", PHONE))
    text = json.dumps(json.loads(proof["content"]) | members)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return proof | {"content": text, "digest": digest, "signature": ALICE.wallet.sign(text)}


def test_a_key_operation_is_about_a_key_and_of_a_time_after_the_epoch() -> None:
    assert described(verdict_on(wallet_signed(signingKey="AAAA"))) == (0, "message", "content.signingKey")
    assert described(verdict_on(wallet_signed(ts=-1))) == (0, "message", "content.ts")
    (first,) = key_chain_of(ALICE, KeyStep("revoke", PHONE, ts=0))
    assert isinstance(verdict_on(first), VerifiedFile)


def test_nothing_holds_a_revocation_up() -> None:
    """Not even an operation that a thief dated later; what comes next is later than that."""
    steps = [KeyStep("rename", PHONE, PHONE, name="x", ts=NOW + 9), KeyStep("revoke", PHONE, ts=NOW)]
    assert isinstance(verdict_on(key_chain_of(ALICE, *steps)), VerifiedFile)
    steps.append(KeyStep("rename", LAPTOP, name="y", ts=NOW + 9))
    assert described(verdict_on(key_chain_of(ALICE, *steps))) == (2, "chain", "content.ts")


def test_a_key_that_is_none_is_named_as_the_proof_names_it() -> None:
    (proof,) = key_chain_of(ALICE, KeyStep("revoke", PHONE, by=PHONE))
    text = "I authorize CyberConnect from this device using signing key:\nAAAA"
    auth = {"address": ALICE.address, "message": text, "signature": ALICE.wallet.sign(text)}
    verdict = verdict_on(proof | {"authorizedBy": "AAAA", "signingKeyAuth": auth})
    assert described(verdict) == (0, "signature", "authorizedBy")


def test_a_device_renews_nothing() -> None:
    assert described(verdict_on(key_chain_of(ALICE, KeyStep("renew", PHONE, PHONE)))) == (
        0,
        "message",
        "authorizedBy",
    )


def test_another_wallet_signs_nothing() -> None:
    """Bob's wallet under Alice's address; and Bob's own revocation, said to be signed by Alice's key."""
    by_wallet = key_chain_of(ALICE, KeyStep("revoke", PHONE))[0]
    forged = {**by_wallet, "signature": Person("bob").wallet.sign(by_wallet["content"])}
    assert described(verdict_on(forged)) == (0, "signature", "signature")
    (of_bob,) = key_chain_of(Person("bob"), KeyStep("revoke", PHONE, by=LAPTOP))
    (of_alice,) = key_chain_of(ALICE, KeyStep("revoke", PHONE, by=LAPTOP))
    mixed = {**of_alice, "content": of_bob["content"], "signature": of_bob["signature"]}
    assert described(verdict_on(mixed)) == (0, "message", "content.address")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"authorizedBy": None}, "authorizedBy"),
        ({"authorizedBy": ""}, "signingKeyAuth"),
        ({"signingKeyAuth": None}, "signingKeyAuth"),
        ({"signingKeyAuth": {}}, "address"),
        ({"evil": 1}, "evil"),
        ({"signingKey": PHONE.signing_key}, "signingKey"),
        ({"arweaveTxHash": ""}, "arweaveTxHash"),
        ({"sequence": True}, "sequence"),
        ({"sequence": 0}, "sequence"),
        ({"digest": "A" * 64}, "digest"),
        ({"__typename": "Proof"}, "__typename"),
    ],
)
def test_what_is_no_proof_of_a_key_operation_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ProofError) as refused:
        ProofOfKeyOperation.parse({**CHAIN[0], **change})
    assert refused.value.field == field


def test_a_wallet_that_signed_needs_no_authorisation() -> None:
    proof = CHAIN[1]
    for auth in (CHAIN[0]["signingKeyAuth"], "", 0):
        assert described(verdict_on({**proof, "signingKeyAuth": auth})) == (0, "reading", "signingKeyAuth")
    without = {name: member for name, member in proof.items() if name != "signingKeyAuth"}
    assert described(verdict_on(without)) == (0, "reading", "signingKeyAuth")


@pytest.mark.parametrize(
    "change",
    [
        {"address": Person("bob").address},
        {"signingKey": PHONE.signing_key},
        {"op": "revoke"},
        {"handle": "shiyu"},
        {"sequence": True},
        {"ts": NOW + 1},
        {"__typename": "Operation"},
    ],
)
def test_nothing_beside_a_proof_may_say_otherwise(change: dict[str, object]) -> None:
    verdict = verdict_on(key_line_of(CHAIN[0]) | change)
    field = next(iter(change))
    assert described(verdict) == (0, "chain" if field == "sequence" else "message", field)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("shared", SHARED)
def test_any_byte_changed_is_refused_and_the_step_is_named(place: int, shared: int) -> None:
    content = key_line_of(CHAIN[place]) if place == 0 else CHAIN[place]
    text = json.dumps(content).encode()
    steps = set()
    for changed in altered(text, shared):
        verdict = verdict_on(changed)
        if isinstance(verdict, VerifiedFile):
            assert json.loads(changed) == content, changed
        else:
            steps.add(described(verdict)[1])
    # Where the wallet itself signed, there is nothing that it would have authorised.
    assert steps == {"reading", *ProofStep} - (set() if place == 0 else {"authorisation"})


def test_digits_in_the_other_case_are_another_file() -> None:
    for proof in CHAIN[:2]:
        shouted = {**proof, "signature": "0x" + proof["signature"][2:].upper()}
        assert described(verdict_on(shouted)) == (0, "signature", "signature")
    v = {"1b": "00", "1c": "01"}[CHAIN[1]["signature"][-2:]]
    assert not isinstance(verdict_on({**CHAIN[1], "signature": CHAIN[1]["signature"][:-2] + v}), VerifiedFile)
