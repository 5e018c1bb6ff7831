"""Owners and their followers: who is removed or blocked does not follow, by the owner's log alone."""

import io
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from tests.support.databases import count
from tests.support.handles import ABOUT_FOLLOWERS, OPS, act, request, send
from tests.support.operations import PROOF
from tests.support.people import DAY, Client, Device, Person, Ticker
from tests.support.work import looks_through, statements_of
from webapp.gateway.config import GatewayConfig
from webapp.gateway.log.export import export_log
from webapp.gateway.log.operation_log import OperationLog, Outcome
from webapp.gateway.log.rebuild import Difference, compare_projections, rebuild_projections
from webapp.gateway.tables import (
    answered,
    blocks,
    edges,
    follower_counts,
    following_counts,
    operations,
    profiles,
)
from webapp.protocol.address import Address
from webapp.protocol.facts import Decision, Policy
from webapp.protocol.handle_decision import HandleDecision
from webapp.protocol.proofs.proof_file import VerifiedFile, verify_file
from webapp.protocol.submissions import AnySubmission, submission_of
from webapp.storage.database import Database

SUCCESS, DONE, NOT_FOUND, TAKEN = "SUCCESS", "ALREADY_DONE", "HANDLE_NOT_FOUND", "HANDLE_TAKEN"
QUARANTINE_MS = 1_000
SEEN = """query ($me: AddressEVM!, $owner: AddressEVM!) {
  profileByHandle(handle: "alice") {
    followerCount isFollowedByMe(me: $me)
    followers { totalCount edges { node { address } } }
    searched: followers(search: "fred") { totalCount }
    blocked { totalCount edges { node { handle follower { address wallet { primaryProfile { handle } } } } } }
  }
  address(address: $me) {
    followingCount followsHandleOf(owner: $owner)
    followings { totalCount edges { node { handle } } }
    searched: followings(search: "al") { totalCount }
  }
}"""


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig(policy=Policy(quarantine_ms=QUARANTINE_MS))


def claimer(client: Client, handle: str) -> Person:
    """Somebody who has the handle that is their name."""
    person = Person(handle, Device(f"{handle}'s phone"))
    assert client.register(person) == SUCCESS
    assert act(client, "claim", person, handle) == SUCCESS
    return person


@pytest.fixture
def owner(client: Client) -> Person:
    return claimer(client, "alice")


@pytest.fixture
def fred(client: Client) -> Person:
    return claimer(client, "fred")


def check_seen(client: Client, owner: Person, who: Person, *, follows: bool, blocked: bool = False) -> None:
    """Counts, lists and marks of both people agree."""
    seen = client.data(SEEN, me=who.address, owner=owner.address)
    profile, address = seen["profileByHandle"], seen["address"]
    listed = [{"node": {"address": who.address}}] if follows else []
    shown = {"follower": {"address": who.address, "wallet": {"primaryProfile": {"handle": "fred"}}}}
    assert profile == {
        "followerCount": int(follows),
        "isFollowedByMe": follows,
        "followers": {"totalCount": int(follows), "edges": listed},
        "searched": {"totalCount": int(follows)},
        "blocked": {
            "totalCount": int(blocked),
            "edges": [{"node": {"handle": "alice", **shown}}] if blocked else [],
        },
    }
    assert address == {
        "followingCount": int(follows),
        "followsHandleOf": follows,
        "followings": {
            "totalCount": int(follows),
            "edges": [{"node": {"handle": "alice"}}] if follows else [],
        },
        "searched": {"totalCount": int(follows)},
    }


def test_a_removed_follower_is_nowhere_and_may_follow_again(
    client: Client, owner: Person, fred: Person, database: Database
) -> None:
    assert client.act("follow", fred, "alice") == SUCCESS
    check_seen(client, owner, fred, follows=True)
    assert act(client, "remove", owner, "alice", follower=fred.address.lower()) == SUCCESS
    check_seen(client, owner, fred, follows=False)
    assert act(client, "remove", owner, "alice", follower=fred.address) == DONE
    assert client.act("unfollow", fred, "alice") == DONE
    assert client.act("follow", fred, "alice") == SUCCESS
    check_seen(client, owner, fred, follows=True)
    assert client.act("follow", fred, "alice") == DONE
    assert client.act("unfollow", fred, "alice") == SUCCESS
    assert compare_projections(database).equal


