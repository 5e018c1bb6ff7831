"""Signatures and keys of Wycheproof, which has the mistakes of many libraries: none of them is ours."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.support.protocol.vectors import load
from webapp.protocol.errors import ProtocolError, SignatureError
from webapp.protocol.signing_key import ORDER, MessageSignature, SigningKey


def cases_of(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each test with its group."""
    for group in load(f"public/wycheproof/{name}.json")["testGroups"]:
        for test in group["tests"]:
            yield group, test


def key_of(group: dict[str, Any]) -> SigningKey:
    return SigningKey.parse(base64.b64encode(bytes.fromhex(group["publicKeyDer"])).decode())


def verifies(group: dict[str, Any], test: dict[str, Any], signature: str) -> bool:
    try:
        made = MessageSignature.parse(signature)
    except SignatureError:
        return False
    return key_of(group).verify(made, bytes.fromhex(test["msg"]))


def numbers_in(der: bytes) -> tuple[int, int]:
    """r and s; zeros where a library finds none."""
    try:
        return decode_dss_signature(der)
    except ValueError:
        return 0, 0


def test_t47_raw_signatures_are_judged_as_wycheproof_judges_them() -> None:
    """Of another length, zero, beyond the order, with modified integers; 173 of 262 are good."""
    said = {
        test["tcId"]: (verifies(group, test, "0x" + test["sig"]), test["result"] == "valid")
        for group, test in cases_of("ecdsa_secp256r1_sha256_p1363_test")
    }
    assert len(said) == 262
    assert [case for case, (ours, theirs) in said.items() if ours is not theirs] == []


def test_der_is_no_form_of_a_signature_but_what_it_holds_is_judged_alike() -> None:
    counted = 0
    for group, test in cases_of("ecdsa_secp256r1_sha256_test"):
        der, theirs = bytes.fromhex(test["sig"]), test["result"] == "valid"
        assert not verifies(group, test, "0x" + test["sig"]), test["tcId"]
        r, s = numbers_in(der)
        if encode_dss_signature(r, s) != der or not (0 < r < ORDER and 0 < s < ORDER):
            assert not theirs, test["tcId"]
            continue
        assert verifies(group, test, f"0x{r:064x}{s:064x}") is theirs, test["tcId"]
        counted += theirs
    assert counted == 174


def test_t26_keys_are_read_where_wycheproof_calls_them_valid_and_nowhere_else() -> None:
    """What it calls acceptable (compressed, unnamed curves, other lengths, BER) is refused."""
    seen = 0
    for _, test in cases_of("ecdh_secp256r1_test"):
        text = base64.b64encode(bytes.fromhex(test["public"])).decode()
        seen += 1
        if test["result"] == "valid":
            assert SigningKey.parse(text).text == text
        else:
            with pytest.raises(ProtocolError):
                SigningKey.parse(text)
    assert seen == 612
