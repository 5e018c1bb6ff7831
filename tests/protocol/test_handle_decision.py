"""The status table of claims, releases and profiles: a case a rule, and every pair of faults in order."""

import dataclasses
import hashlib
import itertools
import json
from typing import Any

import pytest

from tests.support.people import DAY, NOW, Person, Wallet
from tests.support.protocol.cases import at_the_ends_of_the_window
from tests.support.protocol.chains import authorization_by, verify_proof
from tests.support.protocol.vectors import load
from webapp.protocol.address import Address
from webapp.protocol.facts import Answered, Edge, Facts, Policy, RegisteredKey
from webapp.protocol.handle_decision import HandleDecision, HandleFacts, Release, decide_handle
from webapp.protocol.handle_message import (
    ABOUT_FOLLOWERS,
    HandleMessage,
    HandleOperation,
    ProfileText,
    parse_logged_message,
)
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.verdicts import VerifiedProof
from webapp.protocol.status import HandleStatus, Status
from webapp.protocol.submissions import HandleSubmission

ALICE = Person("alice")
ME = Address(ALICE.address)
OTHER = Address(Wallet("bob").address)
KEY = RegisteredKey(authorization_by(ALICE), NOW + DAY, None)
POLICY = Policy(reserved_handles=frozenset({"admin"}), quarantine_ms=30 * DAY, max_handles=3)
CLAIM, RELEASE, PROFILE, REMOVE, BLOCK, UNBLOCK = HandleOperation
FRED = Address(Wallet("fred").address)
SHOWN = ProfileText("Alice", "Hello.", "")

NOBODYS = HandleFacts(
    pair=Facts(owner=None, profile_exists=False, last=None, key=KEY, accepted_in_window=0),
    release=None,
    has_followers=False,
    owned=0,
    shown=None,
)
STRANGER = NOBODYS.pair
FOLLOWS = dataclasses.replace(
    STRANGER, last=Edge(sequence=3, entry_digest="ab" * 32, ts=NOW - 10, digest="0" * 64, following=True)
)
BLOCKED = dataclasses.replace(STRANGER, blocked=True)
CLAIMED = Edge(sequence=1, entry_digest="ab" * 32, ts=NOW - 10, digest="0" * 64, following=False)


def of_pair(facts: HandleFacts, **changes: Any) -> HandleFacts:
    return dataclasses.replace(facts, pair=dataclasses.replace(facts.pair, **changes))


MINE = dataclasses.replace(
    of_pair(NOBODYS, owner=ME, profile_exists=True, last=CLAIMED), owned=1, shown=ProfileText("", "", "")
)
ANOTHERS = dataclasses.replace(
    of_pair(NOBODYS, owner=OTHER, profile_exists=True), shown=ProfileText("Bob", "", "")
)
RELEASED_BY_ME = dataclasses.replace(of_pair(NOBODYS, last=CLAIMED), release=Release(ME, NOW - 5))
RELEASED_BY_OTHER = dataclasses.replace(NOBODYS, release=Release(OTHER, NOW - 30 * DAY))
LATELY = dataclasses.replace(NOBODYS, release=Release(OTHER, NOW - 30 * DAY + 1))


def naming(facts: HandleFacts, follower: Facts) -> HandleFacts:
    return dataclasses.replace(facts, follower=follower)


def granting(operation: HandleOperation) -> HandleFacts:
    """Facts on which it succeeds."""
    if operation is CLAIM:
        return NOBODYS
    return naming(MINE, BLOCKED if operation is UNBLOCK else FOLLOWS)


def followed(facts: HandleFacts) -> HandleFacts:
    return dataclasses.replace(facts, has_followers=True)


def text_of(operation: HandleOperation, handle: str = "alice", ts: int = NOW, **changes: object) -> str:
    members: dict[str, object] = {"op": operation.value, "address": str(ME), "handle": handle, "ts": ts}
    if operation is PROFILE:
        members |= {"displayName": SHOWN.display_name, "bio": SHOWN.bio, "avatar": SHOWN.avatar}
    if operation in ABOUT_FOLLOWERS:
        members["follower"] = str(FRED)
    return json.dumps(members | changes)


def submission(operation: HandleOperation, handle: str = "alice", **changes: Any) -> HandleSubmission:
    text = changes.pop("message", text_of(operation, handle))
    fields = {
        "address": str(ME),
        "handle": handle,
        "message": text,
        "signature": ALICE.device.sign(text),
        "signingKey": ALICE.device.signing_key,
    }
    return HandleSubmission.read(operation, fields | changes)