def test_the_follow_that_was_ended_cannot_be_sent_again_by_anybody(
    client: Client, owner: Person, fred: Person, clock: Ticker
) -> None:
    """Every proof is public: the message of a follow must not undo what came after it."""
    first, second = (fred.request("follow", "alice", clock.now + later) for later in (1, 2))
    assert client.status("follow", first) == SUCCESS
    assert act(client, "remove", owner, "alice", follower=fred.address) == SUCCESS
    assert client.status("follow", first) == DONE
    check_seen(client, owner, fred, follows=False)
    assert client.status("follow", second) == SUCCESS
    assert act(client, "block", owner, "alice", follower=fred.address) == SUCCESS
    assert [client.status("follow", sent) for sent in (first, second)] == [NOT_FOUND] * 2
    assert act(client, "unblock", owner, "alice", follower=fred.address) == SUCCESS
    assert [client.status("follow", sent) for sent in (first, second)] == ["MESSAGE_EXPIRED", DONE]
    check_seen(client, owner, fred, follows=False)


def test_an_earlier_time_in_a_later_follow_does_not_matter(
    client: Client, owner: Person, fred: Person, clock: Ticker
) -> None:
    """The order is the log's: by the clocks of those who sign, this follow came before its end."""
    assert client.act("follow", fred, "alice", clock.now) == SUCCESS
    late = fred.request("follow", "alice", clock.now + 1)
    clock.now += 1_000
    assert act(client, "remove", owner, "alice", follower=fred.address) == SUCCESS
    assert client.status("follow", late) == SUCCESS
    check_seen(client, owner, fred, follows=True)


def test_a_blocked_follower_finds_no_handle(
    client: Client, owner: Person, fred: Person, database: Database
) -> None:
    assert client.act("follow", fred, "alice") == SUCCESS
    assert act(client, "block", owner, "alice", follower=fred.address) == SUCCESS
    check_seen(client, owner, fred, follows=False, blocked=True)
    assert client.act("follow", fred, "alice") == NOT_FOUND
    assert client.act("unfollow", fred, "alice") == DONE, "nothing is unremovable"
    assert act(client, "remove", owner, "alice", follower=fred.address) == DONE
    assert act(client, "block", owner, "alice", follower=fred.address) == DONE
    assert act(client, "unblock", owner, "alice", follower=fred.address) == SUCCESS
    check_seen(client, owner, fred, follows=False)
    assert act(client, "unblock", owner, "alice", follower=fred.address) == DONE
    assert client.act("follow", fred, "alice") == SUCCESS
    check_seen(client, owner, fred, follows=True)
    assert compare_projections(database).equal


def test_a_stranger_is_blocked_too_and_nobody_else_is(client: Client, owner: Person, fred: Person) -> None:
    """Nor is it of another handle: each has its own blocks."""
    assert act(client, "claim", owner, "second") == SUCCESS
    assert act(client, "block", owner, "alice", follower=fred.address) == SUCCESS
    assert client.act("follow", fred, "alice") == NOT_FOUND
    assert client.act("follow", fred, "second") == SUCCESS
    other = Person("other", Device("other's phone"))
    client.register(other)
    assert client.act("follow", other, "alice") == SUCCESS


@pytest.mark.parametrize("op", ABOUT_FOLLOWERS)
def test_only_the_owner_says_who_follows(
    op: str, client: Client, owner: Person, fred: Person, *, database: Database
) -> None:
    clock = client.clock
    client.act("follow", fred, "shiyu")
    length = count(database, operations)
    for handle, status in (("alice", TAKEN), ("shiyu", TAKEN), ("unknown", NOT_FOUND), ("Alice", NOT_FOUND)):
        assert act(client, op, fred, handle, follower=owner.address) == status
    own = request(owner, op, "alice", clock.now + 1, follower=owner.address)
    assert send(client, op, own)["status"] == "INVALID_MESSAGE"
    for follower in ("fred", "", owner.address.swapcase()):
        assert act(client, op, owner, "alice", follower=follower) == "INVALID_MESSAGE"
    for asked in OPS.keys() - {op}:
        crossed = request(owner, op, "alice", clock.now + 1, follower=fred.address)
        assert send(client, asked, crossed)["status"] == "INVALID_MESSAGE"
    assert count(database, operations) == length


