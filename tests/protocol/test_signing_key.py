import base64
from contextlib import suppress
from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol.vectors import load, titled
from webapp.protocol.errors import ProtocolError, SignatureError
from webapp.protocol.signing_key import ORDER, MessageSignature, SigningKey

KEYS = load("signing-keys.json")
SIGNATURES = load("signatures.json")
SPKI = base64.b64decode(KEYS["accept"][0]["text"])


@pytest.mark.parametrize("case", KEYS["accept"], ids=titled)
def test_a_canonical_key_is_read(case: dict[str, str]) -> None:
    key = SigningKey.parse(case["text"])
    assert key.text == str(key) == case["text"]
    assert key.fingerprint == case["fingerprint"]
    assert base64.b64encode(key.spki).decode() == case["text"]
    assert key == SigningKey.parse(case["text"])


@pytest.mark.parametrize("case", KEYS["accept"], ids=titled)
def test_what_is_read_is_what_a_der_library_reads_and_writes(case: dict[str, str]) -> None:
    spki = SigningKey.parse(case["text"]).spki
    loaded = load_der_public_key(spki)
    assert isinstance(loaded, ec.EllipticCurvePublicKey)
    assert isinstance(loaded.curve, ec.SECP256R1)
    assert loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == spki


@pytest.mark.parametrize("case", KEYS["reject"], ids=titled)
def test_t26_any_other_key_is_refused_by_name(case: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as refused:
        SigningKey.parse(case["text"])
    assert refused.value.field == "signingKey"


@given(st.integers(0, 8 * len(SPKI) - 1))
def test_one_changed_bit_is_another_key_or_none(bit: int) -> None:
    """Whatever we still read, a DER library reads as a P-256 key with the very same encoding."""
    changed = bytearray(SPKI)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        key = SigningKey.parse(base64.b64encode(changed).decode())
    except ProtocolError:
        return
    loaded = load_der_public_key(key.spki)
    assert isinstance(loaded, ec.EllipticCurvePublicKey)
    assert loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == bytes(changed) != SPKI


@given(
    st.binary(min_size=91, max_size=91) | st.binary(max_size=64).map(lambda tail: (SPKI + tail)[len(tail) :])
)
def test_other_bytes_are_refused_wherever_a_der_library_refuses_them(spki: bytes) -> None:
    try:
        SigningKey.parse(base64.b64encode(spki).decode())
    except ProtocolError:
        return
    try:
        load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        pytest.fail(f"we read what cryptography refuses: {error}")


@given(st.text() | st.none() | st.binary() | st.from_regex(r"[A-Za-z0-9+/]{122}=="))
def test_nothing_but_signing_key_error_is_raised(text: object) -> None:
    with suppress(ProtocolError):
        assert SigningKey.parse(text).text == text


@pytest.mark.parametrize("case", SIGNATURES["verify"], ids=titled)
def test_a_signature_verifies_over_its_own_bytes_by_its_own_key_only(case: dict[str, Any]) -> None:
    signature = MessageSignature.parse(case["signature"])
    key = SigningKey.parse(SIGNATURES["signingKey"])
    assert key.verify(signature, case["payload"].encode()) is case["verifies"]


@pytest.mark.parametrize("case", SIGNATURES["verify"], ids=titled)
def test_a_signature_is_kept_in_lower_case(case: dict[str, str]) -> None:
    signature = MessageSignature.parse(case["signature"])
    assert signature.text == f"0x{signature.r:064x}{signature.s:064x}" == case["signature"].lower()


@pytest.mark.parametrize("case", SIGNATURES["reject"], ids=titled)
def test_t47_any_other_signature_is_refused_by_name(case: dict[str, object]) -> None:
    with pytest.raises(SignatureError) as refused:
        MessageSignature.parse(case["text"])
    assert refused.value.field == "signature"


@given(st.integers(1, ORDER - 1), st.integers(1, ORDER - 1), st.binary(max_size=64))
def test_any_signature_in_range_is_answered_with_yes_or_no(r: int, s: int, payload: bytes) -> None:
    signature = MessageSignature.parse(f"0x{r:064x}{s:064x}")
    assert SigningKey.parse(SIGNATURES["signingKey"]).verify(signature, payload) is False


@given(st.text() | st.none() | st.from_regex(r"0x[0-9a-fA-F]{126,130}"))
def test_nothing_but_signature_error_is_raised(text: object) -> None:
    with suppress(SignatureError):
        assert len(MessageSignature.parse(text).text) == 130


@given(st.binary(max_size=200))
def test_what_a_device_signs_verifies_with_either_s(payload: bytes) -> None:
    device = ec.derive_private_key(12345, ec.SECP256R1())
    spki = device.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = SigningKey.parse(base64.b64encode(spki).decode())
    r, s = decode_dss_signature(device.sign(payload, ec.ECDSA(SHA256())))
    for either in (s, ORDER - s):
        assert key.verify(MessageSignature.parse(f"0x{r:064x}{either:064x}"), payload)
        assert not key.verify(MessageSignature.parse(f"0x{r:064x}{either:064x}"), payload + b"\n")
