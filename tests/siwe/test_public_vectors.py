"""The signed texts of the siwe libraries: who signed them, and that none of them signs in here."""

from typing import Any

import pytest

from tests.support.protocol.vectors import load
from tests.support.siwe import refusal
from webapp.protocol.authorization import GivenSignature
from webapp.protocol.submissions import read
from webapp.siwe.message import Reason

SIGNED: dict[str, dict[str, Any]] = load("public/siwe/verification_positive.json")
NOT_SIGNED: dict[str, dict[str, Any]] = load("public/siwe/verification_negative.json")
BY_ANOTHER = ("malformed signature", "wrong signature")


def text_of(fields: dict[str, Any]) -> str:
    """The text, as EIP-4361 has it: written here a second time, from the specification."""
    optional = (
        ("Expiration Time", fields.get("expirationTime")),
        ("Not Before", fields.get("notBefore")),
    )
    return (
        f"{fields['domain']} wants you to sign in with your Ethereum account:\n{fields['address']}\n\n"
        f"{fields['statement']}\n\nURI: {fields['uri']}\nVersion: {fields['version']}\n"
        f"Chain ID: {fields['chainId']}\nNonce: {fields['nonce']}\nIssued At: {fields['issuedAt']}"
    ) + "".join(f"\n{name}: {value}" for name, value in optional if value is not None)


@pytest.mark.parametrize("name", SIGNED)
def test_it_is_found_who_signed(name: str) -> None:
    fields = SIGNED[name]
    assert str(GivenSignature.parse(fields["signature"]).signer(text_of(fields))) == fields["address"]


@pytest.mark.parametrize("name", BY_ANOTHER)
def test_a_wrong_signature_is_nobodys_or_another_s(name: str) -> None:
    fields = NOT_SIGNED[name]
    given = read(GivenSignature.parse, fields["signature"])
    assert given is None or str(given.signer(text_of(fields))) != fields["address"]


@pytest.mark.parametrize("fields", [*SIGNED.values(), *NOT_SIGNED.values()])
def test_t01_a_text_that_was_signed_for_another_site_signs_nobody_in(fields: dict[str, Any]) -> None:
    assert refusal(text_of(fields), fields["signature"]) is Reason.DOMAIN
