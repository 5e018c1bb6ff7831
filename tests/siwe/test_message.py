"""A signed text signs in only if every one of its fields, and its every byte, is what this site wrote."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.browsers import personal_sign
from tests.support.people import NOW, Wallet
from tests.support.siwe import AGE, ALICE, CHALLENGE, NONCE, TEXT, refusal, verify
from webapp.protocol.authorization import ORDER
from webapp.siwe.message import (
    LoginRefused,
    Reason,
    VerifiedLogin,
    find_chain_id,
    find_nonce,
    verify_login,
)
from webapp.siwe.package import siwe_package

BOB = Wallet("bob")


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


@pytest.mark.parametrize(
    "domain",
    [
        "[::1]:8000",
        "localhost",
        "127.0.0.1:8000",
        "a-b.example",
        "10.0.0.1.sslip.io",
        "1.2.3.4.example",
        "xn--a.com",
        ".".join(["a" * 62] * 4),
    ],
)
@pytest.mark.parametrize("issued_at", [NOW, NOW + 1, NOW + 999, NOW + 120])
def test_whoever_signs_what_was_written_is_signed_in(
    domain: str, issued_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On every host; and the text is not parsed again: for long hosts that took a tenth of a second."""
    monkeypatch.setattr(siwe_package().SiweMessage, "from_message", None)
    written = replace(CHALLENGE, domain=domain, uri=f"http://{domain}", issued_at=issued_at)
    assert verify(written.text, challenge=written).chain_id == 56


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
    ("scheme", lambda t: f"https://{t}", Reason.DOMAIN),
    ("other scheme", lambda t: f"evil://{t}", Reason.DOMAIN),
    ("uri host", lambda t: t.replace("URI: https://follow", "URI: https://evil"), Reason.TEXT_DIFFERS),
    ("uri path", lambda t: t.replace("8443\nVersion", "8443/\nVersion"), Reason.TEXT_DIFFERS),
    (
        "uri script",
        lambda t: t.replace("URI: https://follow.example:8443", "URI: javascript:alert(1)"),
        Reason.TEXT_DIFFERS,
    ),
    ("version", lambda t: t.replace("Version: 1", "Version: 2"), Reason.TEXT_DIFFERS),
    ("version twice", lambda t: t.replace("Version: 1", "Version: 1\nVersion: 1"), Reason.TEXT_DIFFERS),
    ("chain 0", lambda t: t.replace("Chain ID: 56", "Chain ID: 0"), Reason.TEXT_DIFFERS),
    ("chain 056", lambda t: t.replace("Chain ID: 56", "Chain ID: 056"), Reason.TEXT_DIFFERS),
    ("chain in words", lambda t: t.replace("Chain ID: 56", "Chain ID: one"), Reason.TEXT_DIFFERS),
    ("nonce", lambda t: t.replace(NONCE, NONCE[::-1]), Reason.TEXT_DIFFERS),
    ("nonce in capitals", lambda t: t.replace(NONCE, NONCE.upper()), Reason.TEXT_DIFFERS),
    ("nonce short", lambda t: t.replace(NONCE, NONCE[:16]), Reason.TEXT_DIFFERS),
    ("nonce with LF", lambda t: t.replace(NONCE, NONCE[:16] + "\n" + NONCE[16:]), Reason.TEXT_DIFFERS),
    ("address", lambda t: t.replace(ALICE.address, BOB.address), Reason.TEXT_DIFFERS),
    ("address lower", lambda t: t.replace(ALICE.address, ALICE.address.lower()), Reason.TEXT_DIFFERS),
    ("no expiry", lambda t: t.partition("\nExpiration")[0], Reason.TEXT_DIFFERS),
    ("not before", lambda t: t + "\nNot Before: 2026-11-23T18:53:00.000Z", Reason.TEXT_DIFFERS),
    ("request id", lambda t: t + "\nRequest ID: 1", Reason.TEXT_DIFFERS),
    ("request id empty", lambda t: t + "\nRequest ID: ", Reason.TEXT_DIFFERS),
    ("resources", lambda t: t + "\nResources:\n- https://evil.example/", Reason.TEXT_DIFFERS),
    ("resources empty", lambda t: t + "\nResources:", Reason.TEXT_DIFFERS),
    ("another statement", lambda t: t.replace("free", "dear"), Reason.TEXT_DIFFERS),
    (
        "no statement",
        lambda t: t.replace(
            "Sign in to Countersign. This is free, sends no transaction and moves no funds.\n\n", ""
        ),
        Reason.TEXT_DIFFERS,
    ),
    ("date of nowhere", lambda t: t.replace("2026-11-23T18:53", "2026-13-23T18:53"), Reason.TEXT_DIFFERS),
    ("date without zone", lambda t: t.replace("20.000Z\nExp", "20.000\nExp"), Reason.TEXT_DIFFERS),
    ("LF at the end", lambda t: t + "\n", Reason.TEXT_DIFFERS),
    ("space at the end", lambda t: t + " ", Reason.TEXT_DIFFERS),
    ("CRLF", lambda t: t.replace("\n", "\r\n"), Reason.TEXT_DIFFERS),
    ("BOM", lambda t: "\ufeff" + t, Reason.DOMAIN),
    ("surrogate", lambda t: t + "\ud800", Reason.TEXT_DIFFERS),
    ("NUL", lambda t: t + "\0", Reason.TEXT_DIFFERS),
    ("empty", lambda _: "", Reason.DOMAIN),
]