@pytest.mark.parametrize("op", ["remove", "block"])
def test_a_removal_counts_against_the_quota_and_a_refused_one_does_not(
    op: str, client: Client, owner: Person, fred: Person
) -> None:
    client.act("follow", fred, "alice")
    for _ in range(Policy().signer_quota - 1):
        name = f"Name {client.clock.now}"
        assert act(client, "profile", owner, "alice", displayName=name) == SUCCESS
    assert act(client, op, owner, "alice", follower=fred.address) == "RATE_LIMITED"
    check_seen(client, owner, fred, follows=True)
    client.clock.now += Policy().quota_window_ms
    assert act(client, op, owner, "alice", follower=fred.address) == SUCCESS


def test_blocks_are_their_owners_and_bind_no_other(
    client: Client, owner: Person, fred: Person, database: Database
) -> None:
    """Who has the handle next decides anew; who has it again finds their own blocks as they were."""
    other = Person("other", Device("other's phone"))
    client.register(other)
    assert act(client, "block", owner, "alice", follower=fred.address) == SUCCESS
    assert act(client, "block", owner, "alice", follower=other.address) == SUCCESS
    assert act(client, "release", owner, "alice") == SUCCESS
    for op in ABOUT_FOLLOWERS:
        assert act(client, op, owner, "alice", follower=fred.address) == NOT_FOUND
    assert client.act("follow", fred, "alice") == NOT_FOUND
    assert act(client, "claim", owner, "alice") == SUCCESS
    assert client.act("follow", fred, "alice") == NOT_FOUND, "taken back, it has its blocks"
    assert act(client, "release", owner, "alice") == SUCCESS
    client.clock.now += QUARANTINE_MS
    assert act(client, "claim", other, "alice") == SUCCESS, "by whom its owner had blocked"
    check_seen(client, other, fred, follows=False)
    assert client.act("follow", fred, "alice") == SUCCESS
    for op in ABOUT_FOLLOWERS:
        assert act(client, op, owner, "alice", follower=fred.address) == TAKEN
    check_seen(client, other, fred, follows=True)
    assert act(client, "block", other, "alice", follower=fred.address) == SUCCESS
    check_seen(client, other, fred, follows=False, blocked=True)
    assert compare_projections(database).equal


def test_an_ended_follow_keeps_no_handle_from_its_next_owner(
    client: Client, owner: Person, fred: Person
) -> None:
    """Who follows a released handle holds it back; who was removed does not follow."""
    assert client.act("follow", fred, "alice") == SUCCESS
    assert act(client, "remove", owner, "alice", follower=fred.address) == SUCCESS
    assert act(client, "release", owner, "alice") == SUCCESS
    client.clock.now += QUARANTINE_MS
    assert act(client, "claim", fred, "alice") == SUCCESS


def test_whoever_follows_their_own_handle_from_before_unfollows_it(
    client: Client, alice: Person, database: Database
) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO follower_counts VALUES ('old', 0)")
    assert client.act("follow", alice, "shiyu") == SUCCESS
    with database.write() as connection:
        theirs = update(profiles).where(profiles.c.handle == "shiyu")
        connection.execute(theirs.values(owner_address=alice.address))
    assert act(client, "remove", alice, "shiyu", follower=alice.address) == "INVALID_MESSAGE"
    assert client.act("unfollow", alice, "shiyu") == SUCCESS


F, U, R, B, E = "follow", "unfollow", "remove", "block", "unblock"


