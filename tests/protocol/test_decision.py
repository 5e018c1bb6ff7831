"""The status table of follow and unfollow: one case a rule, and every pair of faults in the right order."""

import dataclasses
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol import cases
from tests.support.protocol.chains import verify_proof
from tests.support.protocol.vectors import load, titled
from webapp.protocol.checks import Floor
from webapp.protocol.decision import decide
from webapp.protocol.facts import Decision, Edge, Facts, Policy
from webapp.protocol.log_entries import ChainHead
from webapp.protocol.message import FollowMessage, Operation
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.verdicts import VerifiedProof
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.status import Status
from webapp.protocol.submissions import Submission

VECTORS = load("decisions.json")
BASE = VECTORS["base"]
NOW: int = VECTORS["cases"][0]["now"]
SENT: dict[str, Any] = BASE["submission"]
SUBMISSION = cases.submission(SENT)
FACTS = cases.facts(BASE["facts"])
POLICY = cases.policy(BASE["policy"])


def decided(case: dict[str, Any]) -> Decision:
    return decide(
        cases.submission({**BASE["submission"], **case["submission"]}),
        cases.facts({**BASE["facts"], **case["facts"]}),
        cases.policy({**BASE["policy"], **case["policy"]}),
        case["now"],
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=titled)
def test_each_rule_gives_its_status_and_a_time(case: dict[str, Any]) -> None:
    decision = decided(case)
    assert (decision.status, decision.ts_in_server) == (case["status"], case["tsInServer"])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=titled)
def test_something_is_appended_with_success_and_with_nothing_else(case: dict[str, Any]) -> None:
    decision = decided(case)
    assert (decision.accepted is not None) is (decision.status is Status.SUCCESS)


def test_the_vectors_reach_every_status() -> None:
    assert {case["status"] for case in VECTORS["cases"]} == set(Status)


def test_what_is_appended_is_a_proof_that_verifies() -> None:
    accepted = decide(SUBMISSION, FACTS, POLICY, NOW).accepted
    assert accepted is not None
    assert accepted.message.text == SENT["message"]
    assert accepted.entry.sequence == 1
    assert accepted.entry.previous_digest == ChainHead.EMPTY.entry_digest
    assert isinstance(verify_proof(ProofOfConnection.of(accepted.entry)), VerifiedProof)


def test_what_is_appended_follows_the_last_entry() -> None:
    last = Edge(sequence=6, entry_digest="ab" * 32, ts=NOW - 1, digest="0" * 64, following=False)
    accepted = decide(SUBMISSION, dataclasses.replace(FACTS, last=last), POLICY, NOW).accepted
    assert accepted is not None
    assert (accepted.entry.sequence, accepted.entry.previous_digest) == (7, "ab" * 32)


def test_the_time_that_comes_with_a_refusal_is_accepted() -> None:
    """Whatever the last operation's time, a message with `tsInServer` is timely then and there."""
    for ahead in (-400_000, -1, 0, 1, 59_999, 60_000, 3_600_000):
        last = Edge(sequence=2, entry_digest="ab" * 32, ts=NOW + ahead, digest="0" * 64, following=False)
        refusal = decide(SUBMISSION, dataclasses.replace(FACTS, last=last, profile_exists=False), POLICY, NOW)
        ts = refusal.ts_in_server
        assert ts > last.ts
        message = FollowMessage.parse(SENT["message"].replace(str(NOW), str(ts)))
        assert Floor.of(last, None).admits(message, POLICY, NOW)


SUBMISSION_FAULTS: dict[Status, dict[str, Any]] = {
    Status.INVALID_ADDRESS: {"address": "0x0"},
    Status.INVALID_MESSAGE: {"message": "{}"},
    Status.INVALID_SIGNING_KEY: {"signingKey": "AAAA"},
    Status.INVALID_SIGNATURE: {"signature": "0x"},
}
FACTS_FAULTS: dict[Status, dict[str, Any]] = {
    Status.HANDLE_NOT_FOUND: {"profile_exists": False},
    Status.INVALID_SIGNING_KEY: {"key": None},
    Status.RATE_LIMITED: {"accepted_in_window": 600},
}


def with_faults(faults: set[Status]) -> tuple[Submission, Facts, int]:
    """Bring about each of these faults, by whatever part of the input it has to do with."""
    assert FACTS.key is not None
    sent, facts, now = SENT, FACTS, NOW
    for fault in faults:
        sent = {**sent, **SUBMISSION_FAULTS.get(fault, {})}
        facts = dataclasses.replace(facts, **FACTS_FAULTS.get(fault, {}))
    if Status.MESSAGE_EXPIRED in faults:
        now += 1_000_000
    if Status.EXPIRED_SIGNING_KEY in faults and facts.key is not None:
        facts = dataclasses.replace(facts, key=dataclasses.replace(facts.key, expires_at=now))
    if Status.ALREADY_DONE in faults:
        last = Edge(sequence=1, entry_digest="ab" * 32, ts=NOW - 1, digest="0" * 64, following=True)
        facts = dataclasses.replace(facts, last=last)
    return cases.submission(sent), facts, now


