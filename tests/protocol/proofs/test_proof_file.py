"""Files of proofs: each form is accepted, and no byte of one can be another."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.people import Person
from tests.support.protocol.chains import chain_of, line_of, lines_of_chain
from tests.support.protocol.damage import SHARED, altered, described, verdict_on
from tests.support.protocol.vectors import load, titled
from webapp.protocol.proofs.json_text import MAX_DOCUMENT, MAX_LINE
from webapp.protocol.proofs.proof_file import Unreadable, VerifiedFile
from webapp.protocol.proofs.shapes import Form
from webapp.protocol.proofs.verdicts import ProofFailure, ProofStep, VerifiedProof

CHAIN: list[dict[str, Any]] = load("proof-v1.json")["proofs"]
VECTORS = load("proofs.json")
OPS = ("follow", "unfollow", "follow")
LOG = [line_of(proof, op, "shiyu") for proof, op in zip(CHAIN, OPS, strict=True)]

Verdict = VerifiedFile | ProofFailure | Unreadable


def json_lines(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


NODE = {"__typename": "Follow", "address": LOG[0]["address"], "handle": "shiyu", "proof": CHAIN[0]}


@pytest.mark.parametrize(
    ("content", "form", "entries"),
    [
        (CHAIN[0], Form.PROOF, 1),
        (CHAIN[1], Form.PROOF, 1),
        ({"proof": CHAIN[1]}, Form.PROOF, 1),
        ({**CHAIN[0], "__typename": "Proof"}, Form.PROOF, 1),
        (NODE, Form.PROOF, 1),
        (json.dumps(CHAIN[0], indent="\t").replace("\n", "\r\n").encode(), Form.PROOF, 1),
        (b"\n \r\n" + json.dumps(CHAIN[0]).encode() + b"\n\n", Form.PROOF, 1),
        (CHAIN, Form.CHAIN, 3),
        (load("proof-v1.json"), Form.CHAIN, 3),
        ({"proofs": CHAIN[:1]}, Form.CHAIN, 1),
        (json.dumps(CHAIN, indent=2).encode(), Form.CHAIN, 3),
        (json_lines(*LOG), Form.LOG, 3),
        (json_lines(*LOG).rstrip(), Form.LOG, 3),
        (json_lines(*LOG).replace(b"\n", b"\r\n\n"), Form.LOG, 3),
        (json_lines(LOG[0]), Form.LOG, 1),
        (json_lines(*CHAIN), Form.LOG, 3),
        (LOG, Form.LOG, 3),
        ({"proofs": LOG}, Form.LOG, 3),
    ],
)
def test_every_form_is_accepted(content: object, form: Form, entries: int) -> None:
    verdict = verdict_on(content)
    assert isinstance(verdict, VerifiedFile), verdict
    assert (verdict.form, verdict.entries, len(verdict.last)) == (form, entries, 1)


def test_a_log_is_verified_pair_by_pair() -> None:
    """Entries of several pairs stand between each other, as their position in the whole log has it."""
    alice, bob = Person("alice"), Person("bob")
    logs = [
        lines_of_chain(alice, "shiyu", 3),
        lines_of_chain(bob, "shiyu", 2),
        lines_of_chain(alice, "ada", 1),
    ]
    mixed = [logs[0][0], logs[1][0], logs[0][1], logs[2][0], logs[1][1], logs[0][2]]
    verdict = verdict_on(json_lines(*mixed))
    assert isinstance(verdict, VerifiedFile), verdict
    found = [last for last in verdict.last if isinstance(last, VerifiedProof)]
    assert [(str(last.address), last.handle, last.head.sequence) for last in found] == [
        (alice.address, "shiyu", 3),
        (bob.address, "shiyu", 2),
        (alice.address, "ada", 1),
    ]
    mixed.pop(2)
    assert described(verdict_on(json_lines(*mixed))) == (4, "chain", "sequence")


def test_a_chain_is_of_one_pair() -> None:
    alice = Person("alice")
    several = [*chain_of(alice, "shiyu", 1), *chain_of(alice, "ada", 1)]
    assert described(verdict_on(several)) == (1, "chain", "content")


# --- no byte can be another ---------------------------------------------------------------------------------

ALTERED = {
    "a proof": json.dumps(CHAIN[0]).encode(),
    "a later proof": json.dumps(CHAIN[2]).encode(),
    "a wrapped proof": json.dumps({"proof": CHAIN[1]}).encode(),
    "a line of a log": json_lines(LOG[0]),
}


@pytest.mark.parametrize("text", ALTERED.values(), ids=ALTERED)
@pytest.mark.parametrize("shared", SHARED)
def test_a_file_with_any_byte_changed_is_refused_and_the_step_is_named(text: bytes, shared: int) -> None:
    """Only white space between tokens may differ: it is no part of any member."""
    assert isinstance(verdict_on(text), VerifiedFile)
    steps = set()
    for changed in altered(text, shared):
        verdict = verdict_on(changed)
        if isinstance(verdict, VerifiedFile):
            assert b"".join(changed.split()) == b"".join(text.split()), changed
            assert json.loads(changed) == json.loads(text), changed
        else:
            steps.add(described(verdict)[1])
    assert steps == {"reading", *ProofStep}


def test_another_escape_of_the_same_character_is_the_same_member() -> None:
    """What JSON itself reads alike is beyond a check of what was read."""
    text = json.dumps(CHAIN[0])
    assert isinstance(verdict_on(text.replace("shiyu", "\\u0073hiyu").encode()), VerifiedFile)


@pytest.mark.parametrize("member", ["digest", "previousDigest", "entryDigest", "signature", "signingKeyAuth"])
def test_hexadecimal_digits_in_the_other_case_are_another_file(member: str) -> None:
    """The digests are over lower case, so that all the rest would hold."""
    proof = json.loads(json.dumps(CHAIN[1]))
    inner, name = (proof[member], "signature") if member == "signingKeyAuth" else (proof, member)
    inner[name] = inner[name][:2] + inner[name][2:].upper()
    assert not isinstance(verdict_on(proof), VerifiedFile)


@pytest.mark.parametrize("write", [str.lower, lambda text: "0x" + text[2:].upper()])
def test_the_address_in_another_spelling_is_another_file(write: Any) -> None:
    proof = json.loads(json.dumps(CHAIN[0]))
    proof["signingKeyAuth"]["address"] = write(proof["signingKeyAuth"]["address"])
    assert described(verdict_on(proof)) == (0, "authorisation", "signingKeyAuth.address")


def test_an_anchor_cannot_be_claimed() -> None:
    assert described(verdict_on({**CHAIN[0], "arweaveTxHash": "x"})) == (0, "chain", "arweaveTxHash")


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"address": Person("bob").address}, "message"),
        ({"address": CHAIN[0]["signingKeyAuth"]["address"].lower()}, "message"),
        ({"handle": "ada"}, "message"),
        ({"op": "follow"}, "message"),
        ({"op": None}, "message"),
        ({"sequence": 1}, "chain"),
        ({"sequence": "2"}, "chain"),
        ({"sequence": True}, "chain"),
        ({"ts": 1795460680001}, "message"),
        ({"signingKey": CHAIN[0]["signingKey"]}, "message"),
        ({"__typename": "Follow"}, "message"),
        ({"__typename": ["Operation"]}, "message"),
    ],
)
def test_nothing_beside_a_proof_may_say_otherwise(change: dict[str, object], step: str) -> None:
    lines = [LOG[0], {**LOG[1], **change}]
    assert described(verdict_on(json_lines(*lines))) == (1, step, next(iter(change)))


def test_true_is_no_number_one() -> None:
    """It equals 1, and in the first entry 1 is right."""
    assert described(verdict_on(json_lines({**LOG[0], "sequence": True}))) == (0, "chain", "sequence")
    assert described(verdict_on({**CHAIN[0], "sequence": True})) == (0, "reading", "sequence")


def within(value: dict[str, Any], *path: str | int) -> dict[str, Any]:
    for step in path:
        value = value[step]  # type: ignore[index]  # lists by number
    return value


@pytest.mark.parametrize("name", ["address", "handle", "op", "note", "evil"])
@pytest.mark.parametrize(
    ("content", "path"),
    [
        (CHAIN[0], ()),
        (CHAIN[0], ("signingKeyAuth",)),
        ({"proof": CHAIN[0]}, ("proof",)),
        ({"proof": CHAIN[0]}, ("proof", "signingKeyAuth")),
        ({"proofs": CHAIN}, ("proofs", 1)),
        ({"proofs": CHAIN}, ("proofs", 2, "signingKeyAuth")),
    ],
)
def test_members_that_no_check_looks_at_are_refused_by_name(
    name: str, content: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    changed = json.loads(json.dumps(content))
    if name in within(changed, *path):
        pytest.skip("one of its own")
    within(changed, *path)[name] = "evil"
    verdict = verdict_on(changed)
    assert isinstance(verdict, Unreadable)
    assert (verdict.field, verdict.index) == (name, path[1] if path[:1] == ("proofs",) else 0)


@pytest.mark.parametrize("name", ["address", "handle", "op", "evil", "__typename"])
def test_nothing_but_a_note_stands_beside_a_list_of_proofs(name: str) -> None:
    assert described(verdict_on({"proofs": CHAIN, name: "evil"})) == (0, "reading", name)
    assert described(verdict_on({"proofs": CHAIN, "note": 1})) == (0, "reading", "note")


def test_graphqls_own_member_is_allowed_and_held_to_the_truth() -> None:
    auth = {**CHAIN[0]["signingKeyAuth"], "__typename": "SigningKeyAuth"}
    named = {**CHAIN[0], "signingKeyAuth": auth, "__typename": "Proof"}
    assert isinstance(verdict_on(named), VerifiedFile)
    for wrong in (
        {**named, "__typename": "Follow"},
        {**named, "signingKeyAuth": {**auth, "__typename": None}},
    ):
        assert described(verdict_on(wrong)) == (0, "reading", "__typename")


@pytest.mark.parametrize("missing", [0, 1])
def test_a_log_without_one_of_its_entries_is_refused(missing: int) -> None:
    kept = [line for place, line in enumerate(LOG) if place != missing]
    assert described(verdict_on(json_lines(*kept))) == (missing, "chain", "sequence")


def test_the_last_line_of_a_log_is_no_log() -> None:
    """Nor is it a proof by itself: it says that it is a line of a log, whose first entries are missing."""
    assert described(verdict_on(json_lines(LOG[2]))) == (0, "chain", "sequence")


@pytest.mark.parametrize("case", VECTORS["chains"], ids=titled)
def test_chains_fail_where_the_shared_vectors_say(case: dict[str, Any]) -> None:
    verdict = verdict_on(case["proofs"])
    failed = (verdict.step, verdict.index) if isinstance(verdict, ProofFailure) else (None, None)
    assert failed == (case["step"], case["index"])


# --- what cannot be read ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", VECTORS["malformed"], ids=titled)
def test_what_is_no_proof_is_unreadable(case: dict[str, Any]) -> None:
    verdict = verdict_on(case["value"])
    if case["value"] == []:
        assert described(verdict) == (0, "chain", "proof")
    else:
        assert isinstance(verdict, Unreadable)


TWICE = json.dumps(CHAIN[0])[:-1].encode() + b', "sequence": 1}'
TWICE_WITHIN = json.dumps(CHAIN[0]).replace('{"address"', '{"address": "", "address"').encode()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b"", "file"),
        (b" \n", "file"),
        (b"\xef\xbb\xbf" + json.dumps(CHAIN[0]).encode(), "file"),
        (json.dumps(CHAIN[0]).encode("utf-16"), "file"),
        (b"\xff", "file"),
        (b"{", "file"),
        (json.dumps(CHAIN[0]).encode() + b"{}", "file"),
        (json.dumps(CHAIN).encode() + b"\n" + json.dumps(CHAIN).encode(), "proof"),
        (TWICE, "sequence"),
        (TWICE_WITHIN, "address"),
        (b"[" * 100_000, "file"),
        (b'{"proofs": ' + b"[" * 100_000, "file"),
        (b'{"sequence": 1' + b"0" * 10_000 + b"}", "sequence"),
        (b'{"sequence": NaN}', "sequence"),
        (b'{"sequence": 1e400}', "sequence"),
        (json.dumps({"proof": CHAIN[0], "data": 1}).encode(), "data"),
        (json.dumps({"proof": CHAIN[0], "\x1b[2J": 1}).encode(), "member"),
        (json.dumps({"data": {"profileByHandle": None}}).encode(), "profileByHandle"),
        (b" " * (MAX_DOCUMENT + 1), "file"),
        (b"[\n" + b" " * MAX_DOCUMENT + b"]", "file"),
        (json_lines(LOG[0]) + b'{"proof": "' + b"x" * MAX_LINE, "file"),
        (json_lines(LOG[0], LOG[1]) + b" " * (MAX_LINE + 1), "file"),
    ],
)
def test_what_cannot_be_read_says_which_member(text: bytes, field: str) -> None:
    verdict = verdict_on(text)
    assert isinstance(verdict, Unreadable), verdict
    assert verdict.field == field
    assert str(verdict).isprintable()


@pytest.mark.timeout(10)
def test_a_file_full_of_members_is_read_in_linear_time() -> None:
    members = ",".join(f'"{number}":1' for number in range(300_000))
    assert isinstance(verdict_on(f'{{{members},"0":1}}'.encode()), Unreadable)


def test_an_unreadable_line_is_counted() -> None:
    assert described(verdict_on(json_lines(*LOG) + b"{}\n")) == (3, "reading", "proof")


@given(st.binary() | st.binary().map(lambda tail: json_lines(LOG[0]) + tail))
def test_whatever_the_bytes_there_is_a_verdict(text: bytes) -> None:
    assert isinstance(verdict_on(text), Verdict)
