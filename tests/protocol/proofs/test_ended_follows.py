"""What a file shows of follows that the handle's owner ended: in the owner's log, never in the follower's."""

import io
import json
from typing import Any

import pytest

from tests.support.people import Person
from tests.support.protocol.chains import chain_of, handle_chain_of, line_of
from webapp.commands.verdicts import as_json, as_lines
from webapp.protocol.proofs.proof_file import VerifiedFile, verify_file

OWNER, FOLLOWER = Person("alice"), Person("follower")


def verdict_of(*logs: list[dict[str, Any]]) -> VerifiedFile:
    """Of exports, one behind the other."""
    lines = [line_of(proof, json.loads(proof["content"])["op"], "alice") for log in logs for proof in log]
    verdict = verify_file(io.BytesIO("".join(json.dumps(line) + "\n" for line in lines).encode()))
    assert isinstance(verdict, VerifiedFile), verdict
    return verdict


def follows(length: int) -> list[dict[str, Any]]:
    return chain_of(FOLLOWER, "alice", length)


@pytest.mark.parametrize("turned_round", [False, True])
@pytest.mark.parametrize("op", ["remove", "block"])
def test_an_ended_follow_is_told_where_both_logs_are_shown(op: str, *, turned_round: bool) -> None:
    logs = [follows(1), handle_chain_of(OWNER, "claim", op)]
    verdict = verdict_of(*(reversed(logs) if turned_round else logs))
    told = as_json(verdict)["endedByOwner"]
    assert isinstance(told, list)
    assert [(each["address"], each["op"], each["follower"], each["sequence"]) for each in told] == [
        (OWNER.address, op, FOLLOWER.address, 2)
    ]
    (line,) = [line for line in as_lines(verdict) if line.startswith("Ended by the owner")]
    assert f"{OWNER.address}  {op} alice {FOLLOWER.address}" in line


@pytest.mark.parametrize(
    ("length", "ops"),
    [
        pytest.param(2, ("claim", "remove"), id="the follower took it back already"),
        pytest.param(1, ("claim", "remove other"), id="somebody else was removed"),
        pytest.param(1, ("claim", "block", "unblock")[:1], id="nobody was removed"),
    ],
)
def test_nothing_else_is_said_to_be_ended(length: int, ops: tuple[str, ...]) -> None:
    verdict = verdict_of(follows(length), handle_chain_of(OWNER, *ops))
    assert verdict.ended == ()
    assert not any(line.startswith("Ended") for line in as_lines(verdict))


def test_the_end_of_a_block_brings_no_follow_back() -> None:
    verdict = verdict_of(follows(1), handle_chain_of(OWNER, "claim", "block", "unblock"))
    assert [each.operation for each in verdict.ended] == ["block"]


def test_a_removal_by_itself_says_who_was_removed() -> None:
    proof = handle_chain_of(OWNER, "claim", "remove")[1]
    verdict = verify_file(io.BytesIO(json.dumps(proof).encode()))
    assert isinstance(verdict, VerifiedFile), verdict
    assert f"  what    remove alice {FOLLOWER.address}" in list(as_lines(verdict))
    assert verdict.ended == ()


def test_what_a_follow_does_not_show_is_said_of_follows_alone() -> None:
    for length, expected in ((1, True), (2, False)):
        told = any("owner has ended a follow" in line for line in as_lines(verdict_of(follows(length))))
        assert told is expected