@pytest.mark.parametrize(("alter", "reason"), [row[1:] for row in ALTERED], ids=[row[0] for row in ALTERED])
def test_t10_an_altered_text_is_refused_though_it_is_well_signed(
    alter: Callable[[str], str], reason: Reason
) -> None:
    altered = alter(TEXT)
    assert altered != TEXT
    signable = altered.encode("utf-8", "replace").decode()
    assert refusal(altered, personal_sign(ALICE, signable)) is reason


@pytest.mark.parametrize("raw", ["Chain ID: 056", "Chain ID: 0", "Chain ID: 00"])
def test_t06_a_text_that_reads_as_another_one_is_refused(raw: str) -> None:
    assert refusal(TEXT.replace("Chain ID: 56", raw), GOOD) is Reason.TEXT_DIFFERS


@pytest.mark.parametrize(("chain_ids", "passes"), [(None, True), ({56}, True), ({1, 56}, True), ({1}, False)])
def test_t10_chains_can_be_limited(chain_ids: set[int] | None, *, passes: bool) -> None:
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
    lasting = replace(CHALLENGE, expires_at=NOW + 1000 * AGE)
    verify(lasting.text, challenge=lasting, now=NOW + AGE)
    assert refusal(lasting.text, challenge=lasting, now=NOW + AGE + 1) is Reason.NONCE_EXPIRED
    verify(lasting.text, challenge=lasting, now=NOW - AGE)
    assert refusal(lasting.text, challenge=lasting, now=NOW - AGE - 1) is Reason.NONCE_EXPIRED


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
    "v 2": "0x" + R + S + "02",
    "v 26": "0x" + R + S + "1a",
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
def test_t09_a_signature_of_another_form_is_refused_and_nothing_else_happens(signature: object) -> None:
    with pytest.raises(LoginRefused) as caught:
        verify_login(TEXT, signature, challenge=CHALLENGE, chain_ids=None, now=NOW, max_age_ms=AGE)
    assert caught.value.reason is Reason.SIGNATURE


def test_a_refusal_says_what_is_wrong_with_the_signature() -> None:
    """And that it is not this account's only where that is known."""
    told = {
        "0x" + R + S + "1d": "The signature is not understood: expected v of 27 or 28, or of 0 or 1.",
        "0x" + R + S: "The signature is not understood: expected 0x and 130 hexadecimal digits: r, s and v.",
        "0x": "Contract wallets of this chain cannot sign in here.",
        personal_sign(BOB, TEXT): "The signature is not this account's, or is of another text. Choose the"
        " account in the wallet, and sign again.",
    }
    for signature, detail in told.items():
        with pytest.raises(LoginRefused) as caught:
            verify(TEXT, signature)
        assert caught.value.detail == detail


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


@pytest.mark.parametrize("chain_id", [1, 56, 2**53 - 1])
def test_the_chain_is_found_in_what_was_written(chain_id: int) -> None:
    assert find_chain_id(replace(CHALLENGE, chain_id=chain_id).text) == chain_id
    assert find_chain_id("Chain ID: one") == 0
