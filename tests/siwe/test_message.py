"""A signed text signs in only if every one of its fields, and its every byte, is what this site wrote."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.people import NOW, Wallet
from tests.web.browsers import personal_sign
from webapp.protocol.address import Address
from webapp.protocol.authorization import ORDER
from webapp.siwe.message import Challenge, LoginRefused, Reason, VerifiedLogin, find_nonce, verify_login

ALICE, BOB = Wallet("alice"), Wallet("bob")
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
        "domain": CHALLENGE.domain,
        "uri": CHALLENGE.uri,
        "address": CHALLENGE.address,
        "nonce": NONCE,
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


def test_the_text_is_what_eip_4361_describes() -> None:
    written = (
        "follow.example:8443 wants you to sign in with your Ethereum account:\n"
        f"{ALICE.address}\n"
        "\n"
        "Sign in to Countersign. This is free, sends no transaction and moves no funds.\n"
        "\n"
        "URI: https://follow.example:8443\n"
        "Version: 1\n"
        "Chain ID: 56\n"
        "Nonce: 0123456789abcdef0123456789abcdef\n"
        "Issued At: 2026-11-23T18:53:20.000Z\n"
        "Expiration Time: 2026-11-23T18:58:20.000Z"
    )
    assert CHALLENGE.text == written


def test_a_signed_text_signs_in() -> None:
    assert verify() == VerifiedLogin(CHALLENGE.address, 56)


@pytest.mark.parametrize("domain", ["[::1]:8000", "localhost", "127.0.0.1:8000", "a-b.example"])
@pytest.mark.parametrize("issued_at", [NOW, NOW + 1, NOW + 999, NOW + 120])
def test_every_text_that_is_written_can_be_read(domain: str, issued_at: int) -> None:
    uri = f"http://{domain}"
    written = replace(CHALLENGE, domain=domain, uri=uri, issued_at=issued_at).text
    assert verify(written, domain=domain, uri=uri).chain_id == 56


ALTERED: list[tuple[str, Callable[[str], str], Reason]] = [
    ("domain", lambda t: t.replace("follow.example:8443 wants", "evil.example wants"), Reason.DOMAIN),
    (
        "subdomain",
        lambda t: t.replace("follow.example:8443 wants", "a.follow.example:8443 wants"),
        Reason.DOMAIN,
    ),
    ("port", lambda t: t.replace("follow.example:8443 wants", "follow.example:8444 wants"), Reason.DOMAIN),
    ("no port", lambda t: t.replace("follow.example:8443 wants", "follow.example wants"), Reason.DOMAIN),
    ("user", lambda t: t.replace("follow.example:8443 wants", "a@follow.example:8443 wants"), Reason.DOMAIN),
    ("case", lambda t: t.replace("follow.example:8443 wants", "Follow.example:8443 wants"), Reason.DOMAIN),
    ("scheme", lambda t: f"https://{t}", Reason.FIELD),
    ("other scheme", lambda t: f"evil://{t}", Reason.FIELD),
    ("uri host", lambda t: t.replace("URI: https://follow", "URI: https://evil"), Reason.DOMAIN),
    ("uri path", lambda t: t.replace("8443\nVersion", "8443/\nVersion"), Reason.DOMAIN),
    (
        "uri script",
        lambda t: t.replace("URI: https://follow.example:8443", "URI: javascript:alert(1)"),
        Reason.DOMAIN,
    ),
    ("version", lambda t: t.replace("Version: 1", "Version: 2"), Reason.TEXT_MALFORMED),
    ("version twice", lambda t: t.replace("Version: 1", "Version: 1\nVersion: 1"), Reason.TEXT_MALFORMED),
    ("chain 0", lambda t: t.replace("Chain ID: 56", "Chain ID: 0"), Reason.TEXT_MALFORMED),
    ("chain 056", lambda t: t.replace("Chain ID: 56", "Chain ID: 056"), Reason.TEXT_MALFORMED),
    ("chain in words", lambda t: t.replace("Chain ID: 56", "Chain ID: one"), Reason.TEXT_MALFORMED),
    ("nonce", lambda t: t.replace(NONCE, NONCE[::-1]), Reason.NONCE_UNKNOWN),
    ("nonce in capitals", lambda t: t.replace(NONCE, NONCE.upper()), Reason.NONCE_UNKNOWN),
    ("nonce short", lambda t: t.replace(NONCE, NONCE[:16]), Reason.FIELD),
    ("nonce with LF", lambda t: t.replace(NONCE, NONCE[:16] + "\n" + NONCE[16:]), Reason.TEXT_MALFORMED),
    ("address", lambda t: t.replace(ALICE.address, BOB.address), Reason.FIELD),
    ("address lower", lambda t: t.replace(ALICE.address, ALICE.address.lower()), Reason.TEXT_MALFORMED),
    ("no expiry", lambda t: t.partition("\nExpiration")[0], Reason.NONCE_EXPIRED),
    ("not before", lambda t: t + "\nNot Before: 2026-11-23T18:53:00.000Z", Reason.FIELD),
    ("request id", lambda t: t + "\nRequest ID: 1", Reason.FIELD),
    ("request id empty", lambda t: t + "\nRequest ID: ", Reason.TEXT_MALFORMED),
    ("resources", lambda t: t + "\nResources:\n- https://evil.example/", Reason.FIELD),
    ("resources empty", lambda t: t + "\nResources:", Reason.TEXT_MALFORMED),
    ("another statement", lambda t: t.replace("free", "dear"), Reason.FIELD),
    (
        "no statement",
        lambda t: t.replace(
            "Sign in to Countersign. This is free, sends no transaction and moves no funds.\n\n", ""
        ),
        Reason.TEXT_MALFORMED,
    ),
    ("date of nowhere", lambda t: t.replace("2026-11-23T18:53", "2026-13-23T18:53"), Reason.TEXT_MALFORMED),
    ("date without zone", lambda t: t.replace("20.000Z\nExp", "20.000\nExp"), Reason.TEXT_MALFORMED),
    ("LF at the end", lambda t: t + "\n", Reason.TEXT_MALFORMED),
    ("space at the end", lambda t: t + " ", Reason.TEXT_MALFORMED),
    ("CRLF", lambda t: t.replace("\n", "\r\n"), Reason.TEXT_MALFORMED),
    ("BOM", lambda t: "\ufeff" + t, Reason.TEXT_MALFORMED),
    ("surrogate", lambda t: t + "\ud800", Reason.TEXT_MALFORMED),
    ("NUL", lambda t: t + "\0", Reason.TEXT_MALFORMED),
    ("empty", lambda _: "", Reason.TEXT_MALFORMED),
]


@pytest.mark.parametrize(("alter", "reason"), [row[1:] for row in ALTERED], ids=[row[0] for row in ALTERED])
def test_an_altered_text_is_refused_though_it_is_well_signed(
    alter: Callable[[str], str], reason: Reason
) -> None:
    altered = alter(TEXT)
    assert altered != TEXT
    signable = altered.encode("utf-8", "replace").decode()
    assert refusal(altered, personal_sign(ALICE, signable)) is reason


@pytest.mark.parametrize(
    ("raw", "signed"),
    [("Chain ID: 056", "Chain ID: 56"), ("Chain ID: 0", "Chain ID: 1"), ("Chain ID: 00", "Chain ID: 1")],
)
def test_a_text_that_reads_as_another_one_is_refused(raw: str, signed: str) -> None:
    """The package verifies what it would write for a text: such pairs passed."""
    text = TEXT.replace("Chain ID: 56", raw)
    assert refusal(text, personal_sign(ALICE, TEXT.replace("Chain ID: 56", signed))) is Reason.TEXT_MALFORMED


def test_an_empty_request_id_is_not_dropped() -> None:
    assert refusal(f"{TEXT}\nRequest ID: ", personal_sign(ALICE, TEXT)) is Reason.TEXT_MALFORMED


@pytest.mark.parametrize(("chain_ids", "passes"), [(None, True), ({56}, True), ({1, 56}, True), ({1}, False)])
def test_chains_can_be_limited(chain_ids: set[int] | None, *, passes: bool) -> None:
    allowed = None if chain_ids is None else frozenset(chain_ids)
    if passes:
        assert verify(chain_ids=allowed).chain_id == 56
    else:
        assert refusal(chain_ids=allowed) is Reason.CHAIN


@pytest.mark.parametrize("now", [NOW, NOW + AGE - 1])
def test_it_can_be_used_until_it_expires(now: int) -> None:
    verify(now=now)


@pytest.mark.parametrize("now", [NOW + AGE, NOW + AGE + 1, NOW + 10 * AGE])
def test_it_cannot_be_used_from_then_on(now: int) -> None:
    assert refusal(now=now) is Reason.NONCE_EXPIRED


def test_time_of_issue_has_its_own_limits() -> None:
    """However far off the expiry that the text names."""
    text = replace(CHALLENGE, expires_at=NOW + 1000 * AGE).text
    verify(text, now=NOW + AGE)
    assert refusal(text, now=NOW + AGE + 1) is Reason.NONCE_EXPIRED
    verify(text, now=NOW - AGE)
    assert refusal(text, now=NOW - AGE - 1) is Reason.NONCE_EXPIRED


GOOD = personal_sign(ALICE, TEXT)
R, S, V = GOOD[2:66], GOOD[66:130], GOOD[130:]
NO_POINT = f"{5:064x}"  # r = 5: no point of secp256k1 has this x
MALFORMED: dict[str, object] = {
    "null": None,
    "a list": [GOOD],
    "an object": {"r": R},
    "a number": int(GOOD, 16),
    "a boolean": True,
    "empty": "",
    "odd": GOOD[:-1],
    "no 0x": GOOD[2:],
    "0X": "0X" + GOOD[2:],
    "not hex": GOOD[:-2] + "zz",
    "with spaces": f"0x{R} {S} {V}",
    "with underscore": "0x" + R[:-2] + "_" + R[-1:] + S + V,
    "full-width digits": "0x" + "\uff10" * 130,
    "LF at the end": GOOD + "\n",
    "63 bytes": "0x" + R + S[:-2],
    "64 bytes": "0x" + R + S,
    "66 bytes": GOOD + "00",
    "v 0": "0x" + R + S + "00",
    "v 1": "0x" + R + S + "01",
    "v 29": "0x" + R + S + "1d",
    "v 35": "0x" + R + S + "23",
    "v 37": "0x" + R + S + "25",
    "v of the other key": "0x" + R + S + ("1c" if V == "1b" else "1b"),
    "r zero": "0x" + "0" * 64 + S + V,
    "s zero": "0x" + R + "0" * 64 + V,
    "r too large": f"0x{ORDER:064x}" + S + V,
    "s too large": "0x" + R + f"{ORDER:064x}" + V,
    "all ones": "0x" + "f" * 128 + V,
    "r of no point": "0x" + NO_POINT + S + V,
    "r and s swapped": "0x" + S + R + V,
    "somebody else's": personal_sign(BOB, TEXT),
    "over another text": personal_sign(ALICE, TEXT + " "),
}


@pytest.mark.parametrize("signature", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_signature_of_another_form_is_refused_and_nothing_else_happens(signature: object) -> None:
    with pytest.raises(LoginRefused) as caught:
        verify_login(
            TEXT,
            signature,
            domain=CHALLENGE.domain,
            uri=CHALLENGE.uri,
            address=CHALLENGE.address,
            nonce=NONCE,
            chain_ids=None,
            now=NOW,
            max_age_ms=AGE,
        )
    assert caught.value.reason is Reason.SIGNATURE


@pytest.mark.parametrize("signature", ["0x", "0x" + "ab" * 130, "0x" + "00" * 300 + "6492" * 16])
def test_a_contract_wallet_is_told_that_it_cannot_sign_in(signature: str) -> None:
    assert refusal(TEXT, signature) is Reason.UNSUPPORTED_WALLET


def test_a_signature_in_capital_digits_is_the_same_signature() -> None:
    verify(TEXT, "0x" + GOOD[2:].upper())


def test_a_high_s_is_accepted() -> None:
    """The nonce, not the signature, is what makes a sign-in single."""
    flipped = f"0x{R}{ORDER - int(S, 16):064x}" + ("1c" if V == "1b" else "1b")
    assert Account.recover_message(encode_defunct(text=TEXT), signature=flipped) == ALICE.address
    verify(TEXT, flipped)


def test_a_long_text_is_refused_before_it_is_parsed() -> None:
    """The package's parser takes 27 s for 20 kB of statement, and would find nothing malformed."""
    assert refusal(TEXT.replace("free", "free" * 5_000), GOOD) is Reason.TEXT_MALFORMED


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 3), st.text(max_size=3)), max_size=3))
def test_no_edit_of_the_text_signs_in_or_fails_otherwise(edits: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for at, cut, added in edits:
        text = text[:at] + added + text[at + cut :]
    if text == TEXT:
        return
    with pytest.raises(LoginRefused):
        verify(text, GOOD)


def test_the_nonce_is_found_without_reading_the_rest() -> None:
    assert find_nonce(TEXT) == NONCE
    assert find_nonce("Nonce: a b") is None
    assert find_nonce("no such line") is None
