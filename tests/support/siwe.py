"""A sign-in text, and what becomes of it."""

from typing import Any

import pytest

from tests.support.browsers import personal_sign
from tests.support.people import NOW, Wallet
from webapp.protocol.address import Address
from webapp.siwe.message import (
    Challenge,
    LoginRefused,
    Reason,
    VerifiedLogin,
    verify_login,
)

ALICE = Wallet("alice")


NONCE = "0123456789abcdef0123456789abcdef"


AGE = 300_000


CHALLENGE = Challenge(
    domain="follow.example:8443",
    uri="https://follow.example:8443",
    address=Address.parse(ALICE.address),
    chain_id=56,
    nonce=NONCE,
    issued_at=NOW,
    expires_at=NOW + AGE,
)


TEXT = CHALLENGE.text


def verify(text: str = TEXT, signature: object = None, **changes: Any) -> VerifiedLogin:
    expected: dict[str, Any] = {
        "challenge": CHALLENGE,
        "chain_ids": None,
        "now": NOW,
        "max_age_ms": AGE,
        **changes,
    }
    return verify_login(text, personal_sign(ALICE, text) if signature is None else signature, **expected)


def refusal(text: str = TEXT, signature: object = None, **changes: Any) -> Reason:
    with pytest.raises(LoginRefused) as caught:
        verify(text, signature, **changes)
    return caught.value.reason