FAULTS = [status for status in Status if status is not Status.SUCCESS]


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(FAULTS, 2)))
def test_of_two_faults_the_earlier_one_is_answered(first: Status, second: Status) -> None:
    submission, facts, now = with_faults({first, second})
    assert decide(submission, facts, POLICY, now).status is first


@pytest.mark.parametrize("first", range(len(FAULTS)))
def test_of_all_faults_from_one_on_that_one_is_answered(first: int) -> None:
    submission, facts, now = with_faults(set(FAULTS[first:]))
    assert decide(submission, facts, POLICY, now).status is FAULTS[first]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone_is_answered(fault: Status) -> None:
    submission, facts, now = with_faults({fault})
    assert decide(submission, facts, POLICY, now).status is fault


@pytest.mark.parametrize("fault", FAULTS[: FAULTS.index(Status.INVALID_SIGNATURE)])
def test_what_is_cheap_to_refuse_is_refused_before_any_signature_is_verified(
    fault: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[bytes] = []
    genuine = SigningKey.verify

    def counting(key: SigningKey, signature: Any, payload: bytes) -> bool:
        verified.append(payload)
        return genuine(key, signature, payload)

    monkeypatch.setattr(SigningKey, "verify", counting)
    submission, facts, now = with_faults({fault})
    decide(submission, facts, POLICY, now)
    assert not verified
    assert decide(cases.submission(SENT), FACTS, POLICY, NOW).status is Status.SUCCESS
    assert len(verified) == 1


RAW = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.lists(st.integers())
)


def likely(value: object) -> st.SearchStrategy[object]:
    return st.just(value) | RAW


@given(
    st.builds(
        Submission.read,
        st.sampled_from(Operation),
        st.fixed_dictionaries({name: likely(value) for name, value in SENT.items() if name != "operation"}),
    ),
    st.sampled_from([FACTS, Facts(None, profile_exists=False, last=None, key=None, accepted_in_window=0)]),
)
def test_whatever_is_sent_is_answered_with_a_status(submission: Submission, facts: Facts) -> None:
    decision = decide(submission, facts, POLICY, NOW)
    assert isinstance(decision.status, Status)
    if decision.status is Status.SUCCESS:
        assert (submission, facts) == (SUBMISSION, FACTS)


def test_the_subject_is_what_can_be_read() -> None:
    read = SUBMISSION
    assert read.address is not None
    assert read.signing_key is not None
    assert (read.address.checksummed, read.handle) == (SENT["address"], SENT["handle"])
    assert read.signing_key.text == SENT["signingKey"]
    sent: dict[str, Any] = {
        "address": "x",
        "handle": "X",
        "message": None,
        "signature": None,
        "signingKey": {},
    }
    unread = Submission.read(Operation.FOLLOW, sent)
    assert (unread.address, unread.handle, unread.signing_key) == (None, None, None)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_t37_in_whatever_order_four_operations_arrive_the_log_only_goes_forward(
    order: tuple[int, ...],
) -> None:
    """Follow, unfollow, follow, unfollow, in any order: times rise, and every entry changes the state."""
    chains = {case["name"]: case["proofs"] for case in load("proofs.json")["chains"]}
    proofs = chains["a chain of our own"]
    last: Edge | None = None
    for index in order:
        proof = proofs[index]
        operation = Operation.UNFOLLOW if '"unfollow"' in proof["content"] else Operation.FOLLOW
        changes = {
            "operation": operation,
            "message": proof["content"],
            "signature": proof["signature"],
        }
        submission = cases.submission({**SENT, **changes})
        accepted = decide(submission, dataclasses.replace(FACTS, last=last), POLICY, NOW).accepted
        if accepted is None:
            continue
        following = operation is Operation.FOLLOW
        assert last is None or (accepted.message.ts > last.ts and following is not last.following)
        entry = accepted.entry
        last = Edge(entry.sequence, entry.entry_digest, accepted.message.ts, entry.digest, following)


def test_the_defaults_are_the_contracts() -> None:
    policy = Policy()
    assert (policy.past_ms, policy.future_ms) == (5 * 60_000, 60_000)
    assert (policy.signer_quota, policy.quota_window_ms, policy.max_live_keys) == (600, 60_000, 32)
    assert policy.entities is None