def decided(
    operation: HandleOperation, facts: HandleFacts, handle: str = "alice", now: int = NOW, **changes: Any
) -> HandleDecision:
    return decide_handle(submission(operation, handle, **changes), facts, POLICY, now)


@pytest.mark.parametrize(
    ("operation", "facts"),
    [
        *((operation, granting(operation)) for operation in HandleOperation),
        (CLAIM, RELEASED_BY_ME),
        (CLAIM, RELEASED_BY_OTHER),
        (BLOCK, naming(MINE, STRANGER)),
    ],
)
def test_what_succeeds_is_appended_and_can_be_proved(operation: HandleOperation, facts: HandleFacts) -> None:
    decision = decided(operation, facts)
    assert (decision.status, decision.ts_in_server) == (HandleStatus.SUCCESS, NOW + 1)
    assert decision.accepted is not None
    entry = decision.accepted.entry
    assert entry.sequence == (2 if facts.pair.last else 1)
    proved = verify_proof(ProofOfConnection.of(entry))
    assert isinstance(proved, VerifiedProof)
    assert (proved.address, proved.handle, proved.operation) == (ME, "alice", operation)


T = HandleStatus.HANDLE_TAKEN
D = HandleStatus.ALREADY_DONE
S = HandleStatus.SUCCESS
N = HandleStatus.HANDLE_NOT_FOUND


@pytest.mark.parametrize(
    ("facts", "claim", "release", "profile"),
    [
        pytest.param(NOBODYS, S, N, N, id="nobody's"),
        pytest.param(MINE, D, S, S, id="mine"),
        pytest.param(ANOTHERS, T, D, T, id="another's"),
        pytest.param(RELEASED_BY_ME, S, D, N, id="released by me"),
        pytest.param(followed(RELEASED_BY_ME), S, D, N, id="released by me, with followers"),
        pytest.param(RELEASED_BY_OTHER, S, N, N, id="released by another, long ago"),
        pytest.param(LATELY, T, N, N, id="released by another, in quarantine"),
        pytest.param(followed(RELEASED_BY_OTHER), T, N, N, id="released by another, with followers"),
        pytest.param(followed(NOBODYS), T, N, N, id="vanished, with followers"),
    ],
)
def test_whose_a_handle_is_decides(
    facts: HandleFacts, claim: HandleStatus, release: HandleStatus, profile: HandleStatus
) -> None:
    answers = [decided(operation, facts).status for operation in (CLAIM, RELEASE, PROFILE)]
    assert answers == [claim, release, profile]
    # Only who owns a handle says who follows it: that is as with its profile.
    for operation in ABOUT_FOLLOWERS:
        known = naming(facts, BLOCKED if operation is UNBLOCK else FOLLOWS)
        assert decided(operation, known).status is profile


@pytest.mark.parametrize(
    ("follower", "remove", "block", "unblock"),
    [
        pytest.param(FOLLOWS, S, S, D, id="follows"),
        pytest.param(STRANGER, D, S, D, id="never followed"),
        pytest.param(
            dataclasses.replace(STRANGER, last=dataclasses.replace(CLAIMED, following=False)),
            D,
            S,
            D,
            id="does not follow any more",
        ),
        pytest.param(BLOCKED, D, D, S, id="is blocked"),
    ],
)
def test_what_a_follower_is_decides_whether_there_is_anything_to_do(
    follower: Facts, remove: HandleStatus, block: HandleStatus, unblock: HandleStatus
) -> None:
    answers = [decided(operation, naming(MINE, follower)).status for operation in ABOUT_FOLLOWERS]
    assert answers == [remove, block, unblock]


@pytest.mark.parametrize("operation", ABOUT_FOLLOWERS)
def test_nobody_is_removed_or_blocked_by_themselves(operation: HandleOperation) -> None:
    """Whoever followed a handle before owning it unfollows it, as always."""
    text = text_of(operation, follower=str(ME).lower())
    known = granting(operation)
    assert decided(operation, known, message=text).status is HandleStatus.INVALID_MESSAGE


@pytest.mark.parametrize("operation", ABOUT_FOLLOWERS)
@pytest.mark.parametrize("follower", [str(FRED).swapcase(), "fred", "", None])
def test_a_follower_is_named_by_an_address(operation: HandleOperation, follower: object) -> None:
    text = text_of(operation, follower=follower)
    assert decided(operation, granting(operation), message=text).status is HandleStatus.INVALID_MESSAGE


def test_a_profile_without_an_owner_is_nobodys_to_change() -> None:
    """Not even of the one who gave its handle back, whom a claim would have it again."""
    orphaned = of_pair(RELEASED_BY_ME, profile_exists=True)
    assert decided(PROFILE, orphaned).status is T
    assert decided(CLAIM, orphaned).status is S


