import hashlib
from contextlib import suppress

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.main import KeyAPI
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol.vectors import load, titled
from webapp.protocol.address import Address
from webapp.protocol.authorization import (
    ORDER,
    AuthorizationText,
    SigningKeyAuthorization,
    WalletSignature,
    compose_authorization_text,
    recover_personal_sign,
)
from webapp.protocol.errors import ProtocolError, SignatureError

TEXTS = load("authorization.json")
SIGNATURES = load("wallet-signatures.json")
WALLET = Account.from_key(bytes([7]) * 32)


@pytest.mark.parametrize("case", TEXTS["accept"], ids=titled)
def test_a_text_reads_as_its_entity_and_its_key_line(case: dict[str, str]) -> None:
    read = AuthorizationText.parse(case["text"])
    assert read == AuthorizationText(case["text"], case["entity"], case["signingKey"])
    assert compose_authorization_text(case["entity"], case["signingKey"]) == case["text"]


@pytest.mark.parametrize("case", TEXTS["reject"], ids=titled)
def test_t25_any_other_text_is_refused_by_name(case: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        AuthorizationText.parse(case["text"])
    assert refused.value.field == "message"


@pytest.mark.parametrize("entity", ["", " ", " X", "X ", "x" * 65, "A\nB", "Café", "A\x7f", "\ud800"])
def test_a_text_is_never_composed_that_would_not_be_read(entity: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        compose_authorization_text(entity, "AAAA")
    assert refused.value.field == "entity"


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64))
def test_what_is_composed_reads_back(entity: str) -> None:
    key = TEXTS["accept"][0]["signingKey"]
    read = AuthorizationText.parse(compose_authorization_text(entity, key))
    assert (read.entity, read.signing_key) == (entity, key)


@given(st.integers(0, len(TEXTS["accept"][0]["text"])), st.characters(), st.booleans())
def test_a_text_that_differs_in_one_character_is_refused_or_reads_as_it_is(
    at: int, character: str, insert: bool
) -> None:
    """No two texts read alike: what was read, composed again, is the text."""
    text = TEXTS["accept"][0]["text"]
    text = text[:at] + character + text[at + (not insert) :]
    try:
        read = AuthorizationText.parse(text)
    except ProtocolError:
        return
    assert compose_authorization_text(read.entity, read.signing_key) == text


@given(st.text() | st.none() | st.integers())
def test_nothing_but_authorization_error_is_raised(text: object) -> None:
    with pytest.raises(ProtocolError):
        AuthorizationText.parse(text)


@pytest.mark.parametrize("case", SIGNATURES["accept"], ids=titled)
def test_a_signature_has_one_normal_form_and_one_signer(case: dict[str, str]) -> None:
    signature = WalletSignature.parse(case["signature"])
    assert signature.text == case["normal"]
    assert WalletSignature.parse(signature.text) == signature
    assert recover_personal_sign(case["text"], signature).checksummed == case["address"]


@pytest.mark.parametrize("case", SIGNATURES["reject"], ids=titled)
def test_any_other_signature_is_refused_by_name(case: dict[str, object]) -> None:
    with pytest.raises(SignatureError) as refused:
        WalletSignature.parse(case["signature"])
    assert refused.value.field == "signature"


@pytest.mark.parametrize("case", SIGNATURES["unrecoverable"], ids=titled)
def test_a_signature_that_nobody_can_have_made_is_refused(case: dict[str, str]) -> None:
    signature = WalletSignature.parse(case["signature"])
    with pytest.raises(SignatureError):
        recover_personal_sign(SIGNATURES["text"], signature)


def test_text_with_a_lone_surrogate_is_refused_and_not_encoded_somehow() -> None:
    with pytest.raises(SignatureError) as refused:
        recover_personal_sign("\ud800", WalletSignature.parse(SIGNATURES["accept"][0]["signature"]))
    assert refused.value.field == "message"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_the_signer_is_the_one_that_eth_account_signs_as(text: str) -> None:
    signed = WALLET.sign_message(encode_defunct(text=text)).signature
    signer = recover_personal_sign(text, WalletSignature.parse("0x" + bytes(signed).hex()))
    assert signer == Address(WALLET.address)


@given(
    st.integers(1, ORDER - 1), st.integers(1, ORDER - 1), st.sampled_from([0, 1, 27, 28]), st.text(max_size=9)
)
def test_any_signature_in_range_gives_a_signer_or_signature_error(r: int, s: int, v: int, text: str) -> None:
    try:
        signer = recover_personal_sign(text, WalletSignature.parse(f"0x{r:064x}{s:064x}{v:02x}"))
    except SignatureError:
        return
    assert Address.parse(signer.checksummed) == signer


@given(st.text() | st.none() | st.from_regex(r"0x[0-9a-fA-F]{128,132}"))
def test_nothing_but_signature_error_is_raised(text: object) -> None:
    with suppress(SignatureError):
        assert WalletSignature.parse(text).text.startswith("0x")


def test_recovery_takes_the_fast_road() -> None:
    """libsecp256k1 does it in a tenth of a millisecond; pure Python, the other road, takes four."""
    assert recover_personal_sign.__globals__["PublicKey"].__module__ == "coincurve.keys"
    assert type(KeyAPI().backend).__name__ == "CoinCurveECCBackend"


def test_the_digest_is_of_the_text_and_the_lower_case_signature() -> None:
    address = Address.parse(SIGNATURES["accept"][0]["address"])
    signature = SIGNATURES["accept"][0]["signature"]
    digest = hashlib.sha256(f"hello\n{signature}".encode()).hexdigest()
    assert SigningKeyAuthorization(address, "hello", signature).digest == digest
    shouted = "0x" + signature[2:].upper()
    assert SigningKeyAuthorization(address, "hello", shouted).digest == digest
