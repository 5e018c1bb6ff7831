"""Histories that somebody shortened, or that contradict themselves: what is believed, and what is not.

No message names the one before it, and anybody can make a digest. So entries can be left out where nobody
sees it, which `verify` says; and what a file contradicts by itself is not valid.
"""

import json
from typing import Any

import pytest

from tests.support.people import NOW, Device, Person
from tests.support.protocol.chains import (
    KeyStep,
    chain_of,
    key_chain_of,
    key_line_of,
    line_of,
    other_half,
    renumbered,
)
from tests.support.protocol.damage import described, verdict_on
from webapp.commands.verdicts import as_json, as_lines
from webapp.protocol.proofs.logs import WINDOW_MS
from webapp.protocol.proofs.proof_file import VerifiedFile

ALICE = Person("alice")
PHONE = ALICE.device
LAPTOP = Device("laptop")
FOUR = chain_of(ALICE, "shiyu", 4)
KEYS = key_chain_of(ALICE, KeyStep("rename", PHONE, name="Phone"), KeyStep("revoke", PHONE))


def flipped(proof: dict[str, Any]) -> dict[str, Any]:
    return {**proof, "signature": other_half(proof["signature"])}


# --- what no file can show ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(renumbered([FOUR[0], FOUR[3]]), id="entries left out of the middle"),
        pytest.param(renumbered(FOUR[2:3]), id="a third entry as a lone first"),
        pytest.param(renumbered(FOUR[2:]), id="the first two left out"),
        pytest.param(FOUR[:1], id="the newest left off"),
        pytest.param(renumbered(KEYS[:1]), id="a key log without its revocation"),
        pytest.param(renumbered([flipped(proof) for proof in FOUR]), id="signatures turned round"),
    ],
)
def test_a_shortened_history_is_valid_and_says_that_entries_may_be_missing(
    history: list[dict[str, Any]],
) -> None:
    """Each is a log that honest people could have had: a file cannot tell, and must not seem to."""
    verdict = verdict_on(history)
    assert isinstance(verdict, VerifiedFile), verdict
    not_shown = as_json(verdict)["notShown"]
    assert isinstance(not_shown, list)
    assert any(line.startswith("that no entry is missing") for line in not_shown)
    assert any(line.startswith("Not shown: that no entry is missing") for line in as_lines(verdict))


def test_without_the_digests_made_anew_a_missing_entry_is_missed() -> None:
    """That is all that they do: damage and sloppy cuts are seen."""
    assert described(verdict_on([FOUR[0], FOUR[3]])) == (1, "chain", "sequence")
    assert described(verdict_on(FOUR[2:3])) == (0, "chain", "sequence")
    assert described(verdict_on([flipped(FOUR[0])])) == (0, "chain", "entryDigest")


def test_t34_both_halves_of_a_signature_prove_one_message_and_one_entry_has_one_of_them() -> None:
    """(r, n - s) is a signature of the same message by the same key; an entry holds one of the two."""
    original, turned = FOUR[:1], renumbered([flipped(FOUR[0])])
    said, said_again = verdict_on(original), verdict_on(turned)
    assert isinstance(said, VerifiedFile)
    assert isinstance(said_again, VerifiedFile)
    one, other = said.last[0], said_again.last[0]
    assert (one.address, one.operation, one.ts) == (other.address, other.operation, other.ts)
    assert one.head != other.head
    assert turned[0]["digest"] == original[0]["digest"], "the message's, which names an operation"
    both = pages(a=original, b=turned)
    assert described(verdict_on(both)) == (1, "chain", "entryDigest")


# --- keys that signed after they were revoked ---------------------------------------------------------------


def lines(*entries: dict[str, Any]) -> bytes:
    """As `countersign export` writes them, in this order."""
    written = [
        key_line_of(proof)
        if "authorizedBy" in proof
        else line_of(proof, json.loads(proof["content"])["op"], json.loads(proof["content"])["handle"])
        for proof in entries
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in written)


def pages(**connections: list[dict[str, Any]]) -> dict[str, Any]:
    """A reply; each page newest first."""
    return {
        "data": {
            name: {"operations": {"edges": [{"node": {"proof": proof}} for proof in reversed(proofs)]}}
            for name, proofs in connections.items()
        }
    }


REVOKED = key_chain_of(ALICE, KeyStep("revoke", PHONE, ts=NOW))
ORDERS = pytest.mark.parametrize(
    ("content", "place"),
    [
        (lambda follow: lines(follow, *REVOKED), 0),
        (lambda follow: lines(*REVOKED, follow), 1),
        (lambda follow: pages(operations=[follow], keys=REVOKED), 0),
        (lambda follow: pages(keys=REVOKED, operations=[follow]), 1),
    ],
    ids=["exported", "keys first", "listed", "listed keys first"],
)


@ORDERS
def test_a_follow_dated_long_after_its_keys_revocation_is_not_valid(content: Any, place: int) -> None:
    """Dates tell no order within the window: one may be ahead of the gateway's clock, the other behind."""
    assert WINDOW_MS == 6 * 60_000, "five minutes behind the clock and one ahead"
    (in_time,) = chain_of(ALICE, "shiyu", 1, later=WINDOW_MS)
    assert isinstance(verdict_on(content(in_time)), VerifiedFile)
    (late,) = chain_of(ALICE, "shiyu", 1, later=WINDOW_MS + 1)
    verdict = verdict_on(content(late))
    assert described(verdict) == (place, "chain", "content.ts")
    assert str(verdict).endswith(f"at most {NOW + WINDOW_MS}, as the key that signed was revoked at {NOW}")