def test_reserved_names_are_nobodys() -> None:
    """But whoever had one before it was reserved keeps it, and may give it back."""
    assert decided(CLAIM, NOBODYS, "admin").status is T
    assert decided(CLAIM, RELEASED_BY_ME, "admin").status is T
    assert decided(CLAIM, MINE, "admin").status is D
    assert decided(PROFILE, MINE, "admin").status is S
    assert decided(RELEASE, MINE, "admin").status is S


@pytest.mark.parametrize("operation", HandleOperation)
@pytest.mark.parametrize("handle", ["Alice", "@alice", "alice.cc", "", "x" * 21, "\u0430lice"])
def test_what_is_no_handle_is_not_found(operation: HandleOperation, handle: str) -> None:
    assert decided(operation, MINE, handle).status is HandleStatus.HANDLE_NOT_FOUND


@pytest.mark.parametrize("operation", HandleOperation)
@pytest.mark.parametrize(
    "change",
    [{"address": str(OTHER)}, {"handle": "bob"}, {"op": "follow"}, {"op": "unfollow"}, {"op": "x"}],
    ids=lambda change: "-".join(change.values()),
)
def test_t36_the_message_says_what_the_request_says(
    operation: HandleOperation, change: dict[str, Any]
) -> None:
    text = text_of(operation, **change)
    assert decided(operation, MINE, message=text).status is HandleStatus.INVALID_MESSAGE


@pytest.mark.parametrize(("asked", "said"), list(itertools.permutations(HandleOperation, 2)))
def test_t35_one_operation_is_never_taken_for_another(asked: HandleOperation, said: HandleOperation) -> None:
    assert decided(asked, MINE, message=text_of(said)).status is HandleStatus.INVALID_MESSAGE


@pytest.mark.parametrize("operation", HandleOperation)
@at_the_ends_of_the_window
def test_t40_the_window_has_both_ends(operation: HandleOperation, ts: int, *, timely: bool) -> None:
    facts = of_pair(granting(operation), last=None)
    status = decided(operation, facts, message=text_of(operation, ts=ts)).status
    assert status is (S if timely else HandleStatus.MESSAGE_EXPIRED)


@pytest.mark.parametrize("operation", HandleOperation)
def test_what_is_not_newer_than_the_pairs_last_operation_is_expired(operation: HandleOperation) -> None:
    last = dataclasses.replace(CLAIMED, ts=NOW)
    decision = decided(operation, of_pair(granting(operation), last=last))
    assert (decision.status, decision.ts_in_server) == (HandleStatus.MESSAGE_EXPIRED, NOW + 1)


def test_a_retry_after_a_lost_reply_is_already_done_whatever_its_age() -> None:
    for operation, before, after in (
        (CLAIM, NOBODYS, MINE),
        (RELEASE, MINE, dataclasses.replace(RELEASED_BY_ME, owned=0)),
        (PROFILE, MINE, dataclasses.replace(MINE, shown=SHOWN)),
        (REMOVE, naming(MINE, FOLLOWS), naming(MINE, STRANGER)),
        # Also where the follower has come back since: what was removed then is not removed again.
        (REMOVE, naming(MINE, FOLLOWS), naming(MINE, FOLLOWS)),
        (BLOCK, naming(MINE, FOLLOWS), naming(MINE, BLOCKED)),
        (UNBLOCK, naming(MINE, BLOCKED), naming(MINE, STRANGER)),
    ):
        accepted = decided(operation, before).accepted
        assert accepted is not None
        last = dataclasses.replace(CLAIMED, ts=NOW, digest=accepted.message.digest)
        later = NOW + DAY - 1
        assert decided(operation, of_pair(after, last=last), now=later).status is D


@pytest.mark.parametrize("operation", HandleOperation)
def test_a_message_is_never_appended_twice_even_on_facts_that_disagree(operation: HandleOperation) -> None:
    digest = hashlib.sha256(text_of(operation).encode()).hexdigest()
    last = dataclasses.replace(CLAIMED, ts=NOW, digest=digest)
    decision = decided(operation, of_pair(granting(operation), last=last))
    assert (decision.status, decision.accepted) == (D, None)


def test_what_was_answered_is_that_of_the_pair() -> None:
    answered = Answered(NOW, "a" * 64)
    assert of_pair(MINE, answered=answered).answered == answered


def test_a_profile_that_shows_just_that_is_already_done() -> None:
    assert decided(PROFILE, dataclasses.replace(MINE, shown=SHOWN)).status is D


