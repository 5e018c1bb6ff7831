"""Signatures that only a contract can judge: their form, and what its word counts for."""

from typing import Any

import pytest

from tests.support.protocol.chains import renumbered, verify_chain, verify_proof
from tests.support.protocol.vectors import load
from webapp.protocol.authorization import GivenSignature, personal_sign_digest
from webapp.protocol.decision import decide_registration
from webapp.protocol.errors import SignatureError
from webapp.protocol.facts import Policy, RegistrationFacts
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.verdicts import ContractWalletUnproven, ProofFailure, ProofStep
from webapp.protocol.status import RegistrationStatus
from webapp.protocol.submissions import Registration

VECTORS = load("registrations.json")
SENT: dict[str, Any] = VECTORS["base"]["registration"]
NOW: int = VECTORS["cases"][0]["now"]
PROOFS = load("proof-v1.json")["proofs"]
LONGEST = f"0x{'ab' * 8_192}"


@pytest.mark.parametrize("text", ["0x", "0x00", "0xAbCd", f"0x{'00' * 65}", LONGEST])
def test_any_number_of_bytes_up_to_the_cap(text: str) -> None:
    signature = GivenSignature.parse(text)
    assert signature.text == text.lower()
    assert signature.payload == bytes.fromhex(text[2:])


@pytest.mark.parametrize(
    "text",
    [
        None,
        1,
        b"0x",
        [],
        "",
        "00",
        "0X00",
        "0x0",
        "0xzz",
        "0x 00",
        "0x00 ",
        "0x00\n",
        "0x\u0660\u0660",
        f"{LONGEST}ab",
    ],
)
def test_nothing_else(text: object) -> None:
    with pytest.raises(SignatureError, match="0x and hexadecimal digits"):
        GivenSignature.parse(text)


def test_the_digest_is_that_of_personal_sign() -> None:
    """EIP-191, with the length in bytes; the value is `hashMessage("hé")` of viem."""
    digest = personal_sign_digest("hé").hex()
    assert digest == "d9ce8c228b011f660bf8603435ee7ee4c0c5106f8f825fe288eb9b16598f86a5"
    with pytest.raises(SignatureError):
        personal_sign_digest("\ud800")


def answered(signature: object, *, contract_wallet: bool | None, room: int = 1) -> tuple[str, str | None]:
    registration = Registration.read({**SENT, "signature": signature, "byContract": contract_wallet})
    facts = RegistrationFacts(existing=None, live_keys=0)
    decision = decide_registration(registration, facts, Policy(max_live_keys=room), NOW)
    return decision.status, decision.accepted.signature if decision.accepted else None


@pytest.mark.parametrize("signature", ["0x", "0xAB", f"0x{'11' * 65}", LONGEST])
def test_a_contract_is_believed_and_its_signature_kept_in_lower_case(signature: str) -> None:
    assert answered(signature, contract_wallet=True) == (RegistrationStatus.SUCCESS, signature.lower())
    for refused in (False, None):
        assert answered(signature, contract_wallet=refused) == (RegistrationStatus.INVALID_SIGNATURE, None)


def test_its_word_changes_no_other_check() -> None:
    assert answered("0xab", contract_wallet=True, room=0)[0] is RegistrationStatus.INVALID_SIGNING_KEY
    assert answered("0xa", contract_wallet=True)[0] is RegistrationStatus.INVALID_SIGNATURE
    assert answered(None, contract_wallet=True)[0] is RegistrationStatus.INVALID_SIGNATURE


def test_an_addresss_own_key_needs_no_contract() -> None:
    good = answered(SENT["signature"], contract_wallet=None)
    assert good[0] is RegistrationStatus.SUCCESS
    assert answered(SENT["signature"], contract_wallet=False) == good
    assert answered(SENT["signature"], contract_wallet=True) == good


@pytest.mark.parametrize("signature", ["0x", "0xab", f"0x{'11' * 65}", LONGEST])
def test_offline_such_a_proof_is_unproven_and_says_what_to_ask(signature: str) -> None:
    auth = {**PROOFS[0]["signingKeyAuth"], "signature": signature}
    (vouched,) = renumbered([{**PROOFS[0], "signingKeyAuth": auth}])
    proof = ProofOfConnection.parse(vouched)
    for verdict in (verify_proof(proof), verify_chain([proof])):
        assert isinstance(verdict, ContractWalletUnproven)
        assert (verdict.step, verdict.index) == (ProofStep.AUTHORIZATION, 0)
        assert str(verdict).endswith("signed by a contract wallet: needs the chain")
        assert verdict.question.address.checksummed == auth["address"]
        assert verdict.question.digest == personal_sign_digest(auth["message"])
        assert verdict.question.signature == bytes.fromhex(signature[2:])


@pytest.mark.parametrize(
    "change",
    [
        {"signature": PROOFS[1]["signature"]},
        {"signingKey": "AAAA"},
        {"digest": "1" * 64},
        {"sequence": 2},
        {},
    ],
    ids=["signature", "key", "digest", "sequence", "entry digest"],
)
def test_where_anything_else_fails_no_chain_can_prove_it(change: dict[str, object]) -> None:
    """A contract's word would be about the authorisation alone, and nobody would look at the rest."""
    auth = {**PROOFS[0]["signingKeyAuth"], "signature": f"0x{'11' * 65}"}
    (vouched,) = renumbered([{**PROOFS[0], "signingKeyAuth": auth}])
    broken = vouched | (change or {"entryDigest": PROOFS[0]["entryDigest"]})
    for verdict in (
        verify_proof(ProofOfConnection.parse(broken)),
        verify_chain([ProofOfConnection.parse(broken)]),
    ):
        assert type(verdict) is ProofFailure
        assert (verdict.step, verdict.field) == (ProofStep.AUTHORIZATION, "signingKeyAuth.signature")
        assert not str(verdict).endswith("needs the chain")


def test_what_no_contract_could_be_given_is_plainly_invalid() -> None:
    auth = {**PROOFS[0]["signingKeyAuth"], "signature": "0xa"}
    verdict = verify_proof(ProofOfConnection.parse({**PROOFS[0], "signingKeyAuth": auth}))
    assert type(verdict) is ProofFailure
    assert verdict.step is ProofStep.AUTHORIZATION