def test_the_latest_of_several_uses_counts() -> None:
    late = chain_of(ALICE, "shiyu", 3, later=WINDOW_MS)
    early = chain_of(ALICE, "ada", 1)
    assert described(verdict_on(lines(*late, *early, *REVOKED))) == (2, "chain", "content.ts")


def test_another_device_and_another_address_go_on() -> None:
    """A revocation is of one key, and for one address."""
    years = 100 * 86_400_000
    with_laptop = chain_of(ALICE, "shiyu", 1, later=years, by=LAPTOP)
    of_bob = chain_of(Person("bob"), "shiyu", 1, later=years, by=PHONE)
    assert isinstance(verdict_on(lines(*with_laptop, *of_bob, *REVOKED)), VerifiedFile)


def test_a_key_that_was_renamed_and_renewed_goes_on() -> None:
    renewed = key_chain_of(ALICE, KeyStep("rename", PHONE, name="Phone"), KeyStep("renew", PHONE))
    late = chain_of(ALICE, "shiyu", 1, later=2 * WINDOW_MS)
    assert isinstance(verdict_on(lines(*late, *renewed)), VerifiedFile)
    assert isinstance(verdict_on(lines(*renewed, *late)), VerifiedFile)


def test_a_key_that_revoked_itself_signs_nothing_later_either() -> None:
    signed_off = key_chain_of(ALICE, KeyStep("revoke", PHONE, by=PHONE))
    late = chain_of(ALICE, "shiyu", 1, later=WINDOW_MS + 1)
    assert described(verdict_on(lines(*late, *signed_off))) == (0, "chain", "content.ts")


# --- pages that contradict each other -----------------------------------------------------------------------

UNDONE_TWICE = renumbered([*FOUR[:2], FOUR[3]])
OTHERWISE = chain_of(ALICE, "shiyu", 4, later=100)
"""A second log of the same pair: each is signed, and they cannot both be the gateway's."""
REVOKED_FIRST = key_chain_of(
    ALICE,
    KeyStep("revoke", PHONE),
    KeyStep("rename", LAPTOP, name="Laptop"),
    KeyStep("rename", LAPTOP, by=PHONE, name="Phone"),
)
RENAMED = key_chain_of(
    ALICE,
    KeyStep("rename", PHONE, name="a", ts=NOW + 50),
    KeyStep("rename", PHONE, name="b", ts=NOW + 60),
    KeyStep("rename", PHONE, name="c", ts=NOW),
)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        pytest.param([FOUR[1]], [OTHERWISE[2]], (1, "chain", "previousDigest"), id="n - 1 and n do not link"),
        pytest.param([OTHERWISE[2]], [FOUR[1]], (0, "chain", "previousDigest"), id="n and n - 1 do not link"),
        pytest.param(FOUR[:2], OTHERWISE[2:], (3, "chain", "previousDigest"), id="pages that do not link"),
        pytest.param([OTHERWISE[0]], [FOUR[2]], (1, "chain", "content.ts"), id="times run backwards"),
        pytest.param([FOUR[3]], [OTHERWISE[1]], (0, "chain", "content.ts"), id="backwards over a gap"),
        pytest.param(*([proof] for proof in UNDONE_TWICE[1:]), (1, "chain", "content.op"), id="twice"),
        pytest.param(
            REVOKED_FIRST[:1], REVOKED_FIRST[2:], (1, "chain", "authorizedBy"), id="by a revoked key"
        ),
        pytest.param(RENAMED[:1], RENAMED[2:], (1, "chain", "content.ts"), id="keys' times run backwards"),
        pytest.param(RENAMED[:1], REVOKED_FIRST[1:2], (1, "chain", "previousDigest"), id="keys do not link"),
    ],
)
def test_pages_that_contradict_each_other_are_not_valid(
    one: list[dict[str, Any]], other: list[dict[str, Any]], said: tuple[object, ...]
) -> None:
    for page in (one, other):
        assert isinstance(verdict_on(pages(a=page)), VerifiedFile), "by itself it holds"
    assert described(verdict_on(pages(a=one, b=other))) == said


def test_pages_of_one_log_agree_in_any_order_and_with_gaps() -> None:
    keys = key_chain_of(
        ALICE,
        KeyStep("rename", PHONE, name="a"),
        KeyStep("rename", PHONE, name="b"),
        KeyStep("rename", PHONE, name="a"),
        KeyStep("revoke", PHONE),
    )
    for log in (FOUR, keys):
        for shown in (
            {"a": log[:2], "b": log[2:]},
            {"a": log[2:], "b": log[:2]},
            {"a": log[:1], "b": log[2:3]},
            {"a": log[3:], "b": log[:2]},
            {"a": log, "b": log[1:3]},
        ):
            verdict = verdict_on(pages(**shown))
            assert isinstance(verdict, VerifiedFile), (shown, verdict)


@pytest.mark.parametrize(("ts", "valid"), [(0, True), (-1, False)])
def test_time_begins_with_the_epoch(ts: int, *, valid: bool) -> None:
    verdict = verdict_on(chain_of(ALICE, "shiyu", 1, later=ts - NOW))
    assert isinstance(verdict, VerifiedFile) or described(verdict) == (0, "message", "content.ts")
    assert isinstance(verdict, VerifiedFile) is valid