def test_limits() -> None:
    """The quota of operations is that of follows; the number of handles binds claims alone."""
    for operation in HandleOperation:
        spent = of_pair(granting(operation), accepted_in_window=POLICY.signer_quota)
        assert decided(operation, spent).status is HandleStatus.RATE_LIMITED
    assert decided(CLAIM, dataclasses.replace(NOBODYS, owned=2)).status is S
    assert decided(CLAIM, dataclasses.replace(NOBODYS, owned=3)).status is HandleStatus.RATE_LIMITED
    assert decided(RELEASE, dataclasses.replace(MINE, owned=3)).status is S
    assert decided(PROFILE, dataclasses.replace(MINE, owned=9)).status is S


FAULTS = [status for status in HandleStatus if status not in (HandleStatus.SUCCESS, D)]


OF_THE_PAIR: dict[HandleStatus, dict[str, Any]] = {
    T: {"owner": OTHER},
    HandleStatus.RATE_LIMITED: {"accepted_in_window": POLICY.signer_quota},
    HandleStatus.EXPIRED_SIGNING_KEY: {"key": dataclasses.replace(KEY, expires_at=NOW)},
    HandleStatus.INVALID_SIGNING_KEY: {"key": dataclasses.replace(KEY, expires_at=NOW, revoked_at=NOW)},
    N: {"profile_exists": False},
}
OF_THE_REQUEST: dict[HandleStatus, dict[str, Any]] = {
    HandleStatus.MESSAGE_EXPIRED: {"ts": NOW - DAY},
    HandleStatus.INVALID_MESSAGE: {"message": "{}"},
    HandleStatus.INVALID_SIGNATURE: {"signature": "0x"},
    HandleStatus.INVALID_ADDRESS: {"address": "0x0"},
}


def with_faults(faults: set[HandleStatus], operation: HandleOperation = PROFILE) -> HandleDecision:
    """Bring about each of these faults in an operation that would succeed."""
    facts = granting(operation)
    changes: dict[str, Any] = {}
    for fault, change in OF_THE_PAIR.items():
        facts = of_pair(facts, **change) if fault in faults else facts
    for fault, change in OF_THE_REQUEST.items():
        changes |= change if fault in faults else {}
    if (ts := changes.pop("ts", None)) is not None:
        changes.setdefault("message", text_of(operation, ts=ts))
    return decided(operation, facts, **changes)


@pytest.mark.parametrize("operation", [PROFILE, *ABOUT_FOLLOWERS])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone_is_answered_and_appends_nothing(
    fault: HandleStatus, operation: HandleOperation
) -> None:
    decision = with_faults({fault}, operation)
    assert (decision.status, decision.accepted) == (fault, None)


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(FAULTS, 2)))
def test_of_two_faults_the_earlier_one_is_answered(first: HandleStatus, second: HandleStatus) -> None:
    assert with_faults({first, second}).status is first


@pytest.mark.parametrize("operation", [PROFILE, *ABOUT_FOLLOWERS])
@pytest.mark.parametrize("first", range(len(FAULTS)))
def test_of_all_faults_from_one_on_that_one_is_answered(first: int, operation: HandleOperation) -> None:
    assert with_faults(set(FAULTS[first:]), operation).status is FAULTS[first]


def test_a_quota_of_ones_own_counts_here_too() -> None:
    for operation in HandleOperation:
        none = of_pair(granting(operation), quota=0)
        assert decided(operation, none).status is HandleStatus.RATE_LIMITED


def test_what_is_done_already_spends_no_quota_and_needs_a_signature() -> None:
    spent = of_pair(MINE, accepted_in_window=POLICY.signer_quota)
    assert decided(CLAIM, spent).status is D
    assert decided(CLAIM, spent, signature="0x").status is HandleStatus.INVALID_SIGNATURE


def test_the_order_is_that_of_follows_with_one_more() -> None:
    assert [status.value for status in HandleStatus if status is not T] == [status.value for status in Status]
    order = list(HandleStatus)
    assert order.index(T) == order.index(HandleStatus.INVALID_SIGNATURE) + 1


def test_a_profile_without_anything_to_see_is_refused_and_an_old_log_is_read_as_it_was() -> None:
    for case in load("display-texts.json")["refuse"]:
        for change in ({"displayName": case["text"]}, {"bio": case["text"]}):
            assert (
                decided(PROFILE, MINE, message=text_of(PROFILE, **change)).status
                is HandleStatus.INVALID_MESSAGE
            )
    for case in load("display-texts.json")["accept"][1:]:
        message = text_of(PROFILE, displayName=case["text"], bio=case["text"])
        assert decided(PROFILE, MINE, message=message).status is HandleStatus.SUCCESS
    old = text_of(PROFILE, displayName="\u3164")
    assert isinstance(parse_logged_message(old), HandleMessage), "what the log was made from"