@pytest.mark.parametrize(
    ("ops", "statuses", "follows"),
    [
        ([F, R, F], [SUCCESS, SUCCESS, SUCCESS], True),
        ([R, F], [DONE, SUCCESS], True),
        ([F, R], [SUCCESS, SUCCESS], False),
        ([F, B, F], [SUCCESS, SUCCESS, NOT_FOUND], False),
        ([F, B, E, F], [SUCCESS, SUCCESS, SUCCESS, SUCCESS], True),
        ([B, F, E, F, R, F], [SUCCESS, NOT_FOUND, SUCCESS, SUCCESS, SUCCESS, SUCCESS], True),
        ([F, F, R, U, F], [SUCCESS, DONE, SUCCESS, DONE, SUCCESS], True),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_in_a_batch_each_comes_after_those_before_it(
    ops: list[str],
    statuses: list[str],
    client: Client,
    owner: Person,
    fred: Person,
    *,
    follows: bool,
    database: Database,
) -> None:
    """One transaction decides them in their order, and what it appends is in that order in the log."""
    submissions: list[AnySubmission] = []
    for later, op in enumerate(ops, start=1):
        ts = client.clock.now + later
        if op in OPS:
            sent = request(owner, op, "alice", ts, follower=fred.address)
            submissions.append(submission_of(OPS[op], sent))
        else:
            submissions.append(submission_of(op, fred.request(op, "alice", ts)))
    log = OperationLog(database, Policy(), DAY, client.clock)
    outcomes = log.settle(submissions)
    found = [outcome.status for outcome in outcomes if isinstance(outcome, Decision | HandleDecision)]
    assert found == statuses
    done = [op for op, status in zip(ops, statuses, strict=True) if status == SUCCESS]
    with database.read() as connection:
        logged = connection.scalars(select(operations.c.op).order_by(operations.c.position))
        assert list(logged)[-len(done) :] == done
    assert client.profile("alice", fred.address)["isFollowedByMe"] is follows
    assert compare_projections(database).equal


def test_a_plain_follow_costs_no_statement_more(
    client: Client, owner: Person, fred: Person, database: Database
) -> None:
    """Whether somebody is blocked is one of the facts that are looked up together."""
    assert act(client, "block", owner, "alice", follower=Person("x").address) == SUCCESS
    log = OperationLog(database, Policy(), DAY, client.clock)
    client.clock.now += 1
    submission = submission_of("follow", fred.request("follow", "alice", client.clock.now))
    outcomes: list[Outcome] = []
    asked = statements_of(database, lambda: outcomes.extend(log.settle([submission])))
    [outcome] = outcomes
    assert isinstance(outcome, Decision)
    assert outcome.status == SUCCESS
    about_blocks = [statement for statement in asked if "blocks" in statement]
    assert len(about_blocks) == 1
    with database.read() as connection:
        assert not [step for step in looks_through(connection, about_blocks[0]) if "blocks" in step]


@pytest.mark.parametrize("op", ["remove", "block", "unblock"])
def test_the_same_message_again_is_already_done(
    op: str, client: Client, owner: Person, fred: Person, database: Database
) -> None:
    client.act("follow", fred, "alice")
    if op == "unblock":
        act(client, "block", owner, "alice", follower=fred.address)
    client.clock.now += 1
    sent = request(owner, op, "alice", client.clock.now, follower=fred.address)
    assert send(client, op, sent)["status"] == SUCCESS
    assert client.act("follow", fred, "alice") == (NOT_FOUND if op == "block" else SUCCESS)
    assert send(client, op, sent)["status"] == DONE, "also where it would find something to do again"
    assert client.profile("alice", fred.address)["isFollowedByMe"] is (op != "block")
    assert count(database, answered) == 0, "it is the last that was accepted"


def test_both_logs_verify_and_say_who_ended_it(
    client: Client, owner: Person, fred: Person, database: Database
) -> None:
    client.act("follow", fred, "alice")
    act(client, "remove", owner, "alice", follower=fred.address)
    client.act("follow", fred, "alice")
    act(client, "block", owner, "alice", follower=fred.address)
    with database.read() as connection:
        lines = [list(export_log(connection, Address(person.address))) for person in (fred, owner)]
    assert [json.loads(line)["op"] for line in lines[0]] == ["claim", "follow", "follow"]
    alone, together = (
        verify_file(io.BytesIO("".join(some).encode())) for some in (lines[0], lines[0] + lines[1])
    )
    assert isinstance(alone, VerifiedFile), alone
    assert alone.ended == ()
    assert isinstance(together, VerifiedFile), together
    assert [(each.address, each.operation, each.follower) for each in together.ended] == [
        (Address(owner.address), "block", Address(fred.address))
    ]


def test_a_block_is_listed_with_its_owners_proof(client: Client, owner: Person, fred: Person) -> None:
    """Newest first, in pages, and a whole reply verifies."""
    others = [Person(f"other {number}") for number in range(3)]
    for person in (fred, *others):
        assert act(client, "block", owner, "alice", follower=person.address) == SUCCESS
    text = f"""query ($after: String) {{ profileByHandle(handle: "alice") {{
      blocked(first: 3, after: $after) {{ totalCount pageInfo {{ hasNextPage endCursor }}
      edges {{ cursor node {{ handle proof {{ {PROOF} }} }} }} }} }} }}"""
    first = client.data(text)
    page: dict[str, Any] = first["profileByHandle"]["blocked"]
    named = [json.loads(edge["node"]["proof"]["content"])["follower"] for edge in page["edges"]]
    assert named == [person.address for person in reversed(others)]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, True)
    rest = client.data(text, after=page["pageInfo"]["endCursor"])["profileByHandle"]["blocked"]
    assert json.loads(rest["edges"][0]["node"]["proof"]["content"])["follower"] == fred.address
    assert isinstance(verify_file(io.BytesIO(json.dumps({"data": first}).encode())), VerifiedFile)
    typed = client.data(
        'query { profileByHandle(handle: "alice") { __typename blocked { __typename '
        f"edges {{ __typename node {{ __typename proof {{ {PROOF} }} }} }} }} }} }}"
    )
    assert isinstance(verify_file(io.BytesIO(json.dumps({"data": typed}).encode())), VerifiedFile)


def _forget_blocks(connection: Connection) -> None:
    connection.execute(delete(blocks))


def _bring_back(connection: Connection) -> None:
    connection.execute(update(edges).values(following=True).where(edges.c.handle == "alice"))


def _move_block(connection: Connection) -> None:
    connection.execute(update(blocks).values(position=99))


@pytest.mark.parametrize(
    ("corrupt", "expected"),
    [
        (_forget_blocks, Difference("blocks", missing=1, extra=0, wrong=0)),
        (_move_block, Difference("blocks", missing=0, extra=0, wrong=1)),
        # The follower's edge, and the owner's own, which never was a follow
        (_bring_back, Difference("edges", missing=0, extra=0, wrong=2)),
    ],
)
def test_what_was_corrupted_is_told_and_repaired(
    corrupt: Callable[[Connection], None],
    expected: Difference,
    client: Client,
    owner: Person,
    fred: Person,
    *,
    database: Database,
) -> None:
    client.act("follow", fred, "alice")
    act(client, "block", owner, "alice", follower=fred.address)
    with database.write() as connection:
        corrupt(connection)
    for find in (compare_projections, rebuild_projections):
        assert [difference for difference in find(database).differences if difference] == [expected]
    assert compare_projections(database).equal
    check_seen(client, owner, fred, follows=False, blocked=True)


def test_who_never_acted_gets_no_count_by_being_blocked(
    client: Client, owner: Person, database: Database
) -> None:
    stranger = Person("stranger").address
    assert act(client, "block", owner, "alice", follower=stranger) == SUCCESS
    of_stranger = following_counts.c.address == stranger
    assert count(database, following_counts, of_stranger) == 0
    assert count(database, edges, edges.c.address == stranger) == 0
    assert count(database, follower_counts, follower_counts.c.followers != 0) == 0


def test_reads_ask_no_more_where_somebody_is_blocked(
    client: Client, owner: Person, fred: Person, database: Database
) -> None:
    """Whether somebody follows stands in the edge, whoever ended it."""
    text = 'query ($me: AddressEVM!) { profileByHandle(handle: "alice") { isFollowedByMe(me: $me) } }'
    ask = partial(client.data, text, me=fred.address)
    before = len(statements_of(database, ask))
    act(client, "block", owner, "alice", follower=fred.address)
    assert len(statements_of(database, ask)) == before
